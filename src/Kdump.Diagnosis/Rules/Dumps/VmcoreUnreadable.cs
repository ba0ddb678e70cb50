using System.Globalization;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A page of the crashed kernel's memory could not be read through /proc/vmcore; every program that copies it stops there.
/// </summary>
public sealed class VmcoreUnreadable : Rule
{
    private const ulong FirstMiB = 1 << 20;

    public override string Id => "vmcore-unreadable";

    public override Entry Entry => new("vmcore-unreadable", "a page of the old memory could not be read through /proc/vmcore")
    {
        Area = Area.Writing,
        Signature =
        [
            "read_from_vmcore: Can't read the dump memory(/proc/vmcore). Bad address",
            "cp: error reading '/proc/vmcore': Cannot allocate memory",
            "ioremap on RAM at 0x… - 0x…",
        ],
        Cause = "The kernel returned an error for that page: EFAULT for memory that cannot be accessed (taken by a hypervisor, " +
            "hot-removed, private, poisoned), ENOMEM if ioremap refuses memory that the crash kernel itself uses, or EIO. " +
            "The description of the old memory (elfcorehdr) is wrong or outdated, or the memory no longer exists. " +
            "The cause is neither the age of makedumpfile nor a lack of memory.",
        Fixes =
        [
            new("Load the crash kernel through the other system call, which describes the memory differently: " +
                "KEXEC_ARGS with or without -s"),
            new("Load it again after memory was added or removed", "systemctl restart kdump"),
        ],
        Origin = "fs/proc/vmcore.c, arch/x86/kernel/crash_dump_64.c, arch/x86/mm/ioremap.c; makedumpfile.c read_from_vmcore(); " +
            "Linux commit a2e9a95d2190 (\"kexec: Improve & fix crash_exclude_mem_range() to handle overlapping ranges\")",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] reading = facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Reading && s.MayBeCapture).ToArray();
        ToolSaid? error = reading.FirstOrDefault(s => s.Message.Mark is not (MemoryMessages.Address or MemoryMessages.Mapping));
        if (error is null || facts.Of<DumpProgress>().Any(p => p.Step == DumpStep.Saved && p.Boot == error.Boot &&
            p.Source.Order > error.Source.Order))
            yield break;
        // Another error came first: makedumpfile's error for a later page is a consequence.
        if (Saving.Failure(facts) is { } failure && failure.Boot == error.Boot && Saving.Before(failure, facts)
            .FirstOrDefault() is { } first &&
            first != (Fact)error && first is not ToolSaid { Message.Stage: ToolStage.Reading })
            yield break;
        ToolSaid? mapping = reading.LastOrDefault(s => s.Message.Mark == MemoryMessages.Mapping && s.Boot == error.Boot);
        ToolSaid? address = reading.FirstOrDefault(s => s.Message.Mark == MemoryMessages.Address && s.Boot == error.Boot &&
            s.Source.Order >= error.Source.Order);
        // The second number of readmem is an address of the kernel (0) or of the machine's memory (1).
        string place;
        if (mapping is not null)
            place = $" at {mapping.Taken[0]}";
        else if (address is null)
            place = "";
        else
            place = $" at {(address.Taken[0] == "1" ? "physical " : "")}address 0x{address.Taken[1]}";
        bool low = mapping is not null && ulong.TryParse(mapping.Taken[0].AsSpan(mapping.Taken[0].StartsWith("0x", StringComparison.Ordinal)
            ? 2 : 0), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong at) && at < FirstMiB;
        DumpService service = DumpServices.Of(facts);
        yield return new Finding(Id, $"the old memory could not be read through /proc/vmcore{place} ({error.Message.Mark})",
            Severity.Critical, 0.95,
            $"Every program that copies the memory stops there: {error.Means}." +
            (low ? " A kernel bug, fixed in Linux 5.9 (crash_exclude_mem_range), left such ranges in the first MiB." : ""))
        {
            CausedBy = ["dump-header-goes-stale"],
            Explains = ["vmcore-incomplete", "dump-not-saved"],
            Evidence = new[] { mapping?.Source, error.Source, address?.Source }.Known(),
            Fixes =
            [
                .. !low ? Array.Empty<Fix>() : [new Fix("Install a newer kernel for the crash kernel", "uname -r")],
                new Fix("Reload the crash kernel to update the description of memory; this is required after every change of memory",
                    DumpServices.Reload(service)),
                new Fix("Try the other of the two system calls; they describe the memory differently: KEXEC_ARGS in /etc/sysconfig/kdump " +
                    "(Debian: KDUMP_KEXEC_ARGS in /etc/default/kdump-tools) with -s, or with -c in its place",
                    DumpServices.Reload(service)),
                new Fix($"Check what is at that address, and try makedumpfile with --non-mmap ({DumpServices.CopySetting(service)})",
                    "cat /proc/iomem; dmesg | grep -iE 'balloon|hotplug|poison|e820'"),
            ],
        };
    }
}
