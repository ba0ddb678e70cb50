using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

/// <summary>Kernels before 4.20 printed the first line of a bad access in two steps, between which other CPUs spoke.</summary>
public sealed class TornFirstLineTests
{
    private static Crash Of(string between, string rest) => Assert.Single(LogCorpus.Read(
        $"[  100.000001] BUG: unable to handle kernel {between}" +
        $"[  100.000005] {rest}\n[  100.000006] IP: [<ffffffff810aa2f9>] pan_fry+0x9/0x50\n[  100.000007] PGD 1d7b98067 PUD 0 \n" +
        "[  100.000008] Oops: 0000 [#1] SMP \n[  100.000009] CPU: 3 PID: 77 Comm: cook Not tainted 3.13.0 #1\n" +
        "[  100.000010] RIP: 0010:[<ffffffff810aa2f9>]  [<ffffffff810aa2f9>] pan_fry+0x9/0x50\n[  100.000011] CR2: 0000000000000050\n" +
        "[  100.000012] Call Trace:\n[  100.000013]  [<ffffffff810a1b2c>] dinner_cook+0x10/0x20\n").Crashes);

    [Theory]
    [InlineData("NULL pointer dereference at 0000000000000050", "null-dereference", "NULL pointer dereference")]
    [InlineData("NULL pointer dereference", "null-dereference", "NULL pointer dereference")]
    [InlineData("paging request at ffffb3e2c0a40000", "page-fault", "paging request")]
    public void The_rest_of_the_line_tells_what_it_was(string rest, string kind, string says)
    {
        foreach (string between in new[] { "[  100.000002] IPv6: ADDRCONF(NETDEV_CHANGE): veth7: link becomes ready\n", "\n",
            "\n[  100.000002] docker0: port 9(veth7) entered forwarding state\n[  100.000003] docker0: port 9(veth7) entered x\n" })
        {
            Crash crash = Of(between, rest);
            Assert.Equal((kind, $"BUG: unable to handle kernel {says} in pan_fry"), (crash.Kind, crash.Title));
        }
    }

    [Theory]
    [InlineData("NULL pointer dereferences are bad")]
    [InlineData("a paging request at noon")]
    public void Other_words_are_not_its_rest(string rest) => Assert.DoesNotContain(" in pan_fry", Of("\n", rest).Title,
        StringComparison.Ordinal);
}
