using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A dump that Fujitsu's firmware wrote without the kernel's help (sadump), of one partition, of a set of disks, or copied into a file.
/// Two bitmaps say which frames are RAM and which are stored; the stored ones follow uncompressed in order. Layout: makedumpfile's
/// sadump_mod.h, sadump_info.c. The firmware does not know VMCOREINFO: it is searched for in the memory, as in QEMU's dumps without one.
/// </summary>
public sealed class SaDump : Dump
{
    /// <summary>The name of the notes that hold a CPU's registers as its SMRAM had them; the type is the CPU's APIC id.</summary>
    public const string CpuNote = "SADUMP";

    /// <summary>x86-64's: the format exists for nothing else.</summary>
    private const int FrameBytes = 4096;

    /// <summary>1 PiB.</summary>
    private const long MaxBits = 1L << 38;

    /// <summary>Before the states of the sub header: their size, and two numbers for each CPU.</summary>
    private const int StateSize = 4, ApicState = 16;

    /// <summary>struct sadump_smram_cpu_state.</summary>
    private const int CpuState = 1024, MaxCpuNotes = 4096;

    private readonly SaDumpHeader header;
    private readonly Area[] areas;
    private readonly PageBitmap ram, stored;
    private readonly Lazy<long> whole;

    /// <summary>Pages on one disk: from a byte offset, so many bytes by the headers.</summary>
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

    /// <summary>Its stored frames are more than the disks hold.</summary>
    public override bool Incomplete => whole.Value < stored.Bits;

    public override ReadOnlyMemory<byte> Notes { get; }

    /// <summary>Takes ownership of the sources when it succeeds. The disks of a set may be given in any order.</summary>
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

    /// <summary>The first frame whose page the files do not hold whole; all frames where nothing is missing.</summary>
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
        // The rank grows with the frame: the last frame for which it does not pass the pages that are there.
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

    /// <summary>The registers of the sub header as notes, in the order of APIC ids.</summary>
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
        // Elf64_Nhdr, "SADUMP\0" filled to eight bytes, the state.
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
