using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class InitNotStartedTests
{
    [Theory]
    [InlineData("Failed to execute /init (error -8)", "ENOEXEC", "architecture")]
    [InlineData("Failed to execute /init (error -2)", "ENOENT", "interpreter")]
    [InlineData("Starting init: /sbin/init exists but couldn't execute it (error -13)", "EACCES", "permission")]
    [InlineData("Failed to execute /init (error -7)", "E2BIG", "argument")]
    [InlineData("Requested init /bin/nosuch failed (error -2).", "ENOENT", "missing")]
    public void The_error_tells_why(string line, string name, string meaning)
    {
        Finding finding = Assert.Single(Explained.Findings("init-not-started", $"[    1.7] {line}\n"));
        Assert.Contains(name, finding.Title, StringComparison.Ordinal);
        Assert.Contains(meaning, finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_without_init_explains_the_panic_when_run_init_ends()
    {
        Verdict verdict = Explained.Verdict("run-init: /sbin/init: No such file or directory \n" +
            "Kernel panic - not syncing: Attempted to kill init!\n");
        Assert.Equal(["init-not-started"], verdict.Findings.Single(f => f.Id == "kernel-panic").CausedBy);
    }

    [Fact]
    public void A_first_program_that_runs_is_left_alone() =>
        Assert.Empty(Explained.Findings("init-not-started", "[    1.7] Run /init as init process\n[    2.0] systemd[1]: Hostname set.\n"));
}
