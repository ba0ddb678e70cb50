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
        foreach (MemoryPart part in MemoryWalk.Of(memory, start, count, 8))
        {
            if (part.State != MemoryState.Present)
            {
                Missing(part.At, 8 * part.Count, part.State);
                continue;
            }
            string what = brief.Of(part.Value);
            if (what.Length > 0 || !onlyPointers)
                output.WriteLine($"{part.At}:  {part.Value:x16}  {Characters(BitConverter.GetBytes(part.Value))}  {what}".TrimEnd());
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
                ulong value = MemoryWalk.Number(raw);
                line.Append(radix == 16 ? value.ToString("x" + 2 * width, CultureInfo.InvariantCulture)
                    : value.ToString(CultureInfo.InvariantCulture).PadLeft(width * 5 / 2 + 1)).Append(' ');
                shown.Append(Characters(raw));
            }
            if (missing == here)
            {
                long last = MemoryWalk.LastMissing(memory, start, i, count, width, state);
                Missing(at, width * (last + 1 - i), state);
                // Continue at least with the next row: the memory there may be missing for another reason.
                i = Math.Max(i, (last + 1) / perRow * perRow - perRow);
                continue;
            }
            output.WriteLine($"{line.ToString().PadRight(20 + perRow * (2 * width + 1))}  {(characters ? shown : "")}".TrimEnd() +
                (missing > 0 ? $"  ({state.Mark()})" : ""));
        }
    }

    /// <summary>Prints a text up to its NUL.</summary>
    public void Text(VirtualAddress start, int limit)
    {
        (string text, MemoryState state, VirtualAddress end) = MemoryWalk.Text(memory, start, limit);
        if (state == MemoryState.Present || text.Length > 0)
            output.WriteLine($"{start}:  {ObjectValue.Quoted(text)}");
        if (state != MemoryState.Present)
            output.WriteLine($"{end}:  {state.Mark()}");
    }

    /// <summary>Prints one line for a range that is missing.</summary>
    private void Missing(VirtualAddress from, long bytes, MemoryState state) =>
        output.WriteLine($"{from}:  {state.Mark()} up to {from + bytes} ({Counted.Of(bytes, "byte")})");

    private static string Characters(ReadOnlySpan<byte> raw)
    {
        Span<char> text = stackalloc char[raw.Length];
        for (int i = 0; i < raw.Length; i++)
            text[i] = raw[i] is >= 0x20 and < 0x7F ? (char)raw[i] : '.';
        return text.ToString();
    }
}
