using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>Xen ended a guest: it could not go on with it, or the guest asked for what it may not have.</summary>
public sealed class XenGuestEnded : Rule
{
    private const int MostNamed = 3;

    public override string Id => "xen-guest-ended";

    public override Entry Entry => new(Id, "Xen ended a virtual machine")
    {
        Area = Area.Crashing,
        Signature = ["(XEN) Domain 3 (vcpu#0) crashed on cpu#3:", "(XEN) domain_crash called from …"],
        Cause = "Xen found the guest in a state in which it cannot run it. Xen and the other guests go on.",
        Origin = "xen/common/domain.c __domain_crash(), xen/arch/x86/x86_64/entry.S create_bounce_frame, xen/arch/x86/hvm/vmx/vmx.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var guest in facts.Of<XenCrash>().Where(x => x.Trouble == XenTrouble.Guest).GroupBy(x => x.Domain).Take(MostNamed))
            yield return Of([.. guest]);
        foreach (var guest in facts.Of<XenCrash>().Where(x => x.Trouble == XenTrouble.TripleFault).GroupBy(x => (x.Domain, x.Action))
            .Take(MostNamed))
            yield return Tripled(guest.First(), guest.Count());
    }

    private Finding Of(XenCrash[] times)
    {
        XenCrash crash = times[^1];
        string name = Name(crash);
        string reason = crash.Reason is { } said ? XenCrashed.WithoutTag(said.Plain) : "";
        string why;
        if (reason.Contains("create_bounce_frame", StringComparison.Ordinal))
            why = "Xen could not put an exception or an interrupt onto the guest's own stack (create_bounce_frame)" +
                Page(crash.PageEntry) +
                ": the guest's stack pointer is wrong, or its stack overflowed.";
        else if (reason.Contains("vm entry", StringComparison.Ordinal) || reason.Contains("vmentry", StringComparison.Ordinal))
            why = "The processor refused to enter the guest, because its state is not valid.";
        else
            why = reason.Length > 0 ? $"Xen's words: {reason}." : "Why is in the lines before, which are not here.";
        return new Finding(Id, $"Xen ended {name}: its vCPU {crash.Vcpu} crashed{(times.Length > 1 ? $" ({times.Length} times)" : "")}",
            crash.Domain == 0 ? Severity.Critical : Severity.Error, 0.9,
            why + (crash.Domain == 0 ? "" : " The registers are the guest's; the hypervisor and the other guests go on."))
        {
            Subject = $"{crash.Domain}",
            Evidence = crash.Reason is { } line && line != crash.Source ? [crash.Source, line] : [crash.Source],
            Fixes =
            [
                new("Find which guest it was, and read its own console", "xl list; ls -t /var/log/xen/console/"),
                new("Keep the next one's memory: on_crash=\"coredump-restart\" in the guest's configuration"),
            ],
        };
    }

    /// <summary>Xen's shutdown codes (xen/include/public/sched.h): what it is told to do with such a guest.</summary>
    private static Finding Tripled(XenCrash crash, int times)
    {
        string? did = crash.Action switch { 0 => "power off", 1 => "reboot", 3 => "crash", _ => null };
        string action = did is null ? "" : $" (action {crash.Action}: {did})";
        return new Finding("xen-guest-ended", $"{Name(crash)} had a triple fault{action}{(times > 1 ? $" ({times} times)" : "")}",
            crash.Action is 3 ? Severity.Error : Severity.Warning, 0.85,
            $"The guest's processor had a triple fault, and Xen did what it is told to{action}. The guest could not handle an exception, " +
            "nor the one after it. Some systems restart themselves that way on purpose. The hypervisor and the other guests go on.")
        {
            Subject = $"{crash.Domain}",
            Evidence = [crash.Source],
            Fixes = [new("Find which guest it was, and read its own console", "xl list; ls -t /var/log/xen/console/")],
        };
    }

    private static string Name(XenCrash crash) => crash.Domain switch
    {
        0 => "dom0",
        { } d => $"the guest d{d} (domain {d})",
        null => "a guest",
    };

    /// <summary>The last entry of the page walk: bit 0 present, bit 1 writable.</summary>
    private static string Page(ulong? entry) => entry switch
    {
        null => "",
        { } e when (e & 1) == 0 => ", where nothing is mapped",
        { } e when (e & 2) == 0 => ", whose page may not be written",
        _ => "",
    };
}
