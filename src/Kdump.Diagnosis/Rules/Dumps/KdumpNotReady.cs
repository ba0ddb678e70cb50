using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>A status command reports that no crash kernel is loaded, or that it has less memory than recommended.</summary>
public sealed class KdumpNotReady : Rule
{
    public override string Id => "kdump-not-ready";

    public override Entry Entry => new("kdump-not-ready", "no crash kernel is loaded")
    {
        Area = Area.Preparing,
        Signature = ["current state:    Not ready to kdump", "Kdump is not operational", "/sys/kernel/kexec_crash_loaded:0"],
        Cause = "The service did not load one: " +
            "no memory is reserved, the kernel refused it, or the image was not built. A crash now leaves no dump.",
        Fixes = [new("Read the messages of the service", "systemctl status kdump   # Debian, Ubuntu: kdump-tools")],
        Origin = "Debian kdump-config, kdump-utils kdumpctl status() and estimate(), kernel/ksysfs.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KdumpStatus? last = facts.Of<KdumpStatus>().LastOrDefault(s => s.Boot?.Capture != true);
        CrashMemory? reserved = facts.Of<CrashMemory>().LastOrDefault(m => m.Kind == "reserved" && m.Boot?.Capture != true);
        DumpService service = DumpServices.Of(facts);
        if (last is { Ready: false })
        {
            IomemListed? map = facts.Of<IomemListed>().LastOrDefault();
            bool nothing = reserved is { Megabytes: 0 } || (reserved is null && map is { CrashKernel: false });
            bool debian = last.Source.Text.Contains("ready to kdump", StringComparison.OrdinalIgnoreCase);
            yield return new Finding(Id, "no crash kernel is loaded" + (nothing ? ": no memory is reserved for one" : ""), Severity.Error,
                0.9,
                "The status command reports it; a crash now leaves no dump." +
                    (nothing ? " crashkernel= is missing on the running kernel's command line, or its reservation failed." : ""))
            {
                CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-image-not-built", "kdump-image-missing",
                    "kdump-service-failed", "kdump-service-off", "selinux-denies-kdump", "dump-tool-crashed", "luks-key-not-linked"],
                Evidence = new[] { last.Source, nothing ? reserved?.Source ?? map?.Source : null }.Known(),
                Fixes =
                [
                    debian || service == DumpService.KdumpTools
                        ? new Fix("Load it and read its messages; then check whether memory is reserved",
                            "kdump-config load; " +
                                "cat /sys/kernel/kexec_crash_size; journalctl -b -u kdump-tools; grep -o 'crashkernel=[^ ]*' /proc/cmdline")
                        : new Fix("Load it and read its messages; then check whether memory is reserved",
                            "cat /sys/kernel/kexec_crash_size; grep -o 'crashkernel=[^ ]*' /proc/cmdline; journalctl -b -u kdump; " +
                            DumpServices.Reload(service)),
                ],
            };
        }
        CrashMemory? wanted = facts.Of<CrashMemory>().LastOrDefault(m => m.Kind == "recommended");
        if (wanted is not null && reserved is { Megabytes: > 0 } && reserved.Megabytes < wanted.Megabytes)
        {
            yield return new Finding("crashkernel-below-estimate",
                $"{reserved.Megabytes} MB are reserved for the crash kernel, and {wanted.Megabytes} MB are recommended", Severity.Warning,
                    0.85,
                "kdumpctl estimate adds up kernel, image and the drivers that are loaded now; " +
                    "it is an estimate; only a real crash shows the actual need.")
            {
                Evidence = [reserved.Source, wanted.Source],
                Fixes = [.. CrashKernelOption.Reservation(wanted.Megabytes, "the recommended size")],
            };
        }
        else if (facts.Of<CrashMemory>().LastOrDefault(m => m.Kind == "below") is { } below)
        {
            yield return new Finding("crashkernel-below-estimate",
                $"less memory is reserved for the crash kernel (crashkernel=) than the recommended {below.Megabytes} MB", Severity.Warning,
                    0.85,
                "kdumpctl estimate adds up kernel, image and the drivers that are loaded now; " +
                    "it is an estimate; only a real crash shows the actual need.")
            {
                Evidence = [below.Source],
                Fixes = [.. CrashKernelOption.Reservation(below.Megabytes, "the recommended size")],
            };
        }
    }
}
