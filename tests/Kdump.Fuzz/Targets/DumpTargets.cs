using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests;
using Kdump.Tests.Builders;
using Kdump.Tests.Kernel;
using Kdump.Tests.Kernel.Expressions;

namespace Kdump.Fuzz.Targets;

/// <summary>Dumps of every container, a made-up kernel with kallsyms and BTF, a real kernel, debug information, expressions.</summary>
internal static class DumpTargets
{
    private const string Info = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff82614340\nNUMBER(phys_base)=0\n" +
        "LENGTH(mem_section)=2048\nSIZE(page)=64\nOFFSET(page.flags)=0\nKERNELOFFSET=0\nCRASHTIME=1700000000\n";

    private static readonly string[] Containers =
        ["vmcore info {in}", "vmcore log {in}", "vmcore verify {in}", "explain {in}", "vmcore info {in} --json"];

    private static readonly string[] Views =
    [
        "vmcore info {in}", "vmcore log {in}", "vmcore bt --all {in}", "vmcore bt {in} --json", "vmcore ps {in}", "vmcore irq {in}",
        "vmcore modules {in}", "vmcore memory {in}", "vmcore locks {in}", "vmcore runq {in}", "vmcore workqueues {in}",
            "vmcore timers {in}",
        "vmcore mounts {in}", "vmcore block {in}", "vmcore net {in}", "vmcore devices {in}", "vmcore bpf {in}", "vmcore cgroups {in}",
        "vmcore ipc {in}", "vmcore swap {in}", "vmcore sys {in}", "vmcore oom {in}", "vmcore report {in}", "vmcore disasm {in}",
        "vmcore files {in} --pid 1", "vmcore vm {in} --pid 1", "vmcore signals {in} --pid 1", "explain {in}",
            "vmcore struct {in} task_struct",
    ];

    public static IEnumerable<Target> All
    {
        get
        {
            byte[] kernel = AsElf(new ExpressionKernel().Kernel.Dump()), real = Real(), program = File.ReadAllBytes(Program("gcc-dwarf5"));
            return
            [
                new("elf", Form.Bytes, Containers, Elf),
                new("kdump", Form.Bytes, Containers, Compressed),
                new("flattened", Form.Bytes, Containers, () => Compressed().Take(2).Select(d => FlattenedBuilder.Of(d, 5000))),
                new("split", Form.Bytes, ["vmcore info {in} {dir}/part", "vmcore verify {in} {dir}/part", "explain {in} {dir}/part"],
                    () => [Part(0, 50)])
                {
                    Companions = () => [("part", Part(50, 100))],
                },
                new("kernel", Form.Patches, Views, () => [[]]) { Base = kernel, Pack = p => Mutators.Patches.Apply(kernel, p) },
                new("real", Form.Patches, Views, () => [[]]) { Base = real, Pack = p => Mutators.Patches.Apply(real, p) },
                new("dwarf", Form.Bytes, ["vmcore sym --vmlinux {in} {dir}/dump _stext", "vmcore bt --vmlinux {in} {dir}/dump"],
                    () => ((string[])["gcc-dwarf4", "gcc-dwarf5", "clang-dwarf4", "clang-dwarf5"]).Select(p => Disguised(p, real)))
                {
                    Companions = () => [("dump", real)],
                },
                new("expression", Form.Words, ["vmcore print {dir}/dump -e {text}", "vmcore print {dir}/dump --json -e {text}",
                    "vmcore whatis {dir}/dump {text}"], Expressions)
                {
                    Companions = () => [("dump", kernel)], MaxBytes = 8 << 10,
                },
            ];
        }
    }

    private static IEnumerable<byte[]> Elf()
    {
        byte[] notes = new NotesBuilder().Add("CORE", 1, new byte[336]).VmcoreInfo(Info).Add("QEMU", 0, new byte[440]).ToArray();
        yield return new ElfBuilder { Notes = notes }.Load(0x1000, new byte[4096]).Load(0x10_0000, DiskDumpBuilder.Content(5)).Build();
        yield return new ElfBuilder { Notes = notes, ExtendedCount = true }.Load(0, DiskDumpBuilder.Content(1)).Build();
        yield return new ElfBuilder { Notes = notes, Is64 = false, Machine = 3 }.Load(0x1000, DiskDumpBuilder.Content(2)).Build();
        yield return new ElfBuilder { Notes = notes, Machine = 183 }.Load(0x4000_0000, DiskDumpBuilder.Content(3)).Build();
    }

