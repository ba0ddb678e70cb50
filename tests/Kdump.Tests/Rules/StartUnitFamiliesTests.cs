using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Units of systemd's own that every start has: what fails with them is told with what it means.</summary>
public sealed class StartUnitFamiliesTests
{
    private static List<Finding> Of(string id, string line) => Explained.Findings(id, line + "\n");

    [Theory]
    [InlineData("[FAILED] Failed to start Remount Root and Kernel File Systems.")]
    [InlineData("[FAILED] Failed to start systemd-remount-fs.service - Remount Root and Kernel File Systems.")]
    [InlineData("Oct 14 15:45:43 box systemd[1]: systemd-remount-fs.service: Failed with result 'exit-code'.")]
    public void The_root_that_was_not_remounted(string line) => Assert.Contains("not remounted",
        Assert.Single(Of("unit-mount-failed", line)).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("[  OK  ] Finished Remount Root and Kernel File Systems.")]
    [InlineData("         Starting Remount Root and Kernel File Systems...")]
    [InlineData("Oct 14 15:45:43 box systemd[1]: lvm2-pvscan@253:3.service: Deactivated successfully.")]
    [InlineData("Oct 14 15:45:43 box earlyoom[814]: mem avail:   338 of   981 MiB (34 %), swap free:    0 of    0 MiB ( 0 %)")]
    public void What_went_well_is_quiet(string line) => Assert.Empty(Explained.Verdict(line + "\n").Findings);

    [Theory]
    [InlineData("[FAILED] Failed to mount Kernel Configuration File System.\nSee 'systemctl status sys-kernel-config.mount' for details.",
        "/sys/kernel/config")]
    [InlineData("[FAILED] Failed to mount Huge Pages File System.\nSee 'systemctl status dev-hugepages.mount' for details.",
        "/dev/hugepages")]
    [InlineData("[FAILED] Failed to mount Temporary Directory (/tmp).\nSee 'systemctl status tmp.mount' for details.", "/tmp")]
    public void A_mount_that_is_told_by_its_description_and_its_unit_is_one(string lines, string place) =>
        Assert.Equal(place, Assert.Single(Of("unit-mount-failed", lines)).Subject);

    [Theory]
    [InlineData("Oct 14 15:45:43 box systemd[1]: lvm2-pvscan@253:3.service: Failed with result 'exit-code'.", "253:3")]
    [InlineData("Oct 14 15:45:43 box systemd[1]: Failed to start LVM event activation on device 253:3.", "253:3")]
    [InlineData("[FAILED] Failed to start LVM2 PV scan on device 8:2.", "8:2")]
    [InlineData("[FAILED] Failed to start Activation of LVM2 logical volumes.", "at start failed")]
    [InlineData("Oct 14 15:45:43 box systemd[1]: lvm-activate-vg0.service: Failed with result 'timeout'.", "vg0")]
    public void A_failed_scan_or_activation_of_LVM(string line, string says) =>
        Assert.Contains(says, Assert.Single(Of("volume-not-activated", line)).Title, StringComparison.Ordinal);

    [Fact]
    public void It_is_the_cause_of_the_volume_that_did_not_appear()
    {
        const string Log = "Oct 14 15:45:43 box systemd[1]: Failed to start LVM event activation on device 253:3.\n" +
            "Oct 14 15:47:10 box systemd[1]: Timed out waiting for device dev-mapper-vg0\\x2dvar.device.\n" +
            "Oct 14 15:47:10 box systemd[1]: Dependency failed for /var.\n";
        Assert.Equal("volume-not-activated", Explained.Verdict(Log).Chain[0].Id);
    }

    [Theory]
    [InlineData("sending SIGTERM to process 1076783 \"mysqld\": badness 214, VmRSS 210 MiB", "earlyoom ended mysqld (SIGTERM)")]
    [InlineData("sending SIGKILL to process 12 uid 1000 \"Web Content\": oom_score 900, VmRSS 21 MiB, cmdline \"x\"",
        "Web Content (SIGKILL)")]
    public void Earlyoom_names_whom_it_ended(string words, string says)
    {
        Finding f = Assert.Single(Of("memory-daemon-killed",
            "Sep 16 19:05:10 box earlyoom[814]: low memory! at or below SIGTERM limits: mem 10 %, swap 10 %\n" +
            $"Sep 16 19:05:10 box earlyoom[814]: {words}"));
        Assert.Contains(says, f.Title, StringComparison.Ordinal);
        Assert.Equal(2, f.Evidence.Count);
    }
}
