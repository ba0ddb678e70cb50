using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A crash kernel that dies of a driver: the verdict names it, and how to do without.</summary>
public sealed class CaptureKernelDriverTests
{
    private const string Oops = "[    4.0] BUG: unable to handle page fault for address: ffffa0c1e0994000\n" +
        "[    4.0] #PF: supervisor read access in kernel mode\n[    4.0] #PF: error_code(0x0000) - not-present page\n" +
        "[    4.0] Oops: 0000 [#1] PREEMPT SMP NOPTI\n" +
        "[    4.0] CPU: 0 PID: 201 Comm: systemd-udevd Not tainted 6.1.0-50-amd64 #1\n" +
        "[    4.0] RIP: 0010:ast_dp_launch+0x2b/0x90 [ast]\n[    4.0] Call Trace:\n[    4.0]  <TASK>\n" +
        "[    4.0]  ast_device_create+0x1a0/0x5c0 [ast]\n[    4.0]  ast_pci_probe+0x40/0x90 [ast]\n" +
        "[    4.0]  local_pci_probe+0x3e/0x80\n[    4.0]  </TASK>\n[    4.0] ---[ end trace 0000000000000000 ]---\n",
        Panic = "[    4.1] Kernel panic - not syncing: Fatal exception\n";

    [Fact]
    public void The_driver_stands_in_the_title_and_can_be_left_out()
    {
        Finding finding = Assert.Single(Explained.Findings("capture-kernel-panic", Explained.CaptureBoot + Oops + Panic));
        Assert.Contains("in its driver ast", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Text.Contains("module_blacklist=ast", StringComparison.Ordinal));
    }

    [Fact]
    public void On_an_ordinary_kernel_nothing_is_left_out() => Assert.DoesNotContain(
        Explained.Verdict(Explained.FirstBoot + Oops + Panic).Findings.SelectMany(f => f.Fixes),
        f => f.Text.Contains("module_blacklist", StringComparison.Ordinal));
}
