namespace Kdump.Tests.Rules;

/// <summary>Somebody tested kdump by hand, and nothing of the crash is in what he pasted.</summary>
public sealed class CrashWasAskedForTests
{
    private const string Loaded = "Apr 13 08:42:55 host kdumpctl[814]: kdump: kexec: loaded kdump kernel\n";

    [Theory]
    [InlineData("# echo c > /proc/sysrq-trigger\n")]
    [InlineData("echo \"c\" | sudo tee /proc/sysrq-trigger\n")]
    [InlineData("sudo sh -c 'echo c >/proc/sysrq-trigger'\n")]
    public void A_crash_without_a_trace_asks_for_the_console(string typed) => Assert.Contains(Explained.Verdict(Loaded + typed).Unknowns,
        u => u.Question.Contains("asked for", StringComparison.Ordinal) && u.Settle.Contains("console", StringComparison.Ordinal));

    [Theory]
    [InlineData("# echo 1 > /proc/sysrq-trigger\n", "")]
    [InlineData("# echo c > /proc/sysrq-trigger\n", "[   13.0] Kernel panic - not syncing: sysrq triggered crash\n")]
    public void Nothing_is_asked_where_no_crash_was_made_or_it_is_there(string typed, string after) => Assert.DoesNotContain(
        Explained.Verdict(Loaded + typed + after).Unknowns, u => u.Question.Contains("asked for", StringComparison.Ordinal));
}
