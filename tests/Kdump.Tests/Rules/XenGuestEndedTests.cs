using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Guests that Xen ended, in the words of its console (xen/common/domain.c, xen/arch/x86).</summary>
public sealed class XenGuestEndedTests
{
    [Theory]
    [InlineData("domain_crash_sync called from entry.S: fault at ffff82d08020fc3e entry.o#create_bounce_frame+0x67/0x142",
        "whose page may not be written")]
    [InlineData("domain_crash called from vmx.c:3014", "vmx.c:3014")]
    [InlineData("Failed vm entry (exit reason 0x80000021) caused by invalid guest state (0).", "its state is not valid")]
    public void A_guest_that_Xen_ended_is_no_crash_of_Xen(string line, string why)
    {
        string text = $"""
            (XEN) Pagetable walk from 0000000000248fa8:
            (XEN)  L4[0x000] = 000000069220f067 000000000000040f
            (XEN)  L1[0x048] = 001000068aa48025 0000000000000248
            (XEN) {line}
            (XEN) Domain 3 (vcpu#0) crashed on cpu#3:
            (XEN) ----[ Xen-4.8.5-16.fc25  x86_64  debug=n   Not tainted ]----
            (XEN) CPU:    3
            (XEN) RIP:    e033:[<00000000001f0f58>]
            (XEN) RFLAGS: 0000000000010206   EM: 1   CONTEXT: pv guest (d3v0)

            """;
        Finding f = Assert.Single(Explained.Findings("xen-guest-ended", text));
        Assert.Equal("Xen ended the guest d3 (domain 3): its vCPU 0 crashed", f.Title);
        Assert.Contains(why, f.Why, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings("xen-crashed", text));
    }

    private const string OfXen = """
        (XEN) ----[ Xen-4.17.2  x86_64  debug=n  Not tainted ]----
        (XEN) CPU:    3
        (XEN) RIP:    e008:[<ffff82d04023a355>] credit2.c#csched2_free_domdata+0x65/0xd0
        (XEN) RFLAGS: 0000000000010246   CONTEXT: hypervisor (d0v0)

        """;

    [Theory]
    [InlineData("")]
    [InlineData(OfXen)]
    [InlineData("(XEN) Panic on CPU 3:\n(XEN) FATAL PAGE FAULT\n")]
    public void A_triple_fault_is_told_for_each_guest_and_joined_with_nothing(string behind)
    {
        string text = "(XEN) d1v0 Triple fault - invoking HVM shutdown action 1\n" +
            "(XEN) d2v1 Triple fault - invoking HVM shutdown action 1\n" + behind;
        List<Finding> guests = Explained.Findings("xen-guest-ended", text);
        Assert.Equal(["the guest d1 (domain 1) had a triple fault (action 1: reboot)",
            "the guest d2 (domain 2) had a triple fault (action 1: reboot)"], guests.Select(f => f.Title).Order(StringComparer.Ordinal));
        Assert.All(guests, f => Assert.Equal(Severity.Warning, f.Severity));
        Assert.Equal(behind.Length > 0 ? 1 : 0, Explained.Findings("xen-crashed", text).Count);
    }

    [Theory]
    [InlineData("(XEN) d0 Triple fault tolerance test\n")]
    [InlineData("(XEN) Domain 3 (vcpu#99999999999) crashed on cpu#99999999999:\n(XEN) Hardware Dom4294967296 crashed: x\n")]
    [InlineData("(XEN) d99999999999v0 Triple fault, seen\n")]
    public void Other_words_and_numbers_that_are_none_are_not_told(string text) =>
        Assert.Empty(Explained.Findings("xen-guest-ended", text));

    [Fact]
    public void What_was_said_of_a_guest_is_not_of_the_panic_behind_it()
    {
        const string Text = "(XEN) domain_crash called from vmx.c:3014\n" + OfXen + "(XEN) Panic on CPU 3:\n(XEN) FATAL PAGE FAULT\n";
        Assert.Single(Explained.Findings("xen-guest-ended", Text));
        Assert.Equal("Xen itself crashed in csched2_free_domdata() (credit2.c): FATAL PAGE FAULT",
            Assert.Single(Explained.Findings("xen-crashed", Text)).Title);
    }
}
