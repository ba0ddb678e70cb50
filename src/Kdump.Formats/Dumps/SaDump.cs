using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A dump that Fujitsu's firmware wrote without the kernel's help (sadump), of one partition, of a set of disks, or copied into a file.
/// Two bitmaps mark the frames that are RAM and the frames that are stored; the stored pages follow, uncompressed and in order. Layout:
/// makedumpfile's sadump_mod.h, sadump_info.c. The firmware does not write VMCOREINFO, so it is searched for in the memory, as in QEMU's
/// dumps without it.
/// </summary>
public sealed class SaDump : Dump
{
    /// <summary>Name of the notes that contain a CPU's registers from SMRAM; the note's type is the CPU's APIC id.</summary>
    public const string CpuNote = "SADUMP";

    /// <summary>Page size in bytes: that of x86-64, the only architecture with this format.</summary>
    private const int FrameBytes = 4096;

    /// <summary>Maximum number of bits in a bitmap: 1 PiB in 4-KiB pages.</summary>
    private const long MaxBits = 1L << 38;

    /// <summary>Bytes before the CPU states in the sub header: the size of the states, and two numbers for each CPU.</summary>
    private const int StateSize = 4, ApicState = 16;

    /// <summary>Size of struct sadump_smram_cpu_state in bytes.</summary>
    private const int CpuState = 1024, MaxCpuNotes = 4096;

    private readonly SaDumpHeader header;
    private readonly Area[] areas;
    private readonly PageBitmap ram, stored;
    private readonly Lazy<long> whole;

    /// <summary>The pages on one disk: the byte offset of the first one, and the number of bytes by the headers.</summary>
    private readonly record struct Area(IByteSource Source, long Start, long Length);

    private SaDump(SaDumpHeader header, IReadOnlyList<SaDumpHeader> further, IEnumerable<Damage> damages)
    {
        this.header = header;
        foreach (Damage damage in damages)
            Lost(damage);
        long bitmaps = header.SubHeader + header.SubBytes, pages = bitmaps + header.RamBytes + header.DumpableBytes;
        long room = Math.Min(Math.Min(header.RamBytes, header.DumpableBytes) * 8, MaxBits);
        if (header.Frames == 0 || header.Frames > (ulong)room)
            Lost(new Damage(header.Source.Name, "max_mapnr", -1,
                $"{header.Frames} frames do not fit the bitmaps, which have room for {room}"));
        long bits = header.Frames == 0 ? room : (long)Math.Min(header.Frames, (ulong)room);
        ram = new PageBitmap(new BitReversed(header.Source, bitmaps, header.RamBytes), 0, bits);
        stored = new PageBitmap(new BitReversed(header.Source, bitmaps + header.RamBytes, header.DumpableBytes), 0, bits);
        areas = header.Disk == 0
            ? [new Area(header.Source, pages, long.MaxValue)]
            : [AreaOf(header, pages), .. further.Select(f => AreaOf(f, header.BlockSize))];
        whole = new(Whole);
        Notes = CpuNotes();
        Info = new DumpInfo
        {
            Machine = "x86_64",
            Is64Bit = true,
            BigEndian = false,
            Timestamp = header.Timestamp,
            Cpus = header.Cpus,
            Parts = areas.Length == 1 ? [] : [.. areas.Select(a => a.Source.Name)],
        };
    }

    public override string Name => string.Join(", ", areas.Select(a => a.Source.Name));

    public override string Format => header.Disk == 0 ? "sadump" : $"sadump, disk set ({areas.Length} of {header.Disks} disks)";

    public override DumpInfo Info { get; }

    public override int PageSize => FrameBytes;

    public override Pfn MaxPfn => new((ulong)stored.Bits);

    /// <summary>True if the dump has more stored frames than the disks contain.</summary>
    public override bool Incomplete => whole.Value < stored.Bits;

    public override ReadOnlyMemory<byte> Notes { get; }

    /// <summary>Opens a dump. On success it owns the sources. The disks of a set may be in any order.</summary>
    /// <exception cref="InputException">A header cannot be read, or the files are not the disks of one set.</exception>
    public static SaDump Open(IReadOnlyList<IByteSource> sources)
    {
        List<Damage> damages = [];
        SaDumpHeader[] disks = [.. sources.Select(s => SaDumpHeader.Read(s, damages)).OrderBy(d => d.Disk)];
        SaDumpHeader first = disks[0];
        if (first.Disk > 1)
        {
            throw new InputException(first.Source.Name, "set_disk_set", -1,
                $"disk {first.Disk} of a set of disks; the first one, which has the dump's headers, is needed too");
        }
        for (int i = 1; i < disks.Length; i++)
        {
            if (first.Disk == 0 || disks[i].Disk < 2)
                throw new InputException(disks[i].Source.Name, "set_disk_set", -1, $"no further disk of the set of {first.Source.Name}");
            if (disks[i].WhyNotOf(first) is { } why)
                throw new InputException(disks[i].Source.Name, "partition header", -1, $"{why} than {first.Source.Name}");
            if (disks[i].Disk != i + 1)
                throw new InputException(disks[i].Source.Name, "set_disk_set", -1, $"disk {disks[i].Disk}, but disk {i + 1} is missing");
        }
        if (disks.Length < first.Disks)
            damages.Add(new Damage(first.Source.Name, "disk_num", -1,
                $"{disks.Length} of {first.Disks} disks are given; the pages of the others are lost"));
        return new SaDump(first, disks[1..], damages);
    }