    private static IEnumerable<byte[]> Compressed()
    {
        byte[] notes = new NotesBuilder().Add("CORE", 1, new byte[336]).ToArray();
        foreach (uint codec in (uint[])[PageCompression.Zlib, PageCompression.Lzo, PageCompression.Snappy, PageCompression.Zstd,
            PageCompression.Raw])
            yield return new DiskDumpBuilder { Notes = notes, VmcoreInfo = Info }.Page(3, codec).Page(50, codec).Excluded(60).Build();
        yield return new DiskDumpBuilder { Is64 = false, Machine = "i686", Version = 3 }.Page(3, PageCompression.Zlib).Build();
        yield return new DiskDumpBuilder { BigEndian = true, Machine = "s390x", VmcoreInfo = Info }.Page(3, PageCompression.Zlib).Build();
    }

    private static byte[] Part(long start, long end)
    {
        DiskDumpBuilder builder = new() { Split = (start, end), VmcoreInfo = Info };
        for (int pfn = 10; pfn < 90; pfn += 20)
            builder.Page(pfn, PageCompression.Zlib);
        return builder.Build();
    }

    private static byte[] AsElf(FakeDump dump)
    {
        ElfBuilder elf = new() { Notes = dump.Notes.ToArray() };
        byte[] page = new byte[4096];
        Pfn at = default;
        while (dump.NextRun(at) is { } run)
        {
            var bytes = new List<byte>();
            for (Pfn pfn = run.First; pfn < run.End; pfn = new(pfn.Value + 1))
            {
                if (dump.ReadPage(pfn, page) == PageState.Present)
                    bytes.AddRange(page);
            }
            if (bytes.Count > 0)
                elf.Load(run.First.Value << 12, [.. bytes]);
            at = run.End;
        }
        return elf.Build();
    }

    private static byte[] Real()
    {
        using var core = new RealKernelTests.Core();
        return File.ReadAllBytes(core.Path);
    }

    private static string Program(string name) => Repository.Path("fixtures", "debuginfo", name);

    /// <summary>The program with the dump's build id and the name of the kernel's first function (as VmlinuxTests has it).</summary>
    private static byte[] Disguised(string name, byte[] dump)
    {
        byte[] bytes = File.ReadAllBytes(Program(name));
        int id = dump.AsSpan().IndexOf("BUILD-ID="u8) + 9, note = bytes.AsSpan().IndexOf("GNU\0"u8);
        Convert.FromHexString(System.Text.Encoding.ASCII.GetString(dump, id, 40)).CopyTo(bytes, note + 4);
        int first = bytes.AsSpan().LastIndexOf("_start\0"u8);
        "_stext"u8.CopyTo(bytes.AsSpan(first));
        return bytes;
    }

    private static IEnumerable<byte[]> Expressions() => ((string[])
    [
        "1 + 2 * 3", "(unsigned char)300", "-7 % 2", "1u << 31", "1 ? 2 : 3", "'\\n' + 0b101 + 017",
            "sizeof(int) + sizeof(struct list_head)",
        "init_task", "&init_task", "init_task.numbers[1:3]", "*(init_task.numbers + 3)", "init_task.packed.signed_five",
        "offsetof(struct task_struct, numbers[2])", "container_of(init_task.tasks.next, struct task_struct, tasks)->pid",
        "((struct task_struct *)((char *)init_task.tasks.next - 24))->pid", "task(1)->mm->total_vm", "per_cpu(counters, 1).hits",
        "sum(per_cpu(counters).misses)", "*(unsigned short *)&mystery", "task(1)->comm == \"task1\"", "(u64)-1 >> 60", "count(bits(0x15))",
        "count(list(init_task.tasks, struct task_struct, tasks))", "sum(where(tasks(), it->pid > 1)->pid)", "typeof(init_task.numbers)",
        "list(init_task.tasks, struct task_struct, tasks)[1]->pid", "rbtree(tree, struct task_struct, node)->pid", "init_task.handler",
        "init_task.comm[0:4]", "do_work", "array(&init_task, 3)", "struct task_struct", "init_task.mm->name", "(long long)~0ul / 3",
    ]).Select(System.Text.Encoding.UTF8.GetBytes);
}
