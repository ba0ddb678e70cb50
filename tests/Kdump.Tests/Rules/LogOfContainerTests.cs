using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>In a container the units that set up a machine fail as usual; everything else there counts.</summary>
public sealed class LogOfContainerTests
{
    private const string Failing = """
        Nov 02 10:00:00 ct101 mount[55]: mount: /sys/kernel/debug: permission denied.
        Nov 02 10:00:00 ct101 systemd[1]: sys-kernel-debug.mount: Mount process exited, code=exited, status=32/n/a
        Nov 02 10:00:00 ct101 systemd[1]: sys-kernel-debug.mount: Failed with result 'exit-code'.
        Nov 02 10:00:00 ct101 systemd[1]: Failed to mount sys-kernel-debug.mount - Kernel Debug File System.
        Nov 02 10:00:00 ct101 systemd[1]: systemd-remount-fs.service: Main process exited, code=exited, status=1/FAILURE
        Nov 02 10:00:00 ct101 systemd[1]: Failed to start Remount Root and Kernel File Systems.
        Nov 02 10:00:00 ct101 modprobe[61]: modprobe: FATAL: Module fuse not found in directory /lib/modules/6.8.12-4-pve
        Nov 02 10:00:00 ct101 systemd[1]: Failed to start systemd-udev-trigger.service - Coldplug All udev Devices.

        """;

    [Theory]
    [InlineData("Nov 02 10:00:00 ct101 systemd[1]: Detected virtualization lxc.\n")]
    [InlineData("Nov 02 10:00:00 ct101 systemd[1]: Detected virtualization systemd-nspawn.\n")]
    [InlineData("Detected virtualization docker.\n")]
    [InlineData("Nov 02 10:00:00 ct101 systemd-sysctl[71]: Couldn't write '1' to 'kernel/sysrq', ignoring: Permission denied\n")]
    [InlineData("Press ^] three times within 1s to kill container.\n")]
    public void What_sets_up_a_machine_fails_there_as_usual(string mark)
    {
        Verdict verdict = Explained.Verdict(mark + Failing);
        Assert.DoesNotContain(verdict.Unknowns, u => u.Evidence.Count > 0);
        Assert.Equal(["log-of-container"], verdict.Findings.Select(f => f.Id));
        Assert.Equal(Severity.Info, verdict.Findings[0].Severity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Nov 02 10:00:00 h1 systemd[1]: Detected virtualization kvm.\n")]
    public void On_a_machine_the_same_lines_count(string mark) =>
        Assert.Contains(Explained.Verdict(mark + Failing).Findings, f => f.Severity >= Severity.Warning);

    [Fact]
    public void A_service_of_its_own_that_fails_counts_there_as_well() => Assert.Contains(Explained.Verdict(
        "Detected virtualization lxc.\n" + Failing +
        "Nov 02 10:00:03 ct101 systemd[1]: web.service: Main process exited, code=exited, status=1/FAILURE\n").Findings,
        f => f.Subject == "web.service" && f.Severity == Severity.Error);
}
