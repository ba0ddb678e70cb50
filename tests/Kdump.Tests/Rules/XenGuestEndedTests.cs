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
    [InlineData("d3v0 Triple fault - invoking HVM shutdown action 1", "triple fault")]
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
}
