using System.Buffers;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>
/// The kernel log out of memory, by the keys of VMCOREINFO alone. Three forms: the ring buffer of records and texts (5.10 and newer),
/// records in log_buf (3.5 to 5.9), plain text (older).
/// </summary>
public sealed class PrintkLog
{
    private const int PieceBytes = 8192;

    public PrintkLog(IReadOnlyList<PrintkRecord> records, IReadOnlyList<Damage> damages, string form)
    {
        Records = records;
        Damages = damages;
        Form = form;
    }

    public IReadOnlyList<PrintkRecord> Records { get; }

    /// <summary>Records that could not be read, and why.</summary>
    public IReadOnlyList<Damage> Damages { get; }

    /// <summary><c>ring buffer</c>, <c>records</c> or <c>text</c>.</summary>
    public string Form { get; }

    /// <exception cref="InputException">There is no log that could be read.</exception>
    public static PrintkLog Read(KernelMemory memory, Keys keys)
    {
        if (keys.Symbol("prb") is { } prb)
            return PrintkRing.Read(memory, keys, prb);
        return keys.Symbol("log_buf") is not null
            ? PrintkBuffer.Read(memory, keys)
            : throw new InputException(memory.Name, "SYMBOL(prb)", -1, "VMCOREINFO names neither prb nor log_buf");
    }

    /// <summary>
    /// The log as text: byte for byte what <c>makedumpfile --dump-dmesg</c> writes, but see
    /// <see cref="PrintkRecord.Print(IBufferWriter{byte}, bool)"/>.
    /// </summary>
    /// <param name="caller">With who wrote each line, where the kernel keeps that.</param>
    public void Print(IBufferWriter<byte> output, bool caller = false)
    {
        foreach (PrintkRecord record in Records)
            Print(record, output, caller);
    }

    /// <inheritdoc cref="Print(IBufferWriter{byte}, bool)"/>
    public void Print(Stream output, bool caller = false)
    {
        ArrayBufferWriter<byte> piece = new(2 * PieceBytes);
        foreach (PrintkRecord record in Records)
        {
            Print(record, piece, caller);
            if (piece.WrittenCount < PieceBytes)
                continue;
            output.Write(piece.WrittenSpan);
            piece.ResetWrittenCount();
        }
        output.Write(piece.WrittenSpan);
    }

    public string Text(bool caller = false)
    {
        ArrayBufferWriter<byte> output = new(1 << 16);
        Print(output, caller);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private void Print(PrintkRecord record, IBufferWriter<byte> output, bool caller)
    {
        if (Form == "text")
            output.Write(record.Bytes.Span);
        else
            record.Print(output, caller);
    }
}
