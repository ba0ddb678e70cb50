using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Prints memory as bytes, numbers, words with what they point at, or text. Missing memory is marked in its place.</summary>
internal sealed class MemoryText(KernelMemory memory, TextWriter output, AddressBrief brief)
{
    private const int Row = 16;

    /// <summary>Prints one word per line, with what it points at.</summary>
    public void Told(VirtualAddress start, long count, bool onlyPointers = false)
    {
        for (long i = 0; i < count; i++)
        {
            VirtualAddress at = start + 8 * i;
            byte[] raw = new byte[8];
            MemoryState state = memory.Read(at, raw);
            if (state != MemoryState.Present)
            {
                i = SkipMissing(start, i, count, 8, state);
                continue;
            }
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(raw);
            string what = brief.Of(word);
            if (what.Length > 0 || !onlyPointers)
                output.WriteLine($"{at}:  {word:x16}  {Characters(raw)}  {what}".TrimEnd());
        }
    }

    /// <summary>Prints rows of numbers of one width, with their characters.</summary>
    /// <param name="count">Count of numbers, not of bytes.</param>
    /// <param name="radix">16 or 10.</param>
    /// <param name="characters">With the characters behind them.</param>
    public void Numbers(VirtualAddress start, long count, int width, int radix = 16, bool characters = true)
    {
        int perRow = Row / width;
        for (long i = 0; i < count; i += perRow)
        {
            VirtualAddress at = start + width * i;
            int here = (int)Math.Min(perRow, count - i);
            StringBuilder line = new($"{at}:  ");
            StringBuilder shown = new();
            byte[] raw = new byte[width];
            int missing = 0;
            MemoryState state = MemoryState.Present;
            for (int k = 0; k < here; k++)
            {
                MemoryState one = memory.Read(at + width * k, raw);
                if (one != MemoryState.Present)
                {
                    missing++;
                    state = one;
                    line.Append(new string('.', radix == 16 ? 2 * width : 3)).Append(' ');
                    shown.Append(' ', width);
                    continue;
                }
                ulong value = width switch
                {
                    1 => raw[0],
                    2 => BinaryPrimitives.ReadUInt16LittleEndian(raw),
                    4 => BinaryPrimitives.ReadUInt32LittleEndian(raw),
                    _ => BinaryPrimitives.ReadUInt64LittleEndian(raw),
                };
                line.Append(radix == 16 ? value.ToString("x" + 2 * width, CultureInfo.InvariantCulture)
                    : value.ToString(CultureInfo.InvariantCulture).PadLeft(width * 5 / 2 + 1)).Append(' ');
                shown.Append(Characters(raw));
            }
            if (missing == here)
            {
                long last = SkipMissing(start, i, count, width, state);
                // Continue at least with the next row: the memory there may be missing for another reason.
                i = Math.Max(i, (last + 1) / perRow * perRow - perRow);
                continue;
            }
            output.WriteLine($"{line.ToString().PadRight(20 + perRow * (2 * width + 1))}  {(characters ? shown : "")}".TrimEnd() +
                (missing > 0 ? $"  ({state.Mark()})" : ""));
        }
    }

    /// <summary>A text up to its NUL.</summary>
    public void Text(VirtualAddress start, int limit)
    {
        string? text = memory.Text(start, limit);
        output.WriteLine(text is null ? $"{start}:  {memory.Read(start, new byte[1]).Mark()}" : $"{start}:  {ObjectValue.Quoted(text)}");
    }

    /// <summary>
    /// Prints one line for all following numbers that are missing for the same reason; returns the index of the last of them.
    /// </summary>
    private long SkipMissing(VirtualAddress start, long i, long count, int width, MemoryState state)
    {
        long last = i;
        byte[] raw = new byte[width];
        while (last + 1 < count)
        {
            VirtualAddress next = start + width * (last + 1);
            // A page is either completely present or completely missing.
            long inPage = (KernelMemory.BlockPage - (long)(next.Value & (KernelMemory.BlockPage - 1)) + width - 1) / width;
            if (memory.Read(next, raw) != state)
                break;
            last = Math.Min(count - 1, last + Math.Max(1, inPage));
        }
        VirtualAddress from = start + width * i, to = start + width * (last + 1);
        output.WriteLine($"{from}:  {state.Mark()} up to {to} ({Counted.Of(width * (last + 1 - i), "byte")})");
        return last;
    }

    private static string Characters(ReadOnlySpan<byte> raw)
    {
        Span<char> text = stackalloc char[raw.Length];
        for (int i = 0; i < raw.Length; i++)
            text[i] = raw[i] is >= 0x20 and < 0x7F ? (char)raw[i] : '.';
        return text.ToString();
    }
}
