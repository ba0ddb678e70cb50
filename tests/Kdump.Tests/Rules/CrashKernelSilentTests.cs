using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CrashKernelSilentTests
{
    private const string Id = "crash-kernel-silent";
    private const string Panic = "[  100.000000] Kernel panic - not syncing: sysrq triggered crash\n";
    private const string Jump = "[  100.200000] Starting crashdump kernel...\n[  100.300000] Bye!\n";

    [Fact]
    public void A_jump_after_which_nothing_follows_is_found()
    {
        Finding found = Assert.Single(Explained.Findings(Id, Panic + Jump));
        Assert.Contains(found.Evidence, e => e.Text.Contains("Starting crashdump kernel", StringComparison.Ordinal));
    }

    [Fact]
    public void The_early_console_fits_the_architecture_and_the_console_is_the_first_kernels()
    {
        const string Arm = "[    0.000000] Linux version 6.6.57-v8.aarch64 (x)\n[    0.000000] Kernel command line: console=ttyAMA0 ro\n";
        Finding found = Assert.Single(Explained.Findings(Id, Arm + Panic + Jump));
        Assert.Contains("earlycon console=ttyAMA0", found.Fixes[0].Command, StringComparison.Ordinal);
        const string X86 = "[    0.000000] Linux version 6.6.57.x86_64 (x)\n[    0.000000] Command line: console=ttyS1,115200 ro\n";
        found = Assert.Single(Explained.Findings(Id, X86 + Panic + "I'm in purgatory\n"));
        Assert.Contains("earlyprintk=serial,ttyS0,115200 console=ttyS1,115200", found.Fixes[0].Command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_kernel_that_speaks_is_not_silent() =>
        Assert.Empty(Explained.Findings(Id, Panic + Jump + "[    0.000000] Linux version 6.6.0 (x)\n[    1.000000] x\n"));

    [Fact]
    public void Nothing_is_claimed_of_a_kernel_that_was_started_in_good_order() =>
        Assert.Empty(Explained.Findings(Id, "[  100.000000] kexec_core: Starting new kernel\nI'm in purgatory\n"));

    [Fact]
    public void CPUs_that_could_not_be_stopped_explain_the_silence()
    {
        const string Stale = "[  100.250000] Some CPUs may be stale, kdump will be unreliable.\n";
        Assert.Equal(["crash-cpus-not-stopped"], Assert.Single(Explained.Findings(Id, Panic + Jump + Stale)).CausedBy);
    }

    [Fact]
    public void A_loaded_crash_kernel_of_which_nothing_is_seen_is_an_unknown_that_says_so()
    {
        Verdict verdict = Explained.Verdict(Panic + "[  100.100000] CPU: 24 PID: 6065 Comm: echo Kdump: loaded Not tainted 5.12.0 #54\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == Id);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("one was loaded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_crash_that_nobody_asked_for_comes_before_the_silence()
    {
        Verdict verdict = Explained.Verdict(
            "[  100.000000] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008\n" +
            "[  100.000001] Internal error: Oops: 0000000096000004 [#1] SMP\n" +
            "[  100.000002] CPU: 7 PID: 18671 Comm: modprobe Kdump: loaded Not tainted 6.1.0 #8\n" +
            "[  100.000003] pc : ata_host_stop+0x3c/0x84 [libata]\n" +
            "[  100.000004] Call trace:\n[  100.000005]  ata_host_stop+0x3c/0x84 [libata]\n" +
            "[  100.000006]  release_nodes+0x64/0xd0\n[  100.000007] SMP: stopping secondary CPUs\n" +
            "[  100.000008] Starting crashdump kernel...\n[  100.000009] Bye!\n");
        Assert.StartsWith("the kernel crashed", verdict.Headline, StringComparison.Ordinal);
        Assert.EndsWith("but no output of it reached this console", verdict.Headline, StringComparison.Ordinal);
    }
}
