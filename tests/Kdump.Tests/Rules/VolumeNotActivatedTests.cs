using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>
/// Volumes that were not activated although nothing says that their data is damaged: no target, no type, no checker in the kernel and
/// LVM at hand.
/// </summary>
public sealed class VolumeNotActivatedTests
{
    [Theory]
    [InlineData("Can't process LV pve/data: thin-pool target support missing from kernel?", "thin-pool")]
    [InlineData("Can't process LV vg0/r5: raid5_ls target support missing from kernel?", "raid5_ls")]
    [InlineData("Can't process vg0/vdo: vdo target support missing from kernel?", "vdo")]
    [InlineData("snapshot: Required device-mapper target(s) not detected in your kernel.", "snapshot")]
    [InlineData("WARNING: Unrecognised segment type cache+METADATA_FORMAT", "cache+METADATA_FORMAT")]
    [InlineData("/sbin/cache_check: execvp failed: No such file or directory", "sbin/cache_check")]
    public void What_is_missing_is_named_and_nothing_is_called_damaged(string line, string named)
    {
        Finding finding = Assert.Single(Explained.Findings("volume-not-activated", $"  {line}\n"));
        Assert.Contains(named, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", finding.Title + finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Theory]
    [InlineData(1, "volume-damaged")]
    [InlineData(2, "volume-not-activated")]
    [InlineData(64, "volume-not-activated")]
    public void Only_one_status_of_the_checker_says_that_the_pool_is_damaged(int status, string id)
    {
        Verdict verdict = Explained.Verdict($"  Check of pool vg0/thin0 failed (status:{status}). Manual repair required!\n");
        Assert.Equal(id, Assert.Single(verdict.Findings).Id);
    }

    [Fact]
    public void The_emergency_shell_follows_from_it() => Assert.Contains("volume-not-activated", Assert.Single(Explained.Findings(
        "emergency-mode", "[    9.100000] lvm[300]:   Can't process LV pve/root: thin-pool target support missing from kernel?\n" +
        "[   99.000000] You are in emergency mode. After logging in, type \"journalctl -xb\" to view\n")).CausedBy.Select(c => c.Id));
}
