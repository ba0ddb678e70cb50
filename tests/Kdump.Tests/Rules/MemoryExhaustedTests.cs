using Kdump.Diagnosis.Model;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class MemoryExhaustedTests
{
    [Fact]
    public void A_killed_task_of_an_ordinary_kernel_is_found_and_is_no_crash()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory", Samples.Boot + Samples.OutOfMemory));
        Assert.Contains("hungry", finding.Title, StringComparison.Ordinal);
        Assert.Empty(LogCorpus.Read(Samples.Boot + Samples.OutOfMemory).Crashes);
    }

    [Fact]
    public void A_control_group_that_hits_its_own_limit_says_nothing_of_the_machine()
    {
        Assert.Empty(Explained.Findings("out-of-memory",
            Samples.Boot + "[  500.000000] Memory cgroup out of memory: Killed process 900 (hungry)\n"));
    }

    [Fact]
    public void In_the_crash_kernel_it_is_left_to_the_rule_for_that()
    {
        Assert.Empty(Explained.Findings("out-of-memory", Samples.CaptureBoot + Samples.OutOfMemory));
    }

    [Fact]
    public void A_panic_for_lack_of_memory_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(Samples.Boot + "[  500.000000] Kernel panic - not syncing: System is deadlocked on memory\n");
        Assert.Contains("out-of-memory", verdict.Findings.Single(f => f.Id == "kernel-panic").CausedBy);
    }
}
