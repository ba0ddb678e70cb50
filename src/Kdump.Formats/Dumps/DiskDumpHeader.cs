using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dumps;

/// <summary>
/// The two headers of a kdump-compressed file: struct disk_dump_header and struct kdump_sub_header in makedumpfile's diskdump_mod.h.
/// Layout and byte order are those of the crashed machine, and no field contains them. The layout that fits best is chosen: the block
/// size must be a power of two, version and bitmap size must be plausible, and the machine name should match. Fields added by version: 1
/// dump level, 2 split, 3 VMCOREINFO, 4 notes, 5 ERASEINFO, 6 frame numbers in 64 bits.
/// </summary>
public sealed record DiskDumpHeader
{
    /// <summary>Number of bytes of the header to read: all fields before the task list.</summary>
    private const int MainSize = 464;

    private const int SubSize = 104;
    private const int UtsField = 65;

    public required bool IsDiskDump { get; init; }

    public required bool Is64 { get; init; }

    public required bool BigEndian { get; init; }

    public required int Version { get; init; }

    /// <summary>The fields of utsname: sysname, nodename, release, version, machine, domainname.</summary>
    public required string[] Uts { get; init; }

    public required long Timestamp { get; init; }

    public required uint Status { get; init; }

    public required int BlockSize { get; init; }

    public required int SubHeaderBlocks { get; init; }

    public required uint BitmapBlocks { get; init; }

    /// <summary>One past the highest page frame number; since version 6 from the sub header.</summary>
    public required ulong MaxMapnr { get; init; }

    public required int Cpus { get; init; }

    public ulong PhysBase { get; init; }

    public int DumpLevel { get; init; }

    public bool Split { get; init; }

    public ulong StartPfn { get; init; }

    public ulong EndPfn { get; init; }

    public (ulong Offset, ulong Size) VmcoreInfo { get; init; }

    public (ulong Offset, ulong Size) Notes { get; init; }

    public (ulong Offset, ulong Size) EraseInfo { get; init; }

    /// <summary>True if the dump is marked as incomplete; makedumpfile and diskdump use different flags for this.</summary>
    public bool Incomplete => IsDiskDump ? (Status & 1) != 0 : (Status & 8) != 0;

    public long BitmapOffset => (1L + SubHeaderBlocks) * BlockSize;

    public long DescriptorOffset => BitmapOffset + (long)BitmapBlocks * BlockSize;

    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("KDUMP   "u8) || head.StartsWith("DISKDUMP"u8);

    /// <exception cref="InputException">The header matches no known layout, or is truncated.</exception>
    public static DiskDumpHeader Read(IByteSource source, ICollection<Damage> damages)
    {
        byte[] main = source.ReadBytes(0, MainSize, "disk_dump_header");
        DiskDumpHeader? best = null;
        int bestFit = 0;
        foreach ((bool is64, bool bigEndian) in ((bool, bool)[])[(true, false), (false, false), (true, true), (false, true)])
        {
            DiskDumpHeader header = ReadMain(main, source.Name, is64, bigEndian);
            int fit = Fit(header);
            if (fit > bestFit)
                (best, bestFit) = (header, fit);
        }
        if (best is null)
            throw new InputException(source.Name, "disk_dump_header.block_size", 428,
                "no word size and byte order gives a block size that is a power of two from 512 to 65536, " +
                    "with a version and a sub header that can be");
        return best.SubHeaderBlocks == 0 ? best : WithSubHeader(best, source, damages);
    }

    /// <summary>The text of makedumpfile's ERASEINFO note; null if there is none.</summary>
    internal static string? EraseText(IEnumerable<ElfNote> notes)
    {
        foreach (ElfNote note in notes)
        {
            if (note.Name == "ERASEINFO")
                return Encoding.Latin1.GetString(note.Description.Span).TrimEnd('\0');
        }
        return null;
    }

    private static DiskDumpHeader ReadMain(byte[] main, string input, bool is64, bool bigEndian)
    {
        Cursor c = new(main, input, 0, bigEndian);
        bool isDiskDump = c.Bytes(8, "signature")[0] == 'D';
        int version = c.S32("header_version");
        string[] uts = new string[6];
        for (int i = 0; i < uts.Length; i++)
        {
            ReadOnlySpan<byte> field = c.Bytes(UtsField, "utsname");
            int end = field.IndexOf((byte)0);
            uts[i] = Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
        }
        c.Skip(is64 ? 6 : 2, "padding");
        long seconds = is64 ? c.S64("timestamp.tv_sec") : c.S32("timestamp.tv_sec");
        c.Skip(is64 ? 8 : 4, "timestamp.tv_usec");
        uint status = c.U32("status");
        int blockSize = c.S32("block_size");
        int subBlocks = c.S32("sub_hdr_size");
        uint bitmapBlocks = c.U32("bitmap_blocks");
        uint maxMapnr = c.U32("max_mapnr");
        c.Skip(16, "total_ram_blocks");
        return new DiskDumpHeader
        {
            IsDiskDump = isDiskDump, Is64 = is64, BigEndian = bigEndian, Version = version, Uts = uts, Timestamp = seconds, Status = status,
            BlockSize = blockSize, SubHeaderBlocks = subBlocks, BitmapBlocks = bitmapBlocks, MaxMapnr = maxMapnr, Cpus = c.S32("nr_cpus"),
        };
    }

