using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Until Linux 2.6.8 a panic's line had no "not syncing".</summary>
public sealed class OldPanicTests
{
    [Theory]
    [InlineData("Jul  9 12:19:41 vz01 kernel: Kernel panic: CPU context corrupt")]
    [InlineData("<0>Kernel panic: Aiee, killing interrupt handler!")]
    [InlineData("[  100.000000] Kernel panic: VFS: Unable to mount root fs on 03:02")]
    [InlineData("Kernel panic: Attempted to kill init!")]
    [InlineData("Kernel panic: No init found.  Try passing init= option to kernel.")]
    public void It_is_a_panic_and_quoted_as_it_stands(string line)
    {
        Verdict verdict = Explained.Verdict(line + "\n");
        Finding worst = verdict.Findings.MaxBy(f => f.Severity)!;
        Assert.Equal(Severity.Critical, worst.Severity);
        Assert.Contains(worst.Evidence, e => e.Text.Contains("Kernel panic: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Kernel panic: how do I find out why?\n")]
    [InlineData("My machine says Kernel panic: VFS: and then nothing\n")]
    public void Words_about_one_are_none(string text) =>
        Assert.DoesNotContain(Explained.Verdict(text).Findings, f => f.Id is "kernel-panic" or "no-root");
}
