using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>
/// The kernel log before the lockless ring buffer. Linux commit 7ff9554bb578 ("printk: convert byte-buffer to variable-length record
/// buffer") (v3.5) made log_buf records {ts_nsec, len, text_len, dict_len, facility, flags and level} followed by text and dictionary;
/// after a record of length 0 the log continues at the start of the buffer. The struct was called log until 3.11. Before 3.5 log_buf was
/// text.
/// </summary>
internal static class PrintkBuffer
{
    private const int MaxBuffer = 1 << 30;

    public static PrintkLog Read(KernelMemory memory, Keys keys)
    {
        VirtualAddress Symbol(string name) =>
            keys.Symbol(name) ?? throw new InputException(memory.Name, $"SYMBOL({name})", -1, "missing in VMCOREINFO");
        VirtualAddress buffer = memory.Pointer(Symbol("log_buf"), "log_buf");
        uint length = memory.U32(Symbol("log_buf_len"), "log_buf_len");
        if (length is 0 or > MaxBuffer)
            throw new InputException(memory.Name, "log_buf_len", -1, $"{length} is no length of a log");
        MemoryBlock log = memory.ReadBlock(buffer, (int)length);
        if (keys.Symbol("log_first_idx") is not { } first)
            return Plain(memory, keys, log);
        uint from = memory.U32(first, "log_first_idx"), to = memory.U32(Symbol("log_next_idx"), "log_next_idx");
        return Records(memory, keys, log, from, to);
    }

    private static PrintkLog Plain(KernelMemory memory, Keys keys, MemoryBlock log)
    {
        uint end = memory.U32(keys.Symbol("log_end")
            ?? throw new InputException(memory.Name, "SYMBOL(log_end)", -1, "missing in VMCOREINFO"), "log_end");
        uint logged = keys.Symbol("logged_chars") is { } at ? memory.U32(at, "logged_chars") : end;
        int count = (int)Math.Min(logged, (uint)log.Length);
        int last = (int)(end & (uint)(log.Length - 1));
        byte[] text = new byte[count];
        for (int i = 0; i < count; i++)
            text[count - 1 - i] = log.Bytes[(int)((last - 1L - i + 2L * log.Length) % log.Length)];
        List<Damage> damages = log.Whole ? []
            : [new Damage(memory.Name, "log_buf", -1, "some of its pages are missing and were replaced by zeros")];
        return new PrintkLog([new PrintkRecord(0, 0, 0, 0, null, null, text)], damages, "text");
    }

    private static PrintkLog Records(KernelMemory memory, Keys keys, MemoryBlock log, uint from, uint to)
    {
        string type = keys.Size("printk_log") is not null ? "printk_log" : "log";
        int Offset(string member) =>
            keys.Offset($"{type}.{member}")
            ?? throw new InputException(memory.Name, $"OFFSET({type}.{member})", -1, "missing in VMCOREINFO");
        int header = keys.Size(type) is { } size and >= 16 and <= 64 ? size
            : throw new InputException(memory.Name, $"SIZE({type})", -1, "missing in VMCOREINFO");
        int timeAt = Offset("ts_nsec"), lenAt = Offset("len"), textAt = Offset("text_len");
        int callerAt = keys.Offset($"{type}.caller_id") ?? -1;
        List<PrintkRecord> records = [];
        List<Damage> damages = [];
        long walked = 0;
        for (uint at = from; at != to;)
        {
            try
            {
                ReadOnlySpan<byte> record = log.Slice((int)Math.Min(at, int.MaxValue), header, type);
                int length = BinaryPrimitives.ReadUInt16LittleEndian(record[lenAt..]);
                if (length == 0)
                {
                    if (at < to)
                        throw new InputException(memory.Name, $"{type}.len", -1, $"0 at {at:x}, before the end at {to:x}");
                    walked += log.Length - at;
                    at = 0;
                    if (walked > 2L * log.Length)
                        break;
                    continue;
                }
                int text = BinaryPrimitives.ReadUInt16LittleEndian(record[textAt..]);
                if (length < header || header + text > length)
                    throw new InputException(memory.Name, $"{type}.len", -1,
                        $"{length} at {at:x} does not hold a header and {text} bytes of text");
                // facility follows dict_len, which follows text_len; then flags:5, level:3.
                records.Add(new PrintkRecord((ulong)records.Count, BinaryPrimitives.ReadUInt64LittleEndian(record[timeAt..]),
                    record[textAt + 4], record[textAt + 5] >> 5, callerAt < 0 ? null
                        : BinaryPrimitives.ReadUInt32LittleEndian(record[callerAt..]), null,
                    log.Slice((int)at + header, text, $"{type} text").ToArray()));
                at += (uint)length;
                walked += length;
                if (walked > log.Length)
                    throw new InputException(memory.Name, "log_next_idx", -1, $"{to:x} is never reached");
            }
            catch (Exception e) when (e is InputException or ArgumentOutOfRangeException)
            {
                // The length of this record determines where the next one begins, so the walk must end here.
                damages.Add(e is InputException input ? Damage.From(input)
                    : new Damage(memory.Name, type, -1, "fields lie outside of the structure"));
                break;
            }
        }
        return new PrintkLog(records, damages, "records");
    }
}