    /// <summary>
    /// Score of a layout; 0 if the header cannot have it. The upper bound of 65536 is needed because 4096 in the other byte order is also
    /// a power of two.
    /// </summary>
    private static int Fit(DiskDumpHeader h)
    {
        if (h.BlockSize is < 512 or > 65536 || !int.IsPow2(h.BlockSize) || h.Version is < 0 or > 255)
            return 0;
        // The sub header has one block, or a few with many notes or erased ranges.
        if (h.SubHeaderBlocks is < 0 or > 4096)
            return 0;
        bool? machine64 = h.Uts[4] switch
        {
            "" => null,
            "x86_64" or "aarch64" or "ia64" or "s390x" or "alpha" or "riscv64" or "loongarch64" => true,
            var m when m.Contains("64", StringComparison.Ordinal) => true,
            _ => false,
        };
        // Bitmaps are empty only in an empty dump, or if the header was read with a wrong layout.
        int machineScore;
        if (machine64 == h.Is64)
            machineScore = 2;
        else
            machineScore = machine64 is null ? 1 : 0;
        return 1 + (h.BitmapBlocks > 0 ? 4 : 0) + machineScore + (h.Version <= 6 ? 1 : 0);
    }

    private static DiskDumpHeader WithSubHeader(DiskDumpHeader h, IByteSource source, ICollection<Damage> damages)
    {
        if (h.Version > 6)
            damages.Add(new Damage(source.Name, "disk_dump_header.header_version", 8, $"version {h.Version} is newer than 6; read as 6"));
        byte[] bytes = source.ReadUpTo(h.BlockSize, SubSize);
        Array.Resize(ref bytes, SubSize);
        DiskDumpHeader found = h.Is64 ? ReadSub64(h, bytes, source.Name) : ReadSub32(h, bytes, source.Name);
        if (source.Length < h.BlockSize + SubSize)
            damages.Add(new Damage(source.Name, "kdump_sub_header", h.BlockSize, $"cut: the input ends at 0x{source.Length:x}"));
        return found;
    }

    private static DiskDumpHeader ReadSub64(DiskDumpHeader h, byte[] bytes, string input)
    {
        Cursor c = new(bytes, input, h.BlockSize, h.BigEndian);
        ulong physBase = c.U64("phys_base");
        int level = c.S32("dump_level");
        int split = c.S32("split");
        ulong start = c.U64("start_pfn"), end = c.U64("end_pfn");
        return ReadRest(ref c, h, physBase, level, split, start, end);
    }

    /// <summary>
    /// Reads the sub header of a 32-bit machine. off_t is packed on i386 but aligned to 8 bytes on other 32-bit machines; the layout
    /// whose VMCOREINFO lies inside the headers is used.
    /// </summary>
    private static DiskDumpHeader ReadSub32(DiskDumpHeader h, byte[] bytes, string input)
    {
        DiskDumpHeader packed = Read(0), aligned = Read(4);
        return h.Version >= 3 && !Inside(packed) && Inside(aligned) ? aligned : packed;

        DiskDumpHeader Read(int padding)
        {
            Cursor c = new(bytes, input, h.BlockSize, h.BigEndian);
            ulong physBase = c.U32("phys_base");
            int level = c.S32("dump_level");
            int split = c.S32("split");
            ulong start = c.U32("start_pfn"), end = c.U32("end_pfn");
            c.Skip(padding, "padding");
            return ReadRest(ref c, h, physBase, level, split, start, end);
        }

        bool Inside(DiskDumpHeader x) => x.VmcoreInfo.Size == 0 ? x.VmcoreInfo.Offset == 0
            : x.VmcoreInfo.Offset >= (ulong)h.BlockSize && x.VmcoreInfo.Offset < (ulong)h.BitmapOffset &&
                x.VmcoreInfo.Size <= (ulong)h.BitmapOffset;
    }

    private static DiskDumpHeader ReadRest(ref Cursor c, DiskDumpHeader h, ulong physBase, int level, int split, ulong start, ulong end)
    {
        (ulong, ulong) Pair(ref Cursor c, string field, int since)
        {
            ulong offset = c.U64($"offset_{field}");
            ulong size = h.Is64 ? c.U64($"size_{field}") : c.U32($"size_{field}");
            return h.Version >= since ? (offset, size) : (0, 0);
        }

        int pad = c.Position % 8;   // i386 has no padding: each offset directly follows the previous size
        (ulong, ulong) vmcoreInfo = Pair(ref c, "vmcoreinfo", 3);
        Align(ref c, pad);
        (ulong, ulong) notes = Pair(ref c, "note", 4);
        Align(ref c, pad);
        (ulong, ulong) erase = Pair(ref c, "eraseinfo", 5);
        Align(ref c, pad);
        bool wide = h.Version >= 6;
        ulong start64 = c.U64("start_pfn_64"), end64 = c.U64("end_pfn_64"), max64 = c.U64("max_mapnr_64");
        return h with
        {
            PhysBase = physBase,
            DumpLevel = h.Version >= 1 ? level : 0,
            Split = h.Version >= 2 && split != 0,
            StartPfn = wide ? start64 : start,
            EndPfn = wide ? end64 : end,
            MaxMapnr = wide && max64 != 0 ? max64 : h.MaxMapnr,
            VmcoreInfo = vmcoreInfo,
            Notes = notes,
            EraseInfo = erase,
        };
    }

    private static void Align(ref Cursor c, int pad)
    {
        if (pad == 0)
            c.Skip((int)(-c.Position & 7), "padding");
    }
}
