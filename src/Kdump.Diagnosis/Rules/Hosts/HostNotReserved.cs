using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// The running kernel has no memory reserved for a crash kernel: not requested, the request failed, or requested only from the next
/// boot on.
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
        CrashkernelRequest request = line is null ? default : CrashkernelRequest.Of(line.Text);
        string? asked = request.Any ? request.Text : null;
        long megabytes = HostReservationSmall.Wanted(facts);
        (string why, IReadOnlyList<Fix> fixes) = asked switch
        {
            "auto" => ("crashkernel=auto is supported only by the kernels of RHEL 6 to 8; other kernels reserve nothing for it.",
                CrashKernelOption.Reservation(megabytes, "a size instead of auto").ToArray()),
            { Length: > 0 } when request.OnlyLow =>
                ("crashkernel=…,low is only taken beside crashkernel=…,high: alone it reserves nothing.",
                CrashKernelOption.Reservation(megabytes, "without ,low").ToArray()),
            { Length: > 0 } when request.Plain is null && OldArm(facts) is { } old => (
                $"Kernels for arm64 know crashkernel=…,high from Linux 6.0 on (RHEL's from 5.14 on); {old} passes over it.",
                CrashKernelOption.Reservation(megabytes, "without ,high").ToArray()),
            { Length: > 0 } =>
                ($"The command line has crashkernel={asked}, but the kernel found no free range, " +
                    "could not parse the value, or the machine has less memory than its lowest range; the kernel log shows which.",
                [new Fix("Read what the kernel said about it", "journalctl -k -b | grep -i crashkernel"),
                    .. CrashKernelOption.Reservation(megabytes, "in a form the kernel can satisfy (no @offset)")]),
            _ when next is not null => (
                (line is null ? "The running kernel reserves nothing, and its command line is not among the inputs"
                    : "The running kernel was started without crashkernel=") +
                    $"; the boot loader's configuration has crashkernel={next.Value}" +
                    (line is null ? ": if that is new, only a reboot is missing." : ", so only a reboot is missing."),
                [new Fix("Reboot (first regenerate the boot loader's configuration, if that was not done)",
                    // Debian's packages put it in a part of grub's configuration, which nothing boots from.
                    next.Source.Input.Contains("/grub.d/", StringComparison.Ordinal) ? "update-grub && reboot" : "reboot",
                    "the machine goes down")]),
            _ => (line is null ? "No memory is marked as a crash kernel's; the kernel's command line is not among the inputs."
                : "The command line has no crashkernel= parameter.",
                CrashKernelOption.Reservation(megabytes, "by a crashkernel= parameter").ToArray()),
        };
        yield return new Finding(Id,
            "no memory is reserved for a crash kernel" + (asked is { Length: > 0 } ? $" although the command line has crashkernel={asked}"
                : ""),
            Severity.Critical, 0.97,
            why + " Until then a crash leaves no dump.")
        {
            CausedBy = ["kernel-config-lacks-kdump"],
            Fixes = fixes,
            Evidence = new Source?[] { reservation.Source, line?.Source, next?.Source }.OfType<Source>().ToArray(),
        };
    }

    /// <summary>
    /// The release of a kernel for arm64 without Linux commit 944a45abfabc ("arm64: kdump: Reimplement crashkernel=X", v6.0); null for
    /// another.
    /// </summary>
    private static string? OldArm(Facts facts) => MachineArchitecture.IsArm64(facts) && facts.Of<MachineKernel>() is [var kernel, ..] &&
        VersionOrder.IsBelow(kernel.Release, "6.0") && !kernel.Release.Contains(".el9", StringComparison.Ordinal) ? kernel.Release : null;
}
