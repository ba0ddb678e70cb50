using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>
/// Readmes, wikis, commit messages, mails, rules of monitors and sources lie beside logs: what they say of crashes is no crash of a
/// machine.
/// </summary>
public sealed class MentionedCrashTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    public MentionedCrashTests() => Directory.CreateDirectory(fleet.Logs);

    public void Dispose() => fleet.Dispose();

    [Theory]
    [InlineData("Kernel panic - not syncing is what the page explains.")]
    [InlineData("Kernel panics are rare.")]
    [InlineData("# Kernel panic analysis with crash")]
    [InlineData("Without an initrd it stops with `Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)`.")]
    [InlineData("The machine says Kernel panic - not syncing: Fatal exception")]
    [InlineData("* \"Kernel panic - not syncing: Attempted to kill init!\": PID 1 has ended.")]
    [InlineData("* Kernel panic - not syncing: Fatal exception in interrupt means that the oops came in an interrupt handler.")]
    [InlineData("* BUG: unable to handle kernel NULL pointer dereference at 0000000000000008 is printed when a pointer is null.")]
    [InlineData("- BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:1:345] is what the watchdog prints.")]
    [InlineData("INFO: task jbd2/sda1-8:345 blocked for more than 120 seconds is no crash by itself.")]
    [InlineData("A general protection fault means an address that is not canonical.")]
    [InlineData("| BUG: scheduling while atomic: swapper/0/0/0x00000100 | a driver sleeps in an interrupt |")]
    [InlineData("<td><code>kernel BUG at mm/slub.c:305!</code></td>")]
    [InlineData("The kernel fails with:", "", "```text",
        "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "```")]
    [InlineData("    A test reported BUG: unable to handle kernel paging request at ffffc90000e2c000 in", "    ring_free(); it ended in",
        "    Kernel panic - not syncing: Fatal exception", "", "    Fixes: 123456789abc (\"net: rings\")")]
    [InlineData("Without it the guest stopped:", "", "    Kernel panic - not syncing: Fatal exception", "", "and was started again.")]
    [InlineData("  * nfsd: fix BUG: unable to handle kernel NULL pointer dereference in nfsd4_cleanup_inter_ssc")]
    [InlineData("  * mm: Fix kernel BUG at mm/memory.c:2160!")]
    [InlineData("Subject: Re: BUG: unable to handle kernel NULL pointer dereference in foo_bar", "",
        "> I see a Kernel panic - not syncing: softlockup: hung tasks on two machines.",
        "We never saw watchdog: BUG: soft lockup - CPU#3 stuck for 26s! there.")]
    [InlineData("{ \"reason\": \"KernelOops\", \"pattern\": \"BUG: unable to handle kernel NULL pointer dereference at .*\" },",
        "{ \"reason\": \"TaskHung\", \"pattern\": \"INFO: task \\\\S+:\\\\w+ blocked for more than \\\\w+ seconds\\\\.\" },",
        "{ \"reason\": \"Panic\", \"pattern\": \"Kernel panic - not syncing: .*\" }")]
    [InlineData("#!/bin/sh", "journalctl -k -b -1 | grep -q \"Kernel panic - not syncing\" && exit 1",
        "dmesg | grep -E 'BUG: soft lockup|general protection fault|Oops: ' && exit 1")]
    [InlineData("\tprintk(KERN_EMERG \"Kernel panic - not syncing: %s\\n\", buf);",
        "\tpr_emerg(\"BUG: unable to handle kernel paging request at %px\\n\", addr);")]
    [InlineData("  * nfsd: fix BUG: unable to handle kernel NULL pointer dereference in nfsd4_cleanup_inter_ssc",
        "  * mm: Fix kernel BUG at mm/memory.c:2160!", "  * Fix \"BUG: scheduling while atomic: swapper/0/0x00000100\" in hv_netvsc")]
    [InlineData("- `sd …: rejecting I/O to offline device`: the disk was taken offline")]
    [InlineData("- `Initramfs unpacking failed: write error`", "- `Initramfs unpacking failed: no cpio magic`")]
    [InlineData("- PANICKED: Y  \"Kernel panic - not syncing\" occurs anywhere in the log")]
    [InlineData("A line like `mce: [Hardware Error]: CPU 6: Machine Check Exception: 5 Bank 4: be00000000800400` is what it prints.")]
    [InlineData("10:01 <anna> the box died again, Kernel panic - not syncing: Fatal exception",
        "10:02 <bob> last time it was \"BUG: soft lockup - CPU#3 stuck for 22s! [nginx:2345]\"")]
    public void A_text_that_speaks_of_a_crash_is_none(params string[] text)
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "text.md"), text);
        Assert.Equal(0, Crashes());
    }

    [Theory]
    [InlineData("Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)")]
    [InlineData("Kernel panic - not syncing: No working init found.  Try passing init= option to kernel. " +
        "See Linux Documentation/init.txt for guidance.")]
    [InlineData("Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: 802e62f8")]
    [InlineData("Kernel panic - not syncing: System is deadlocked on memory")]
    [InlineData("Kernel panic - not syncing: Invalid configuration from end user prevents continuing")]
    [InlineData("Kernel Panic - not syncing VFS: unable to mount root on unknown block")]
    [InlineData("Kernel panic - not syncing")]
    [InlineData("Kernel panic: Attempted to kill the idle task!")]
    [InlineData("root@witherspoon:~# Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b")]
    [InlineData("[guest0/uart0] [    1.885337] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(1,0)")]
    [InlineData("[    2.100000] the last words of the test were: Kernel panic - not syncing: Fatal exception")]
    [InlineData("Please append a correct \"root=\" boot option; here are the available partitions:",
        "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)")]
    [InlineData("web-1 login: BUG: soft lockup - CPU#3 stuck for 22s! [nginx:2345]")]
    [InlineData("kernel:BUG: soft lockup - CPU#3 stuck for 22s! [nginx:2345]")]
    [InlineData("       PANIC: \"Kernel panic - not syncing: sysrq triggered crash\"")]
    [InlineData("INFO: task jbd2/sda1-8:345 blocked for more than 120 seconds.")]
    [InlineData("The screen showed BUG: unable to handle kernel NULL pointer dereference at 0000000000000008 and this:",
        "IP: [<ffffffffa0123456>] ring_free+0x16/0x40 [rings]", "Oops: 0000 [#1] SMP", "Pid: 812, comm: kworker/3:1 Not tainted 3.2.0 #1",
        "Call Trace:", " [<ffffffffa0123556>] ring_close+0x16/0x40 [rings]", " [<ffffffff81123556>] __fput+0xc6/0x1f0")]
    public void A_line_of_a_kernel_is_one_however_short_its_log_is(params string[] text)
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "console.log"), text);
        Assert.Equal(1, Crashes());
    }

    /// <summary>What a text beside a log says makes neither another crash nor a fatal one.</summary>
    [Fact]
    public void A_note_above_a_log_changes_nothing()
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "issue.txt"),
        [
            "I got a Kernel panic - not syncing: Fatal exception last year, and now this:", "", .. CrashLines.Head, .. CrashLines.X86[..^1],
        ]);
        Assert.Equal(1, Crashes());
        using FleetStore store = fleet.Open();
        Assert.Equal(1, store.Count("SELECT COUNT(*) FROM crashes WHERE signature LIKE '%i40e_clean_rx_irq%' AND fatal = 0"));
    }

    private long Crashes()
    {
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        return store.Count("SELECT COUNT(*) FROM crashes");
    }
}
