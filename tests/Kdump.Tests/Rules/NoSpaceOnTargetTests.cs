using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class NoSpaceOnTargetTests
{
    [Fact]
    public void A_full_target_is_found_and_explains_the_failed_dump()
    {
        Verdict verdict = Explained.Verdict(
            Explained.CaptureBoot + "kdump[651]: saving vmcore\nkdump.sh[652]: write_cache: Can't write the dump " +
            "file(/kdumproot/var/crash/vmcore-incomplete). No space left on device\nkdump.sh[652]: makedumpfile Failed.\n");
        Assert.Equal("no-space-on-target", Assert.Single(verdict.RootCauses).Id);
        Assert.Contains(verdict.Findings, f => f.Id == "vmcore-incomplete" && f.CausedBy.Contains("no-space-on-target"));
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "makedumpfile-failed");
    }

    [Fact]
    public void Another_programs_full_file_system_says_nothing_of_the_dump()
    {
        Assert.Empty(Explained.Findings("no-space-on-target",
            Explained.CaptureBoot + "systemd-journald[90]: Failed to write entry, ignoring: No space left on device\ntee: /tmp/out: No " +
            "space left on device\n"));
    }
}
