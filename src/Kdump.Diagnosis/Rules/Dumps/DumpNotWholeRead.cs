using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A part of a dump could not be read: what it would have told is not known, and that nothing is wrong is not known either.
/// </summary>
public sealed class DumpNotWholeRead : Rule
{
    public override string Id => "dump-not-whole-read";

    public override Entry Entry => new("dump-not-whole-read", "a part of the dump could not be read, and what it tells is not known")
    {
        Area = Area.Writing,
        Signature = ["a vmcore whose log, symbols, types or unwind tables cannot be read"],
        Cause = "The dump is cut or damaged there, was made by a tool that leaves VMCOREINFO out, or the kernel was built without it " +
            "(CONFIG_KALLSYMS, CONFIG_DEBUG_INFO_BTF, CONFIG_UNWINDER_ORC).",
        Fixes = [new("See which parts can be read", "kdt vmcore info vmcore"), new("See which pages are lost", "kdt vmcore verify vmcore")],
        Origin = "kernel/vmcore_info.c, kernel/kallsyms.c, kernel/bpf/btf.c, arch/x86/kernel/unwind_orc.c",
    };

    private static readonly (string Part, string Question, string Input)[] Parts =
    [
        ("vmcoreinfo", "anything that the dead kernel's memory says (its log, stacks, tasks)",
            "a dump with VMCOREINFO: for a virtual machine add -device vmcoreinfo; else crash or drgn with the vmlinux of that kernel"),
        ("log", "what the kernel said before it died", "the console log or the journal of that boot"),
        ("kallsyms", "which functions stood on the stacks", "System.map or vmlinux of that kernel, with crash or drgn"),
        ("btf", "who waited for whom, and which tasks and modules there were",
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
