using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The hypervisor Xen stopped, or the domain that has the hardware, which takes the machine down as well.</summary>
public sealed class XenCrashed : Rule
{
    public override string Id => "xen-crashed";

    public override Entry Entry => new(Id, "the hypervisor Xen crashed")
    {
        Area = Area.Crashing,
        Signature = ["(XEN) Panic on CPU 0:", "(XEN) FATAL PAGE FAULT", "(XEN) ----[ Xen-4.17.2 x86_64 … ]---- with CONTEXT: hypervisor",
            "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds."],
        Cause = "Not the kernel of a guest or of dom0 crashed, but Xen below it; or dom0, without which Xen restarts the machine. " +
            "No kdump of a Linux kernel sees a crash of Xen itself.",
        Origin = "xen/arch/x86/traps.c, xen/drivers/char/console.c panic(), xen/common/shutdown.c hwdom_shutdown()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        XenCrash[] all = [.. facts.Of<XenCrash>().Where(x => x.Trouble is not (XenTrouble.Guest or XenTrouble.TripleFault))];
        foreach (XenCrash crash in all.DistinctBy(x => (x.Trouble, x.Function, x.Rip, Reason(x))))
            yield return crash.Trouble == XenTrouble.HardwareDomain ? OfHardwareDomain(crash) : OfXen(crash);
    }

    private static string? Reason(XenCrash crash) => crash.Reason is { } said ? WithoutTag(said.Plain) : null;

    /// <summary>What Xen says behind its tag and its time.</summary>
    internal static string WithoutTag(string line)
    {
        const string Tag = "(XEN) ";
        line = KernelLine.Parse(line).Message.ToString();
        string text = line[(line.IndexOf(Tag, StringComparison.Ordinal) is >= 0 and var at ? at + Tag.Length : 0)..];
        int close = text.StartsWith('[') ? text.IndexOf("] ", StringComparison.Ordinal) : -1;
        return Printable.Quoted(text[(close < 0 ? 0 : close + 2)..].Trim(), 100);
    }

    /// <summary>Below it is nothing of Xen's own.</summary>
    private const ulong OwnSpace = 0x0000_8000_0000_0000;

    private Finding OfXen(XenCrash crash)
    {
        bool firmware = crash.Function is null && crash.Rip is > 0 and < OwnSpace;
        bool hardware = crash.Reason?.Plain.Contains("MACHINE CHECK", StringComparison.Ordinal) == true;
        string place = crash.Function is { } function
            ? $" in {function}(){(crash.File is { } file ? $" ({file})" : "")}" : "";
        if (firmware)
            place = $" in firmware's code, at 0x{crash.Rip:x}";
        string what = Reason(crash) is { } said ? $"Xen itself crashed{place}: {said}" : $"Xen itself stopped{place}";
        string cpu = crash.Cpu is { } number ? $" on CPU {number}" : "";
        string current = crash.Domain is { } d ? $" The CPU worked for {Name(d)}'s vCPU {crash.Vcpu} then, which says whose " +
            "request it was, " +
            "not who is at fault." : "";
        string address = crash.Address switch
        {
            null or 0 => "",
            { } a when !crash.OfCr2 => $" The access that failed was at 0x{a:x}.",
            { } a => $" cr2, the address of the last page fault, holds 0x{a:x}.",
        };
        string callers = crash.Callers.Where(c => c != crash.Function).Take(4).ToArray() is { Length: > 0 } below
            ? $" Below it: {string.Join(", ", below.Select(c => c + "()"))}." : "";
        string called = firmware ? " That place is no code of Xen, which lies at the upper end of the address space, but of the " +
            "firmware: " +
            "EFI's runtime services, which Xen calls to restart the machine, for the clock and for variables. Reset by another way: " +
            "boot Xen with reboot=acpi or efi=no-rs." : "";
        string missing = crash.Trouble == XenTrouble.Registers
            ? " The lines end before Xen's reason (\"Panic on CPU …\"), which a longer log has." : "";
        return new Finding(Id, what, Severity.Critical, crash.Trouble == XenTrouble.Panic ? 0.95 : 0.8,
            $"{Whose(crash)}{cpu}, not of a Linux kernel: dom0 and the guests stopped with it.{current}{address}{called}{callers}{missing}")
        {
            Subject = crash.Function ?? $"{crash.Rip:x}",
            Evidence = crash.Reason is { } why && why != crash.Source ? [crash.Source, why] : [crash.Source],
            Fixes = hardware ?
            [
                new("The processor reported an error of the hardware: read the machine check records and the log of the board",
                    "ipmitool sel elist; ras-mc-ctl --errors; xl dmesg | grep -iE 'mce|machine check'"),
                new("Find the part they name (a DIMM, a processor, a slot) and test or replace it; update the firmware"),
            ] :
            [
                new("Update Xen and the firmware; report it to the distribution or xen-devel with all lines from \"----[ Xen\" to " +
                    "the end " +
                    "of the report"),
                new("Find the source line (needs the symbols of exactly this Xen)",
                    crash.Function is null ? null : "addr2line -fie xen-syms ADDRESS_OF_RIP"),
                new("Keep Xen's next words: a serial or network console for Xen itself",
                    "xl dmesg; grep -E 'console=|com1=' /boot/grub*/grub.cfg"),
            ],
        };
    }

    /// <summary>A panic alone prints no registers.</summary>
    private static string Whose(XenCrash crash) => crash switch
    {
        { Version: { } version } => $"These registers are of the hypervisor (Xen {version})",
        { Rip: null, Function: null } => "These words are of the hypervisor",
        _ => "These registers are of the hypervisor",
    };

    private Finding OfHardwareDomain(XenCrash crash) => new(Id, $"{Name(crash.Domain ?? 0)} crashed, and Xen restarts the machine",
        Severity.Critical, 0.9, "The domain that has the hardware stopped. Xen goes on, but cannot without it, and takes the " +
            "machine down. " +
        "What stopped it is in that domain's own kernel messages before this line.")
    {
        Subject = $"d{crash.Domain ?? 0}",
        Evidence = [crash.Source],
        Fixes = [new("Read the lines before it: the panic of dom0's kernel", "xl dmesg; journalctl -k -b -1")],
    };

    internal static string Name(int domain) => domain == 0 ? "dom0" : $"d{domain}";
}
