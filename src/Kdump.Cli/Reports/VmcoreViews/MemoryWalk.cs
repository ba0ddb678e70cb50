using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>A number in memory, or a run of numbers that are missing for the same reason.</summary>
/// <param name="Count">Count of numbers: 1 for one that is present.</param>
internal readonly record struct MemoryPart(VirtualAddress At, ulong Value, MemoryState State, long Count);

/// <summary>Reads a range of memory as numbers of one width.</summary>
internal static class MemoryWalk
{
    public static IEnumerable<MemoryPart> Of(KernelMemory memory, VirtualAddress start, long count, int width)
    {
        byte[] raw = new byte[width];
        for (long i = 0; i < count; i++)
        {
            VirtualAddress at = start + width * i;
            MemoryState state = memory.Read(at, raw);
            if (state == MemoryState.Present)
            {
                yield return new(at, Number(raw), state, 1);
                continue;
            }
            long last = LastMissing(memory, start, i, count, width, state);
            yield return new(at, 0, state, last + 1 - i);
            i = last;
        }
    }

    /// <summary>
    /// A text up to its NUL, or up to memory that is missing: the state of that memory, and its address. One that does not end within
    /// <paramref name="limit"/> bytes ends with "…".
    /// </summary>
    public static (string Text, MemoryState State, VirtualAddress End) Text(KernelMemory memory, VirtualAddress start, int limit)
    {
        byte[] raw = new byte[limit];
        int done = 0;
        while (done < limit)
        {
            VirtualAddress at = start + done;
            int here = (int)Math.Min(limit - done, KernelMemory.BlockPage - (long)(at.Value & (KernelMemory.BlockPage - 1)));
            MemoryState state = memory.Read(at, raw.AsSpan(done, here));
            if (state != MemoryState.Present)
                return (Encoding.UTF8.GetString(raw, 0, done), state, at);
            int nul = Array.IndexOf(raw, (byte)0, done, here);
            if (nul >= 0)
                return (Encoding.UTF8.GetString(raw, 0, nul), MemoryState.Present, start + nul);
            done += here;
        }
        return (Encoding.UTF8.GetString(raw) + "…", MemoryState.Present, start + limit);
    }

    public static ulong Number(ReadOnlySpan<byte> raw) => raw.Length switch
    {
        1 => raw[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(raw),
    };

    /// <summary>The index of the last number that is missing for the same reason as number <paramref name="i"/>.</summary>
    public static long LastMissing(KernelMemory memory, VirtualAddress start, long i, long count, int width, MemoryState state)
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
        return last;
    }
}
