using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Tests.Builders;

/// <summary>Writes what Fujitsu's firmware writes (makedumpfile's sadump_mod.h): one partition, its copy in a file, or a set of
/// disks.</summary>
internal sealed class SaDumpBuilder(int frames)
{
    public const int Block = 4096;

    private const int CpuState = 1024;

    private readonly SortedDictionary<int, byte[]> pages = [];
    private readonly bool[] ram = new bool[frames];

    public uint Version { get; init; } = 1;

    /// <summary>The registers of a CPU by its APIC id.</summary>
    public byte[][] Cpus { get; init; } = [];

    /// <summary>Bitmaps, each of whole blocks.</summary>
    private int MapBlocks => (frames + 8 * Block - 1) / (8 * Block);

    private int SubBlocks => Cpus.Length == 0 ? 0 : (4 + Cpus.Length * (16 + CpuState) + Block - 1) / Block;

    public SaDumpBuilder Page(int frame, byte[] page)
    {
        pages[frame] = page;
        ram[frame] = true;
        return this;
    }

    public SaDumpBuilder Ram(int frame)
    {
        ram[frame] = true;
        return this;
    }

    /// <summary>All pages that a dump holds; what it left out is RAM that is not stored.</summary>
    public static SaDumpBuilder Of(Dump dump)
    {
        var made = new SaDumpBuilder((int)dump.MaxPfn.Value);
        for (ulong pfn = 0; pfn < dump.MaxPfn.Value; pfn++)
        {
            byte[] page = new byte[dump.PageSize];
            PageState state = dump.ReadPage(new Pfn(pfn), page);
            if (state == PageState.Present)
                made.Page((int)pfn, page);
            else if (state == PageState.Excluded)
                made.Ram((int)pfn);
        }
        return made;
    }

    public byte[] Partition() => Disk(0, 1, long.MaxValue, 0);

    /// <summary>A copy that the firmware's tool made: a header of the medium before the same.</summary>
    public byte[] Copy()
    {
        byte[] whole = Partition(), copy = new byte[Block + whole.Length];
        whole.AsSpan(88, 48).CopyTo(copy);
        copy[48] = 1;
        whole.CopyTo(copy, Block);
        return copy;
    }

    /// <summary>A set whose first disk holds so many pages, the second the same, and so on.</summary>
    public byte[][] Set(params int[] pagesOf)
    {
        byte[][] disks = new byte[pagesOf.Length][];
        for (int i = 0, first = 0; i < disks.Length; first += pagesOf[i++])
            disks[i] = Disk(i + 1, pagesOf.Length, pagesOf[i], first);
        return disks;
    }

    private byte[] Disk(int number, int of, long count, int first)
    {
        var w = new ByteWriter();
        w.Put(0, "sadump\0\0"u8);
        for (int id = 0; id < 48; id++)
            w.Put(88 + id, [(byte)(id < 32 ? 0x40 + id : 0x80 + number)]);
        Time(w, 136);
        w.U32(152, (uint)number);
        uint magic = 0x1234;
        for (int i = 0; i < 982; i++, magic = unchecked((magic + 7) * 11))
            w.U32(168 + 4 * i, magic);
        w.Pad(Block);
        int at = Block;
        if (number == 1)
        {
            w.U32(at, 1);
            w.U32(at + 4, (uint)of);
            for (int other = 2; other <= of; other++)
            {
                for (int id = 32; id < 48; id++)
                    w.Put(at + 16 + (other - 2) * 32 + id - 32, [(byte)(0x80 + other)]);
            }
            w.Pad(at += Block);
        }
        if (number <= 1)
            at = Headers(w, at);
        foreach (byte[] page in pages.Values.Skip(first).Take((int)Math.Min(count, int.MaxValue)))
        {
            w.Put(at, page);
            at += Block;
        }
        w.Pad(at);
        w.U64(160, number == 0 ? 0 : (ulong)at);
        return w.ToArray();
    }

    private int Headers(ByteWriter w, int at)
    {
        w.Put(at, "sadump\0\0"u8);
        w.U32(at + 8, Version);
        Time(w, at + 16);
        w.U32(at + 40, Block);
        w.U32(at + 48, (uint)SubBlocks);
        w.U32(at + 52, (uint)MapBlocks);
        w.U32(at + 56, (uint)MapBlocks);
        w.U32(at + 60, Version == 0 ? (uint)frames : 0);
        w.U32(at + 72, (uint)pages.Count);
        w.U32(at + 80, (uint)Cpus.Length);
        w.U64(at + 88, Version == 0 ? 0 : (ulong)frames);
        w.U64(at + 112, (ulong)pages.Count);
        w.Pad(at += Block);
        if (Cpus.Length > 0)
        {
            w.U32(at, (uint)(Cpus.Length * CpuState));
            for (int cpu = 0; cpu < Cpus.Length; cpu++)
                w.Put(at + 4 + Cpus.Length * 16 + cpu * CpuState, Cpus[cpu]);
            w.Pad(at += SubBlocks * Block);
        }
        // The highest bit of a byte is the first frame.
        foreach (Func<int, bool> isSet in (Func<int, bool>[])[f => ram[f], pages.ContainsKey])
        {
            byte[] map = new byte[MapBlocks * Block];
            for (int frame = 0; frame < frames; frame++)
                map[frame / 8] |= (byte)(isSet(frame) ? 0x80 >> frame % 8 : 0);
            w.Put(at, map);
            at += map.Length;
        }
        return at;
    }

    /// <summary>2024-02-29 12:34:56, one hour east of UTC.</summary>
    private static void Time(ByteWriter w, int at)
    {
        w.U16(at, 2024);
        w.Put(at + 2, [2, 29, 12, 34, 56]);
        w.U16(at + 12, unchecked((ushort)-60));
    }
}
