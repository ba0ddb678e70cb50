using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;

namespace Kdump.Tests.Builders;

/// <summary>
/// A fake kernel's memory, in fragments: what was never written is not mapped, and any page can be taken away again. It is read directly,
/// or as a whole dump with page tables and notes (<see cref="ToDump"/>).
/// </summary>
internal sealed class MemoryBuilder : KernelMemory
{
    public new const ulong DirectMap = 0xFFFF_8880_0000_0000;
    public const ulong ImageStart = 0xFFFF_FFFF_8100_0000;

    private const ulong StartKernelMap = Kdump.Kernel.Arch.X8664.X8664Memory.StartKernelMap;
    private const int Page = 4096;
    private readonly SortedDictionary<ulong, byte[]> pages = [];
    private readonly Dictionary<ulong, MemoryState> missing = [];
    private ulong next = DirectMap + 0x10_0000;

    public override string Name => "memory";

    public override ImageRoom Image => new(new(StartKernelMap), new(StartKernelMap + (1 << 30)));

    /// <summary>How many reads there were: a walk that never ends shows here.</summary>
    public long Reads { get; private set; }

    public VirtualAddress Allocate(int size, int align = 64)
    {
        next = (next + (ulong)align - 1) & ~((ulong)align - 1);
        VirtualAddress at = new(next);
        next += (ulong)size;
        Write(at, new byte[size]);
        return at;
    }

    public VirtualAddress Add(ReadOnlySpan<byte> bytes, int align = 64)
    {
        VirtualAddress at = Allocate(bytes.Length, align);
        Write(at, bytes);
        return at;
    }

    public MemoryBuilder Write(VirtualAddress at, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (!pages.TryGetValue(at.Value / Page, out byte[]? page))
                pages[at.Value / Page] = page = new byte[Page];
            int within = (int)(at.Value % Page);
            int n = Math.Min(bytes.Length, Page - within);
            bytes[..n].CopyTo(page.AsSpan(within));
            bytes = bytes[n..];
            at += n;
        }
        return this;
    }

    public MemoryBuilder U64(VirtualAddress at, ulong value)
    {
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(raw, value);
        return Write(at, raw);
    }

    public MemoryBuilder U32(VirtualAddress at, uint value)
    {
        Span<byte> raw = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, value);
        return Write(at, raw);
    }

    public MemoryBuilder U16(VirtualAddress at, ushort value)
    {
        Span<byte> raw = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(raw, value);
        return Write(at, raw);
    }

    public MemoryBuilder Text(VirtualAddress at, string text) => Write(at, Encoding.UTF8.GetBytes(text + "\0"));

    public MemoryBuilder Take(VirtualAddress at, MemoryState state)
    {
        missing[at.Value / Page] = state;
        return this;
    }

    /// <summary>Memory in fragments has no frames.</summary>
    public override MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        result = default;
        return MemoryState.Unmapped;
    }

    public override MemoryState Read(VirtualAddress address, Span<byte> buffer)
    {
        Reads++;
        while (buffer.Length > 0)
        {
            if (missing.TryGetValue(address.Value / Page, out MemoryState state))
                return state;
            if (!pages.TryGetValue(address.Value / Page, out byte[]? page))
                return MemoryState.Unmapped;
            int within = (int)(address.Value % Page);
            int n = Math.Min(buffer.Length, Page - within);
            page.AsSpan(within, n).CopyTo(buffer);
            buffer = buffer[n..];
            address += n;
        }
        return MemoryState.Present;
    }

    /// <summary>
    /// The same memory as a dump: the image at phys_base 0 (virtual 0xffffffff8…, physical …), everything else in frames of its own, four
    /// levels of page tables whose root is inside the image, where VMCOREINFO says.
    /// </summary>
    public FakeDump ToDump(VirtualAddress root, Func<string>? vmcoreInfo)
    {
        Dictionary<ulong, byte[]> frames = [];
        ulong frame = 0x4000;
        ulong Physical(ulong virtualPage) =>
            virtualPage >= StartKernelMap / Page ? virtualPage - StartKernelMap / Page : frame++;
        if (!pages.ContainsKey(root.Value / Page))
            Write(root, new byte[Page]);
        byte[] top = pages[root.Value / Page];
        top.AsSpan().Clear();
        FakeDump dump = new(frames, vmcoreInfo);
        Dictionary<(int, ulong), byte[]> tables = [];
        foreach ((ulong page, byte[] bytes) in pages)
        {
            ulong physical = Physical(page);
            frames[physical] = bytes;
            if (missing.TryGetValue(page, out MemoryState state))
            {
                if (state == MemoryState.Unmapped)
                    continue;
                dump.Missing[physical] = state switch { MemoryState.Excluded => PageState.Excluded,
                    MemoryState.Damaged => PageState.Damaged, _ => PageState.Absent };
            }
            byte[] table = top;
            for (int shift = 27; shift >= 9; shift -= 9)
            {
                int index = (int)(page >> shift & 511);
                if (!tables.TryGetValue((shift, page >> shift), out byte[]? below))
                {
                    tables[(shift, page >> shift)] = below = new byte[Page];
                    frames[frame] = below;
                    BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(8 * index), frame++ << 12 | 3);
                }
                table = below;
            }
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan((int)(8 * (page & 511))), physical << 12 | 3);
        }
        return dump;
    }
}

/// <summary>A dump out of frames in memory.</summary>
internal sealed class FakeDump : Dump
{
    private readonly Dictionary<ulong, byte[]> frames;
    private readonly byte[] notes;
    private Pfn? maxPfn;

    public FakeDump(Dictionary<ulong, byte[]> frames, Func<string>? vmcoreInfo)
    {
        this.frames = frames;
        notes = vmcoreInfo is null ? [] : Note("VMCOREINFO", 0, Encoding.ASCII.GetBytes(vmcoreInfo()));
    }

    public Dictionary<ulong, PageState> Missing { get; } = [];

    public string Machine { get; set; } = "x86_64";

    public override string Name => "fake";

    public override string Format => "fake";

    /// <summary>Of makedumpfile; null for a dump of another program.</summary>
    public int? Level { get; set; }

    public override DumpInfo Info => new() { Machine = Machine, Is64Bit = true, BigEndian = false, DumpLevel = Level };

    public override int PageSize => 4096;

    public override Pfn MaxPfn => maxPfn ??= new(frames.Count == 0 ? 0 : frames.Keys.Max() + 1);

    public override bool Incomplete => false;

    /// <summary>Notes behind VMCOREINFO.</summary>
    public List<byte> MoreNotes { get; } = [];

    public override ReadOnlyMemory<byte> Notes => MoreNotes.Count == 0 ? notes : (byte[])[.. notes, .. MoreNotes];

    public override PageState State(Pfn pfn) =>
        Missing.TryGetValue(pfn.Value, out PageState state) ? state : frames.ContainsKey(pfn.Value) ? PageState.Present : PageState.Absent;

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        PageState state = State(pfn);
        if (state == PageState.Present)
            frames[pfn.Value].CopyTo(page);
        return state;
    }

    protected override void Dispose(bool disposing)
    {
    }

    public static byte[] Note(string name, uint type, byte[] contents)
    {
        int nameRoom = (name.Length + 1 + 3) & ~3, room = (contents.Length + 3) & ~3;
        byte[] note = new byte[12 + nameRoom + room];
        BinaryPrimitives.WriteInt32LittleEndian(note, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), contents.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), type);
        Encoding.ASCII.GetBytes(name, note.AsSpan(12));
        contents.CopyTo(note, 12 + nameRoom);
        return note;
    }
}
