using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

public sealed class InterruptResentTests
{
    private const string Report =
        "[    1.152690] BUG: kernel NULL pointer dereference, address: 0000000000000088\n" +
        "[    1.191420] RIP: 0010:tick_periodic+0x23/0x80\n[    1.200000] Call Trace:\n[    1.280648]  tick_handle_periodic+0x1f/0x70\n" +
        "[    1.284821]  timer_interrupt+0x14/0x20\n[    1.288561]  __handle_irq_event_percpu+0x46/0x190\n" +
        "[    1.293253]  handle_irq_event+0x34/0x70\n[    1.297080]  handle_level_irq+0xa8/0x180\n" +
        "[    1.300993]  resend_irqs+0x5d/0x70\n[    1.304386]  tasklet_action_common.constprop.0+0xab/0xe0\n";

    [Fact]
    public void The_handler_of_an_interrupt_that_was_sent_again_is_named()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Report).Crashes);
        Assert.Contains(crash.Clues, c => c.Meaning == "interrupt-resent" &&
            c.Says.Contains("timer_interrupt()", StringComparison.Ordinal));
    }

    [Fact]
    public void An_interrupt_that_came_by_itself_was_not_sent_again() =>
        Assert.DoesNotContain(LogCorpus.Read(Report.Replace("resend_irqs", "common_interrupt")).Crashes[0].Clues,
            c => c.Meaning == "interrupt-resent");
}
