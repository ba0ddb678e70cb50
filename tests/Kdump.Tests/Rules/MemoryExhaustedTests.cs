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
    public void A_panic_for_lack_of_memory_is_told_once()
    {
        Verdict verdict = Explained.Verdict(Samples.Boot + "[  500.000000] Kernel panic - not syncing: System is deadlocked on memory\n");
        Finding one = Assert.Single(verdict.Findings);
        Assert.Equal("out-of-memory", one.Id);
        Assert.Contains("panicked", one.Title, StringComparison.Ordinal);
        Assert.Equal("It took the machine down.", one.Impact);
    }

    [Theory]
    [InlineData("Out of memory and no killable processes...", "no task left to kill", "panic_on_oom")]
    [InlineData("System is deadlocked on memory", "no task left to kill", "panic_on_oom")]
    [InlineData("Out of memory: system-wide panic_on_oom is enabled", "panic_on_oom makes the kernel panic", "no task left")]
    [InlineData("Out of memory: compulsory panic_on_oom is enabled", "panic_on_oom makes the kernel panic", "no task left")]
    public void Why_the_kernel_panicked_is_what_its_panic_says(string panic, string said, string not)
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory", Samples.Boot +
            $"[  500.000000] Kernel panic - not syncing: {panic}\n"));
        Assert.Contains(said, finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(not, finding.Why + string.Concat(finding.Fixes.Select(f => f.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Kills_without_the_line_before_them_leave_open_whose_limit_it_was()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory", Samples.Boot +
            "[  500.000000] Killed process 799153 (node), UID 1000, total-vm:606096kB, anon-rss:68308kB, file-rss:13648kB\n" +
            "[  501.000000] Killed process 799402 (node), UID 1000, total-vm:642596kB, anon-rss:102060kB, file-rss:13664kB\n"));
        Assert.Contains("killed node (2 processes)", finding.Title, StringComparison.Ordinal);
        Assert.Contains("control group", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_kernels_print_two_lines_for_one_kill()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory", Samples.Boot +
            "[  500.000000] Out of memory: Kill process 900 (hungry) score 900 or sacrifice child\n" +
            "[  500.000001] Killed process 900 (hungry) total-vm:606096kB, anon-rss:68308kB, file-rss:0kB\n"));
        Assert.Contains("ran out of memory and killed hungry", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_brackets_keeps_them_and_small_victims_are_not_the_holders()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory", Samples.Boot +
            "[  518.061172] Out of memory: Killed process 15925 ((resolved)) total-vm:168424kB, anon-rss:4064kB, file-rss:3584kB\n" +
            "[  518.070786] Out of memory: Killed process 15783 (python3) total-vm:11964kB, anon-rss:4288kB, file-rss:3028kB\n"));
        Assert.Contains("killed (resolved), python3", finding.Title, StringComparison.Ordinal);
        Assert.Contains("held little", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_only_the_CMA_area_has_is_not_free_for_everybody()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory",
            "[  492.659081] DMA free:519112kB boost:7216kB min:10428kB low:11228kB high:12028kB managed:663836kB free_cma:513592kB\n" +
            "[  492.673008] Tasks state (memory values in pages):\n"));
        Assert.Contains("outside of its CMA area", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_somebody_asked_to_see_is_no_shortage() =>
        Assert.Empty(Explained.Findings("out-of-memory", "[  492.600000] sysrq: Show Memory\n" +
            "[  492.662208] Node 0 DMA: 142*4kB (UEC) 161*8kB (UEC) 59*16kB (UEC) = 519120kB\n"));
}
