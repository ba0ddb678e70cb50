using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Reports of the hypervisor Xen on its own console (xen/arch/x86/traps.c, xen/common/domain.c).</summary>
public sealed class XenCrashedTests
{
    private const string Registers = """
        (XEN) ----[ Xen-4.13.1  x86_64  debug=n   Not tainted ]----
        (XEN) CPU:    17
        (XEN) RIP:    e008:[<ffff82d080262ab4>] schedule.c#vcpu_runstate_get+0x24/0x110
        (XEN) RFLAGS: 0000000000010246   CONTEXT: hypervisor (d4v1)
        (XEN) cr3: 0000000093fe8000   cr2: 0000000000000020
        (XEN) Xen call trace:
        (XEN)    [<ffff82d080262ab4>] R schedule.c#vcpu_runstate_get+0x24/0x110
        (XEN)    [<ffff82d080262111>] S schedule.c#schedule+0x111/0x610

        """;

    private const string Panic = """
        (XEN) ****************************************
        (XEN) Panic on CPU 17:
        (XEN) FATAL PAGE FAULT
        (XEN) [error_code=0000]
        (XEN) Faulting linear address: 0000000000000020
        (XEN) ****************************************

        """;

    [Theory]
    [InlineData("(XEN) ", "(XEN) ")]
    [InlineData("(XEN) ", "(XEN) [  812.113000] ")]
    [InlineData("(XEN) ", "[2026-11-21 02:11:35] (XEN) ")]
    [InlineData("(XEN) ", "")]
    public void A_page_fault_of_Xen_names_its_function_and_address(string tag, string carried)
    {
        Finding f = Assert.Single(Explained.Findings("xen-crashed", (Registers + Panic).Replace(tag, carried)));
        Assert.Equal("Xen itself crashed in vcpu_runstate_get() (schedule.c): FATAL PAGE FAULT", f.Title);
        Assert.Contains("d4's vCPU 1", f.Why, StringComparison.Ordinal);
        Assert.Contains("was at 0x20", f.Why, StringComparison.Ordinal);
        Assert.Contains("schedule()", f.Why, StringComparison.Ordinal);
        Assert.Equal(Severity.Critical, f.Severity);
    }

    [Theory]
    [InlineData("(XEN) Xen BUG at page_alloc.c:1738\n")]
    [InlineData("(XEN) Assertion 'local_irq_is_enabled()' failed at smp.c:223\n")]
    [InlineData("(XEN) GENERAL PROTECTION FAULT\n")]
    public void What_stands_above_the_registers_is_their_reason(string reason)
    {
        Finding f = Assert.Single(Explained.Findings("xen-crashed", reason + Registers));
        Assert.Contains(reason["(XEN) ".Length..].Trim(), f.Title, StringComparison.Ordinal);
        Assert.Contains("vcpu_runstate_get", f.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_without_a_reason_are_told_as_such()
    {
        Finding f = Assert.Single(Explained.Findings("xen-crashed", Registers));
        Assert.StartsWith("Xen itself stopped in vcpu_runstate_get()", f.Title, StringComparison.Ordinal);
        Assert.Contains("cr2", f.Why, StringComparison.Ordinal);
        Assert.Contains("Panic on CPU", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_below_the_upper_half_is_firmware()
    {
        string text = Registers.Replace("[<ffff82d080262ab4>] schedule.c#vcpu_runstate_get+0x24/0x110",
            "[<0000000045f1e11f>] 0000000045f1e11f")
            .Replace("R schedule.c#vcpu_runstate_get", "R 45f1e11f");
        Assert.Contains("firmware's code, at 0x45f1e11f", Assert.Single(Explained.Findings("xen-crashed", text)).Title,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(XEN) 'd' pressed -> dumping registers\n(XEN) *** Dumping CPU17 host state: ***\n")]
    [InlineData("(XEN) Xen WARN at vmx.c:123\n")]
    [InlineData("(XEN) '0' pressed -> dumping Dom0's registers\n(XEN) *** Dumping Dom0 vcpu#0 state: ***\n")]
    [InlineData("(XEN) *** Dumping d0v0 state: ***\n")]
    public void Registers_that_were_asked_for_and_warnings_are_no_crash(string above) =>
        Assert.Empty(Explained.Findings("xen-crashed", above + Registers));

    [Theory]
    [InlineData("(XEN) Xen WARN at irq.c:100\n")]
    [InlineData("(XEN) *** Dumping CPU3 host state: ***\n")]
    public void A_panic_behind_registers_that_mean_nothing_is_told_without_them(string above)
    {
        Finding f = Assert.Single(Explained.Findings("xen-crashed", above + Registers + Panic));
        Assert.Equal("Xen itself crashed: FATAL PAGE FAULT", f.Title);
        Assert.DoesNotContain("registers", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_check_is_about_the_hardware()
    {
        Finding f = Assert.Single(Explained.Findings("xen-crashed", "(XEN) Panic on CPU 3:\n(XEN) FATAL MACHINE CHECK\n"));
        Assert.DoesNotContain("registers", f.Why, StringComparison.Ordinal);
        Assert.Contains("machine check records", f.Fixes[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(f.Fixes, x => x.Text.Contains("Update Xen", StringComparison.Ordinal));
    }

    [Fact]
    public void Dom0_that_crashed_and_the_crash_after_it_are_two_findings()
    {
        List<Finding> both = Explained.Findings("xen-crashed",
            "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\n" + Registers);
        Assert.Equal(2, both.Count);
        Assert.Contains(both, f => f.Title.StartsWith("dom0 crashed", StringComparison.Ordinal));
    }
}
