using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>No crash kernel is loaded, so a panic halts or reboots the machine without a dump.</summary>
public sealed class HostNotLoaded : Rule
{
    public override string Id => "crash-kernel-not-loaded";

    public override Entry Entry => new("crash-kernel-not-loaded", "no crash kernel is loaded")
    {
        Area = Area.Preparing,
        Signature = ["0 in /sys/kernel/kexec_crash_loaded"],
        Cause = "No service loaded one at boot, or the kernel refused it: " +
            "no reservation, no image, a service that is off, a locked-down kernel.",
        Fixes = [new("Load it, and read why it was not loaded", "kdumpctl start; journalctl -b -u kdump   # Debian: kdump-config load")],
        Origin = "kernel/ksysfs.c kexec_crash_loaded_show()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<KexecLoaded>() is not [var loaded, ..])
        {
            if (!facts.Any<KexecAbsent>())
                yield return new Unknown("whether a crash kernel is loaded", "/sys/kernel/kexec_crash_loaded of the running machine");
            yield break;
        }
        if (loaded.Loaded)
            yield break;
        KdumpSetup? setup = facts.Of<KdumpSetup>().FirstOrDefault();
        IReadOnlyList<Fix> fixes = setup?.Tools switch
        {
            KdumpTools.RedHat => [new("Load it, and read why it was not loaded", "kdumpctl start; journalctl -b -u kdump")
                { Undo = "kdumpctl stop" }],
            KdumpTools.Debian => [new("Load it, and read why it was not loaded",
                "kdump-config load; kdump-config show; journalctl -b -u kdump-tools") { Undo = "kdump-config unload" }],
            KdumpTools.Suse => [new("Load it, and read why it was not loaded", "systemctl restart kdump; journalctl -b -u kdump")
                { Undo = "systemctl stop kdump" }],
            _ => Install(facts),
        };
        yield return new Finding(Id, "no crash kernel is loaded", Severity.Critical, 0.97,
            setup is null || setup.Tools == KdumpTools.None
                ? "After a panic no crash kernel starts, and no tool that would load one was found on this machine."
                    : "After a panic no crash kernel starts: the machine halts or reboots, and its memory is lost.")
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-service-off", "kdump-image-missing",
                "kernel-config-lacks-kdump"],
            Fixes = fixes,
            Evidence = new Source?[] { loaded.Source, setup?.Source }.OfType<Source>().ToArray(),
        };
    }

    /// <summary>The package for the distribution named in os-release; all of them if it is unknown.</summary>
    private static Fix[] Install(Facts facts)
    {
        Fix[] all =
        [
            new("Install the distribution's kdump tools; none were found", "apt install kdump-tools")
            { For = KdumpTools.Debian, Undo = "apt purge kdump-tools" },
            new("Install the distribution's kdump tools; none were found",
                "dnf install kdump-utils && systemctl enable --now kdump   # RHEL 8, 9: kexec-tools")
            { For = KdumpTools.RedHat, Undo = "systemctl disable --now kdump" },
            new("Install the distribution's kdump tools; none were found",
                "zypper install kdump && systemctl enable --now kdump")
            { For = KdumpTools.Suse, Undo = "systemctl disable --now kdump" },
        ];
        return facts.Of<Distribution>() is [{ Tools: not KdumpTools.None } own, ..] ? Array.FindAll(all, f => f.For == own.Tools) : all;
    }
}
