using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CaptureParametersTests
{
    [Fact]
    public void Huge_pages_that_a_crash_kernel_inherits_explain_why_it_ran_out_of_memory()
    {
        Verdict verdict = Explained.Verdict(
            Explained.CaptureBoot.Replace("nr_cpus=1", "nr_cpus=1 hugepages=512") + "[    2.000000] Out of memory: Killed process 301 " +
            "(systemd-udevd) total-vm:31204kB, anon-rss:4096kB\n");
        Finding harmful = verdict.Findings.Single(f => f.Key == "cmdline-parameter-harmful:hugepages");
        Assert.Contains(harmful.Key, verdict.Findings.Single(f => f.Id == "capture-kernel-oom").CausedBy);
        Assert.Contains("hugepages=512", harmful.Evidence[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_parameter_is_named_with_what_was_meant() =>
        Assert.Equal("cmdline-parameter-unknown:pcie_port",
            Assert.Single(Explained.Findings("cmdline-parameter-unknown",
            Explained.CaptureBoot.Replace("nr_cpus=1", "nr_cpus=1 pcie_port=compat"))).Key);

    [Theory]
    [InlineData("swiotlb=noforce")]
    [InlineData("noirqdistrib maxcpus=1")]
    public void What_the_tools_of_that_architecture_append_themselves_is_no_fault(string own) =>
        Assert.Empty(Explained.Findings("cmdline-parameter-harmful", "[    0.000000] Linux version 5.19.0 (x) ppc64le\n" +
            $"[    0.000000] Kernel command line: irqpoll {own} reset_devices elfcorehdr=0x22c00000\n"));

    [Fact]
    public void A_bounce_buffer_and_maxcpus_of_x86_stay_faults() =>
        Assert.Equal(2, Explained.Findings("cmdline-parameter-harmful",
            Explained.CaptureBoot.Replace("nr_cpus=1", "swiotlb=65536 maxcpus=1", StringComparison.Ordinal)).Count);

    [Fact]
    public void The_first_kernel_may_have_huge_pages() =>
        Assert.Empty(Explained.Findings("cmdline-parameter-harmful", Explained.FirstBoot.Replace("root=", "hugepages=512 root=")));
}
