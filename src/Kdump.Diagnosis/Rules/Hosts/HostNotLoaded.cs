using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>No crash kernel is loaded, so a panic halts or reboots the machine and nothing is saved.</summary>
public sealed class HostNotLoaded : Rule
{
    public override string Id => "crash-kernel-not-loaded";

    public override Entry Entry => new("crash-kernel-not-loaded", "no crash kernel is loaded")
    {
        Area = Area.Preparing,
        Signature = ["0 in /sys/kernel/kexec_crash_loaded"],
        Cause = "Nothing loaded one at boot, or the kernel refused it: no reservation, no image, a service that is off, a locked-down " +
            "kernel.",
        Fixes = [new("Load it, and read why it was not", "kdumpctl start; journalctl -b -u kdump   # Debian: kdump-config load")],
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
        Fix fix = setup?.Tools switch
        {
            KdumpTools.RedHat => new("Load it, and read why it was not", "kdumpctl start; journalctl -b -u kdump"),
            KdumpTools.Debian => new("Load it, and read why it was not",
                "kdump-config load; kdump-config show; journalctl -b -u kdump-tools"),
            KdumpTools.Suse => new("Load it, and read why it was not", "systemctl restart kdump; journalctl -b -u kdump"),
            _ => new("Install the distribution's kdump tools; none that we know are here",
                "apt install kdump-tools   # RHEL, Fedora: dnf install kdump-utils; SUSE: zypper install kdump"),
        };
        yield return new Finding(Id, "no crash kernel is loaded", Severity.Critical, 0.97,
            setup is null || setup.Tools == KdumpTools.None
                ? "A panic would start nothing, and nothing that would load a crash kernel was found on this machine."
                : "A panic would start nothing: the machine halts or reboots, and its memory is lost.")
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-service-off", "kdump-image-missing",
                "kernel-config-lacks-kdump"],
            Fixes = [fix],
            Evidence = new Source?[] { loaded.Source, setup?.Source }.OfType<Source>().ToArray(),
        };
    }
}
