using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class FirmwareMissingInImageTests
{
    private const string Missing = "[    5.000000] qla2xxx 0000:05:00.0: Direct firmware load for ql2600_fw.bin failed with error -2\n";

    [Fact]
    public void A_file_without_which_the_driver_gave_up_explains_the_failure()
    {
        Verdict verdict = Explained.Verdict(
            Explained.CaptureBoot + Missing + "[    6.000000] qla2xxx: probe of 0000:05:00.0 failed with error -2\n");
        Finding root = Assert.Single(verdict.RootCauses);
        Assert.Equal("firmware-missing-in-image:ql2600_fw.bin", root.Key);
        Assert.Contains(verdict.Findings, f => f.Id == "driver-probe-failed" && f.CausedBy.Contains(root.Key));
    }

    [Fact]
    public void A_file_that_the_driver_can_do_without_is_no_finding()
    {
        Assert.Empty(Explained.Findings("firmware-missing-in-image",
            Explained.CaptureBoot + Missing + "[    6.000000] qla2xxx: probe of 0000:06:00.0 failed with error -2\n"));
    }

    [Fact]
    public void The_first_kernels_firmware_is_not_the_images()
    {
        Assert.Empty(Explained.Findings("firmware-missing-in-image",
            Explained.FirstBoot + Missing + "[    6.000000] qla2xxx: probe of 0000:05:00.0 failed with error -2\n"));
    }

    /// <summary>A piece of a log without its first lines: most are of an ordinary kernel.</summary>
    [Fact]
    public void Where_nothing_shows_a_crash_kernel_the_fix_is_the_machines()
    {
        const string Sound = "[    5.190551] snd_soc_skl 0000:00:1f.3: Direct firmware load for 9d71-tplg.bin failed with error -2\n" +
            "[    5.190640] snd_soc_skl: probe of 0000:00:1f.3 failed with error -2\n";
        Finding sound = Assert.Single(Explained.Findings("firmware-missing-in-image", Sound));
        Assert.Equal(Severity.Warning, sound.Severity);
        Assert.Contains("linux-firmware", sound.Fixes[0].Text, StringComparison.Ordinal);
        Finding disk = Assert.Single(Explained.Findings("firmware-missing-in-image",
            Missing + "[    6.000000] qla2xxx: probe of 0000:05:00.0 failed with error -2\n"));
        Assert.Equal(Severity.Error, disk.Severity);
        Assert.DoesNotContain("kdumpctl", disk.Fixes[0].Command!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_a_shell_would_run_stays_one_word()
    {
        Finding finding = Assert.Single(Explained.Findings("firmware-missing-in-image",
            "[    5.000000] qla2xxx 0000:05:00.0: Direct firmware load for x$(reboot).bin failed with error -2\n" +
            "[    6.000000] qla2xxx: probe of 0000:05:00.0 failed with error -2\n"));
        Assert.Contains("'/lib/firmware/x$(reboot).bin'", finding.Fixes[0].Command!, StringComparison.Ordinal);
        Assert.Contains("'x$(reboot).bin'", finding.Fixes[0].Command!, StringComparison.Ordinal);
    }
}