    public override PageState State(Pfn pfn)
    {
        if (pfn >= MaxPfn)
            return PageState.Absent;
        long frame = (long)pfn.Value;
        return stored.Test(frame) switch
        {
            null => PageState.Damaged,
            true => frame < whole.Value ? PageState.Present : PageState.Damaged,
            false => ram.Test(frame) switch
            {
                null => PageState.Damaged,
                true => PageState.Excluded,
                false => PageState.Absent,
            },
        };
    }

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        PageState state = State(pfn);
        if (state != PageState.Present)
            return state;
        if (stored.Rank((long)pfn.Value) is not { } index || Locate(index) is not { } place)
            return PageState.Damaged;
        return place.Source.Read(place.At, page[..FrameBytes]) == FrameBytes ? PageState.Present : PageState.Damaged;
    }

    public override Damage? DamageOf(Pfn pfn)
    {
        if (State(pfn) != PageState.Damaged)
            return null;
        return stored.Test((long)pfn.Value) is null || ram.Test((long)pfn.Value) is null
            ? new Damage(header.Source.Name, "bitmap", header.SubHeader + header.SubBytes,
                $"the file ends before the bit of frame {pfn.Value}")
            : new Damage(Name, "page", -1, $"the file ends before frame {pfn.Value}");
    }

    public override PageCounts Count()
    {
        (long set, long other, long unreadable) = PageBitmap.Compare(stored, ram);
        long cut = whole.Value < stored.Bits ? Math.Max(0, set - (stored.Rank(whole.Value) ?? set)) : 0;
        return new(set - cut, other, stored.Bits - set - other - unreadable, cut + unreadable);
    }

    public override PageRun? NextRun(Pfn pfn)
    {
        if (pfn >= MaxPfn || stored.NextRun((long)pfn.Value) is not { } run)
            return null;
        long cut = whole.Value;
        bool present = run.Known && run.First < cut;
        return new PageRun(new Pfn((ulong)run.First), new Pfn((ulong)(present ? Math.Min(run.End, cut) : run.End)),
            present ? PageState.Present : PageState.Damaged);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (Area area in areas)
            area.Source.Dispose();
    }

    private static Area AreaOf(SaDumpHeader disk, long start) =>
        new(disk.Source, start, (long)Math.Min(disk.UsedBytes, long.MaxValue) is var used && used > start ? used - start : 0);

    /// <summary>The first frame whose page is not completely in the files; the number of frames if no page is missing.</summary>
    private long Whole()
    {
        long pages = 0;
        foreach (Area area in areas)
        {
            long have = Math.Clamp(area.Source.Length - area.Start, 0, area.Length);
            pages += have / header.BlockSize;
            if (have < area.Length && area.Length != long.MaxValue)
                break;
        }
        // The rank increases with the frame number: search for the last frame whose rank does not exceed the number of pages in the
        // files.
        long low = 0, high = stored.Bits;
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            if (stored.Rank(middle) is { } rank && rank <= pages)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private (IByteSource Source, long At)? Locate(long index)
    {
        long at = checked(index * header.BlockSize);
        foreach (Area area in areas)
        {
            if (at < area.Length)
                return (area.Source, area.Start + at);
            at -= area.Length;
        }
        return null;
    }

    /// <summary>The CPU registers of the sub header as notes, in the order of APIC ids.</summary>
    private byte[] CpuNotes()
    {
        Span<byte> total = stackalloc byte[StateSize];
        int cpus = Math.Min(header.Cpus, MaxCpuNotes);
        if (header.SubBytes == 0 || cpus == 0 || header.Source.Read(header.SubHeader, total) != StateSize)
            return [];
        long each = BinaryPrimitives.ReadUInt32LittleEndian(total) / (uint)header.Cpus;
        if (each < CpuState)
            return [];
        long states = header.SubHeader + StateSize + (long)header.Cpus * ApicState;
        // Elf64_Nhdr, "SADUMP\0" padded to eight bytes, the CPU state.
        const int Head = 12, Name = 8;
        byte[] notes = new byte[cpus * (Head + Name + CpuState)];
        for (int i = 0; i < cpus; i++)
        {
            Span<byte> note = notes.AsSpan(i * (Head + Name + CpuState), Head + Name + CpuState);
            BinaryPrimitives.WriteInt32LittleEndian(note, CpuNote.Length + 1);
            BinaryPrimitives.WriteInt32LittleEndian(note[4..], CpuState);
            BinaryPrimitives.WriteInt32LittleEndian(note[8..], i);
            System.Text.Encoding.ASCII.GetBytes(CpuNote, note[Head..]);
            if (states + each * i + CpuState > header.SubHeader + header.SubBytes ||
                header.Source.Read(states + each * i, note[(Head + Name)..]) != CpuState)
                return notes[..(i * (Head + Name + CpuState))];
        }
        return notes;
    }
}
