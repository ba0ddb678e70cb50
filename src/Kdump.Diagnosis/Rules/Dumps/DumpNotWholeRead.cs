using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A part of a dump could not be read: its information is not known, so neither is it known that nothing is wrong.
/// </summary>
public sealed class DumpNotWholeRead : Rule
{
    public override string Id => "dump-not-whole-read";

    public override Entry Entry => new("dump-not-whole-read", "a part of the dump could not be read, so its information is missing")
    {
        Area = Area.Writing,
        Signature = ["a vmcore whose log, symbols, types or unwind tables cannot be read"],
        Cause = "The dump is truncated or damaged there, was made by a tool that omits VMCOREINFO, or the kernel was built without it " +
            "(CONFIG_KALLSYMS, CONFIG_DEBUG_INFO_BTF, CONFIG_UNWINDER_ORC).",
        Fixes = [new("Show which parts can be read", "kdt vmcore info vmcore"),
            new("Show which pages are lost", "kdt vmcore verify vmcore")],
        Origin = "kernel/vmcore_info.c, kernel/kallsyms.c, kernel/bpf/btf.c, arch/x86/kernel/unwind_orc.c",
    };

    private static readonly (string Part, string Question, string Input)[] Parts =
    [
        ("vmcoreinfo", "everything in the crashed kernel's memory (its log, stacks, tasks)",
            "a dump with VMCOREINFO: for a virtual machine add -device vmcoreinfo; else crash or drgn with the vmlinux of that kernel"),
        ("log", "what the kernel printed before the crash", "the console log or the journal of that boot"),
        ("kallsyms", "which functions were on the stacks", "System.map or vmlinux of that kernel, with crash or drgn"),
        ("btf", "which tasks and modules there were, and which task waited for which",
            "vmlinux with debug information of that kernel, with crash or drgn"),
        ("orc", "which frames of the stacks are real", "vmlinux with debug information of that kernel, with crash or drgn"),
    ];

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, DumpUnread> dump in facts.Of<DumpUnread>().GroupBy(u => u.Source.Input, StringComparer.Ordinal))
            foreach (DumpUnread part in dump.DistinctBy(u => u.What))
            {
                (_, string question, string input) = Array.Find(Parts, p => p.Part == part.What);
                yield return new Unknown($"{question ?? part.What}: {part.What} of {dump.Key} cannot be read ({part.Why})",
                    input ?? "another copy of the dump");
            }
    }
}
