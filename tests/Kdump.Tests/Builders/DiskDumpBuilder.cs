using System.Text;

namespace Kdump.Tests.Builders;

/// <summary>
/// A kdump-compressed file in any version, word size and byte order. What it writes by itself is right; tests break it by
/// <see cref="Patch"/>, or by cutting what <see cref="Build"/> gives.
/// </summary>
public sealed class DiskDumpBuilder
{
    private readonly SortedDictionary<long, (byte[] Stored, uint Flags)> pages = [];
    private readonly HashSet<long> ram = [];
    private readonly List<(long At, byte[] Bytes)> patches = [];

    public string Signature { get; init; } = "KDUMP   ";

    public int Version { get; init; } = 6;

    public bool Is64 { get; init; } = true;

    public bool BigEndian { get; init; }

    /// <summary>On 32-bit machines other than i386, off_t is aligned to 8.</summary>
    public bool AlignedOffsets { get; init; }

    public string Machine { get; init; } = "x86_64";

    public int BlockSize { get; init; } = 4096;

    public long MaxMapnr { get; init; } = 100;

    public uint Status { get; init; }

    public int DumpLevel { get; init; } = 31;

    public (long Start, long End)? Split { get; init; }

    public bool OneBitmap { get; init; }

    public byte[] Notes { get; init; } = [];

    public string? VmcoreInfo { get; init; }

    /// <summary>Where the bitmaps, the descriptors and the pages of the last build begin.</summary>
    public (int Bitmaps, int Descriptors, int Pages) Layout { get; private set; }

    public static byte[] Content(long pfn, int size = 4096)
    {
        byte[] page = new byte[size];
        Random random = new((int)pfn + 1);
        // Half noise, half pattern: every codec gains, none gains everything.
        random.NextBytes(page.AsSpan(0, size / 2));
        page.AsSpan(size / 2).Fill((byte)(pfn & 0xff));
        return page;
    }

    public DiskDumpBuilder Page(long pfn, uint compression = PageCompression.Raw) =>
        Stored(pfn, PageCompression.Compress(compression, Content(pfn, BlockSize)), compression);

    public DiskDumpBuilder Stored(long pfn, byte[] stored, uint flags)
    {
        pages[pfn] = (stored, flags);
        ram.Add(pfn);
        return this;
    }

    public DiskDumpBuilder Excluded(long pfn)
    {
        ram.Add(pfn);
        return this;
    }

    /// <summary>Overwrites bytes of the finished file.</summary>
    public DiskDumpBuilder Patch(long at, params byte[] bytes)
    {
        patches.Add((at, bytes));
        return this;
    }

    public byte[] Build()
    {
        ByteWriter w = new(BigEndian);
        int perBitmap = (int)((MaxMapnr + 8L * BlockSize - 1) / (8L * BlockSize));
        int bitmapBlocks = OneBitmap ? perBitmap : 2 * perBitmap;
        int note = BlockSize + 256, info = note + Notes.Length;
        int subBlocks = (256 + Notes.Length + (VmcoreInfo?.Length ?? 0) + BlockSize - 1) / BlockSize;
        int bitmaps = (1 + subBlocks) * BlockSize, descriptors = bitmaps + bitmapBlocks * BlockSize;
        Main(w, subBlocks, (uint)bitmapBlocks);
        Sub(w, note, info);
        w.Put(note, Notes);
        if (VmcoreInfo is not null)
            w.Put(info, Encoding.ASCII.GetBytes(VmcoreInfo));
        byte[] first = new byte[perBitmap * BlockSize], second = new byte[perBitmap * BlockSize];
        foreach (long pfn in ram)
            first[pfn / 8] |= (byte)(1 << (int)(pfn % 8));
        foreach (long pfn in pages.Keys)
            second[pfn / 8] |= (byte)(1 << (int)(pfn % 8));
        if (!OneBitmap)
            w.Put(bitmaps, first);
        w.Put(bitmaps + (OneBitmap ? 0 : first.Length), second);
        (byte[] Stored, uint Flags)[] held =
            [.. pages.Where(p => Split is not { } s || (p.Key >= s.Start && p.Key < s.End)).Select(p => p.Value)];
        int descriptor = descriptors, data = descriptors + held.Length * 24;
        Layout = (bitmaps, descriptors, data);
        // Pages given as one array share their bytes in the file, as all zero pages of makedumpfile do.
        Dictionary<byte[], int> shared = new(ReferenceEqualityComparer.Instance);
        foreach ((byte[] stored, uint flags) in held)
        {
            if (!shared.TryGetValue(stored, out int at))
            {
                shared[stored] = at = data;
                w.Put(data, stored);
                data += stored.Length;
            }
            w.U64(descriptor, (ulong)at);
            w.U32(descriptor + 8, (uint)stored.Length);
            w.U32(descriptor + 12, flags);
            w.U64(descriptor + 16, 0);
            descriptor += 24;
        }
        foreach ((long at, byte[] bytes) in patches)
            w.Put(at, bytes);
        return w.ToArray();
    }

    private void Main(ByteWriter w, int subBlocks, uint bitmapBlocks)
    {
        w.Put(0, Encoding.ASCII.GetBytes(Signature));
        w.U32(8, (uint)Version);
        string[] uts = ["Linux", "host", "6.1.0-test", "#1 SMP", Machine, "(none)"];
        for (int i = 0; i < uts.Length; i++)
            w.Put(12 + 65 * i, Encoding.ASCII.GetBytes(uts[i]));
        int at = Is64 ? 424 : 412;
        w.Word(Is64 ? 408 : 404, 1_700_000_000, Is64);
        w.U32(at, Status);
        w.U32(at + 4, (uint)BlockSize);
        w.U32(at + 8, (uint)subBlocks);
        w.U32(at + 12, bitmapBlocks);
        w.U32(at + 16, (uint)MaxMapnr);
        w.U32(at + 36, 2);
        w.Pad(BlockSize);
    }

    private void Sub(ByteWriter w, int note, int info)
    {
        int at = BlockSize, word = Is64 ? 8 : 4;
        void Next(ulong value, int size)
        {
            if (size == 8 && (Is64 || AlignedOffsets))
                at = (at + 7) & ~7;
            w.Word(at, value, size == 8);
            at += size;
        }

        Next(0x1000000, word);
        Next((ulong)DumpLevel, 4);
        Next(Split is null ? 0u : 1u, 4);
        Next((ulong)(Split?.Start ?? 0), word);
        Next((ulong)(Split?.End ?? 0), word);
        Next(VmcoreInfo is null ? 0 : (ulong)info, 8);
        Next((ulong)(VmcoreInfo?.Length ?? 0), word);
        Next(Notes.Length == 0 ? 0 : (ulong)note, 8);
        Next((ulong)Notes.Length, word);
        Next(0, 8);
        Next(0, word);
        Next((ulong)(Split?.Start ?? 0), 8);
        Next((ulong)(Split?.End ?? 0), 8);
        Next((ulong)MaxMapnr, 8);
        w.Pad(BlockSize * 2);
    }
}
