using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

public sealed class ProcessCoreTests
{
    private const ulong ImageMap = 0xFFFF_FFFF_8000_0000, User = 0x5555_0000_0000;
    private const int Stack = 16 << 10;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress task;
    private readonly VirtualAddress table;
    private readonly VirtualAddress page;
    private readonly VirtualAddress area;

    public ProcessCoreTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), comm = t.Array(t.Int("char", 1), 16);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        t.Struct("signal_struct", 16, ("thread_head", list, 0));
        int vma = t.Struct("vm_area_struct", 64, ("vm_start", u64, 0), ("vm_end", u64, 8), ("vm_next", pointer, 16), ("vm_flags", u64, 24),
            ("vm_pgoff", u64, 32), ("vm_file", pointer, 40), ("vm_ops", pointer, 48));
        int mm = t.Struct("mm_struct", 256, ("mmap", t.Pointer(vma), 0), ("pgd", pointer, 8), ("brk", u64, 16), ("start_brk", u64, 24),
            ("start_stack", u64, 32), ("arg_start", u64, 40), ("arg_end", u64, 48), ("saved_auxv", t.Array(u64, 8), 64));
        t.Struct("dentry", 8, ("d_parent", pointer, 0));
        t.Struct("mount", 16, ("mnt", t.Struct("vfsmount", 8, ("mnt_root", pointer, 0)), 0));
        t.Struct("task_struct", 192, ("pid", u32, 0), ("tgid", u32, 4), ("flags", u32, 8), ("stack", pointer, 16), ("tasks", list, 24),
            ("thread_node", list, 40), ("signal", pointer, 56), ("comm", comm, 64), ("mm", t.Pointer(mm), 80), ("cred",
                t.Pointer(t.Struct("cred", 8, ("uid", t.Struct("kuid_t", 4, ("val", u32, 0)), 0), ("gid",
                    t.Struct("kgid_t", 4, ("val", u32, 0)), 4))), 88),
            ("thread", t.Struct("thread_struct", 16, ("fsbase", u64, 0), ("sp", u64, 8)), 96));
        VirtualAddress init = kernel.Data("init_task", 192), signal = kernel.Memory.Allocate(16);
        task = kernel.Memory.Allocate(192);
        VirtualAddress stack = kernel.Memory.Allocate(Stack, Stack), memory = kernel.Memory.Allocate(256);
        kernel.Memory.Text(init + 64, "swapper/0").U64(init + 24, (task + 24).Value).U64(task + 24, (init + 24).Value);
        kernel.Memory.U32(task, 42).U32(task + 4, 42).U64(task + 16, stack.Value).Text(task + 64, "victim").U64(task + 80, memory.Value)
            .U64(task + 56, signal.Value).U64(signal, (task + 40).Value).U64(task + 40, signal.Value);
        VirtualAddress entry = stack + Stack + -168;
        kernel.Memory.U64(entry + 8 * 16, User + 0x10).U64(entry + 8 * 17, 0x33).U64(entry + 8 * 19, User + 0x800)
            .U64(entry + 8 * 20, 0x2B);
        VirtualAddress top = kernel.Data("pgd", 4096, 4096), upper = kernel.Data("pud", 4096, 4096),
            middle = kernel.Data("pmd", 4096, 4096);
        table = kernel.Data("pte", 4096, 4096);
        page = kernel.Data("user_page", 4096, 4096);
        kernel.Memory.Write(page, "contents"u8);
        Link(top, 39, upper);
        Link(upper, 30, middle);
        Link(middle, 21, table);
        area = kernel.Memory.Allocate(64);
        kernel.Memory.U64(memory, area.Value).U64(memory + 8, top.Value).U64(area, User).U64(area + 8, User + 0x5000).U64(area + 24, 0x73);
        kernel.Memory.U64(table, Physical(page) | 7);
        // Page 1 was never touched, 2 is on swap, 3 is another page, 4 was never touched.
        kernel.Memory.U64(table + 16, ~0x10UL << 14 >> 5 | 1UL << 59);
        kernel.Memory.U64(table + 24, Physical(page + 0) + 0x1000 | 7);
        kernel.Data("second_page", 4096, 4096);
    }

    [Fact]
    public void Pages_that_are_there_have_their_contents_and_others_are_holes_or_known_zeros()
    {
        (ElfFile file, byte[] bytes, ProcessCore core) = Write(null, 0);
        ElfSegment[] loads = [.. file.Segments.Where(s => s.Type == ElfSegment.Load)];
        Assert.Equal([(User, 0x2000UL, 0x2000UL), (User + 0x2000, 0UL, 0x1000UL), (User + 0x3000, 0x2000UL, 0x2000UL)],
            loads.Select(s => (s.VirtualAddress, s.FileSize, s.MemorySize)));
        Assert.True(bytes.AsSpan((int)loads[0].Offset).StartsWith("contents"u8));
        Assert.Equal((2, 2, 1, 0), (core.Total.Mapped, core.Total.Zero, core.Total.Swapped, core.Total.Excluded));
        Assert.Null(core.Advice);
    }

    [Fact]
    public void A_page_that_was_left_out_is_a_hole_and_the_level_that_keeps_it_is_said()
    {
        (ElfFile file, _, ProcessCore core) = Write(31, Physical(page));
        ElfSegment first = file.Segments.First(s => s.Type == ElfSegment.Load);
        Assert.Equal((User, 0UL, 0x1000UL), (first.VirtualAddress, first.FileSize, first.MemorySize));
        Assert.Equal(1, core.Total.Excluded);
        Assert.Contains("-d 17", core.Advice);
    }

    [Fact]
    public void A_page_that_a_level_left_out_only_for_being_zero_is_zero()
    {
        (ElfFile file, byte[] bytes, ProcessCore core) = Write(17, Physical(page));
        ElfSegment first = file.Segments.First(s => s.Type == ElfSegment.Load);
        Assert.Equal(0x2000UL, first.FileSize);
        Assert.Equal(0, bytes[(int)first.Offset]);
        Assert.Equal((0, 3), (core.Total.Excluded, core.Total.Zero));
    }

    [Fact]
    public void Registers_of_the_thread_are_in_the_first_note()
    {
        (ElfFile file, byte[] bytes, ProcessCore core) = Write(null, 0);
        ElfSegment notes = file.Segments.First(s => s.Type == ElfSegment.Note);
        List<Damage> damages = [];
        ElfNote[] all = [.. ElfNotes.Read(bytes.AsMemory((int)notes.Offset, (int)notes.FileSize), "core", false, damages)];
        Assert.Equal([ElfNote.PrStatus, ElfNote.PrPsInfo, ElfNote.AuxiliaryVector, 0x46494C45u], all.Select(n => n.Type));
        Assert.Equal(42, BinaryPrimitives.ReadInt32LittleEndian(all[0].Description.Span[32..]));
        Assert.Equal(User + 0x10, BinaryPrimitives.ReadUInt64LittleEndian(all[0].Description.Span[(112 + 8 * 16)..]));
        Assert.Empty(damages);
        Assert.Single(core.Notes.With);
    }

    [Fact]
    public void Tables_that_point_at_themselves_end()
    {
        // Every entry of every table is present and leads back to itself: 2^36 pages, if one believed it.
        kernel.Memory.U64(area + 8, 0x7FFF_FFFF_F000);
        for (int i = 0; i < 512; i++)
            kernel.Memory.U64(table + 8 * i, Physical(table) | 7).U64(new VirtualAddress(Top().Value) + 8 * i, Physical(Top()) | 7);
        using Vmcore vmcore = kernel.Open();
        ProcessAreas areas = new(vmcore, vmcore.Tasks.Value!.All.Single(t => t.Pid == 42), vmcore.Tasks.Value!);
        Assert.Contains(areas.Damages, d => d.Reason.Contains("more entries than the machine has pages", StringComparison.Ordinal));
    }

    private VirtualAddress Top() => kernel.Memory.Pointer(kernel.Memory.Pointer(task + 80, "mm") + 8, "pgd");

    private (ElfFile File, byte[] Bytes, ProcessCore Core) Write(int? level, ulong excluded)
    {
        FakeDump dump = kernel.Dump();
        dump.Level = level;
        if (excluded != 0)
            dump.Missing[excluded >> 12] = PageState.Excluded;
        using Vmcore vmcore = Vmcore.Open(dump);
        using ProcessCore core = new(vmcore, vmcore.Tasks.Value!.All.Single(t => t.Pid == 42), vmcore.Tasks.Value!, vmcore.Registers,
            _ => null);
        MemoryStream stream = new();
        core.Write(stream);
        byte[] bytes = stream.ToArray();
        return (ElfFile.Read(new MemorySource(bytes, "core")), bytes, core);
    }

    private void Link(VirtualAddress from, int shift, VirtualAddress to) =>
        kernel.Memory.U64(from + (long)(8 * (User >> shift & 0x1FF)), Physical(to) | 7);

    private static ulong Physical(VirtualAddress at) => at.Value - ImageMap;
}
