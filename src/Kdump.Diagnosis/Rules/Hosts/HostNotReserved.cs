using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// The running kernel keeps no memory for a crash kernel: never asked, asked in vain, or asked only from the next boot on.
/// </summary>
public sealed class HostNotReserved : Rule
{
    public override string Id => "crashkernel-not-reserved";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<CrashReservation>() is not [var reservation, ..])
        {
            if (!facts.Any<KexecAbsent>())
                yield return new Unknown("whether memory is reserved for a crash kernel",
                    "/sys/kernel/kexec_crash_size, or /proc/iomem as root");
            yield break;
        }
        if (reservation.Bytes > 0)
            yield break;
        KernelCommandLine? line = facts.Of<KernelCommandLine>().FirstOrDefault();
        CrashkernelConfigured? next = facts.Of<CrashkernelConfigured>().FirstOrDefault();
        string? asked = line is null ? null : CommandLine.Parse(line.Text).Last("crashkernel");
        (string why, IReadOnlyList<Fix> fixes) = asked switch
        {
            "auto" => ("crashkernel=auto means something in RHEL 6 to 8's kernels only; any other reserves nothing for it.",
                CrashKernelOption.Reservation(256, "a size instead of auto").ToArray()),
            { Length: > 0 } =>
                ($"crashkernel={asked} was asked for, and the kernel found no room, could not read the value, or the machine's memory is " +
                $"below its lowest range; its log says which.",
                [new Fix("Read what the kernel said about it", "journalctl -k -b | grep -i crashkernel"),
                    .. CrashKernelOption.Reservation(256, "in a form the kernel can meet (no @offset)")]),
            _ when next is not null => (
                $"The running kernel was started without crashkernel=; the boot loader's configuration has crashkernel={next.Value}, so " +
                $"a reboot is all that is missing.",
                [new Fix("Reboot (after writing the boot loader's configuration anew, where that was not done)",
                    "reboot", "the machine goes down")]),
            _ => ("The command line holds no crashkernel=.", CrashKernelOption.Reservation(256, "by a crashkernel= parameter").ToArray()),
        };
        yield return new Finding(Id,
            "no memory is reserved for a crash kernel" + (asked is { Length: > 0 } ? $" although crashkernel={asked} was asked for" : ""),
            Severity.Critical, 0.97,
            why + " Until then a crash leaves no dump.")
        {
            CausedBy = ["kernel-config-lacks-kdump"],
            Fixes = fixes,
            Evidence = new Source?[] { reservation.Source, line?.Source, next?.Source }.OfType<Source>().ToArray(),
        };
    }
}
