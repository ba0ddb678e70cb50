using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

public sealed class DumpStoryTests
{
    private const string Crashed = Samples.Boot + Samples.Oops + Samples.FatalException;

    private const string Started = Crashed + Samples.CaptureBoot + "[    1.5] x\n[    1.900000] Trying to unpack rootfs image as " +
        "initramfs...\n[    2.900000] Freeing initrd memory: 13132K\n[    3.000000] Run /init as init process\n";

    [Fact]
    public void Fedoras_words_tell_where_the_dump_lies()
    {
        DumpStory dump = Of(Started + "[    7.0] kdump[497]: saving to /sysroot/var/crash/127.0.0.1-2026-11-21-02:11:35/\n[    7.1] " +
            "kdump[502]: saving vmcore-dmesg.txt to /sysroot/var/crash/127.0.0.1-2026-11-21-02:11:35/\n" +
            "[    7.2] kdump[505]: saving vmcore-dmesg.txt complete\n[    7.3] kdump[510]: saving vmcore\nCopying data : [ 50.0 %] \\  " +
                "eta: 1s\rCopying data : [100.0 %] /  eta: 0s\n" +
            "The dumpfile is saved to /sysroot/var/crash/127.0.0.1-2026-11-21-02:11:35//vmcore-incomplete.\n[    9.0] kdump[512]: saving " +
                "vmcore complete\n[    9.9] reboot: Restarting system\n");
        Assert.True(dump.Armed);
        Assert.True(dump.Attempted);
        Assert.True(dump.Saved);
        Assert.Equal("/sysroot/var/crash/127.0.0.1-2026-11-21-02:11:35//vmcore", dump.Path);
        Assert.Null(dump.Reason);
    }

    [Fact]
    public void Debians_words_tell_where_the_dump_lies()
    {
        DumpStory dump = Of(Started + "[    5.1] kdump-tools[747]:  * running makedumpfile -c -d 31 /proc/vmcore " +
            "/var/crash/202611210211/dump-incomplete\nCopying data : [100.0 %] \\\n" +
            "[    7.0] kdump-tools[769]: The dumpfile is saved to /var/crash/202611210211/dump-incomplete.\n[    7.1] kdump-tools[769]: " +
                "makedumpfile Completed.\n[    7.2] kdump-tools[747]:  * kdump-tools: saved vmcore in /var/crash/202611210211\n");
        Assert.True(dump.Saved);
        Assert.Equal("/var/crash/202611210211/dump", dump.Path);
    }

    [Fact]
    public void Suses_words_tell_that_it_is_done()
    {
        Assert.True(Of(Started + "Saving dump using makedumpfile\nCopying data : [100.0 %] /\nDump saving completed.\n").Saved);
    }

    [Fact]
    public void A_full_target_is_the_reason()
    {
        DumpStory dump = Of(Started + "[    7.3] kdump[510]: saving vmcore\nwrite_buffer: Can't write the dump file(/x). No space left " +
            "on device\n[    7.4] kdump[512]: saving vmcore failed, exitcode:1\n");
        Assert.False(dump.Saved);
        Assert.Equal("No space left on device", dump.Reason);
        Assert.Equal(DumpStage.Copying, dump.Stage);
    }

    [Fact]
    public void A_log_that_ends_in_the_copy_leaves_it_open_and_says_how_far()
    {
        DumpStory dump = Of(Started + "[    7.3] kdump[510]: saving vmcore\nCopying data : [ 12.5 %] \\  eta: 1m0s\n");
        Assert.Null(dump.Saved);
        Assert.Contains("12.5 %", dump.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_tool_that_says_nothing_we_know_leaves_it_open()
    {
        DumpStory dump = Of(Started + "627+1 records out\n[   16.0] reboot: Power down\n");
        Assert.Null(dump.Saved);
        Assert.Contains("nothing of a dump follows", dump.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_does_not_come_is_the_place_where_it_stopped()
    {
        DumpStory dump = Of(Started + "[    4.1] x\n[***   ] A start job is running for /dev/disk/by-uuid/1234 (42s / no limit)\n");
        Assert.Equal(DumpStage.TargetAwaited, dump.Stage);
        Assert.Contains("42 s", dump.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_kernel_that_crashes_is_the_reason()
    {
        DumpStory dump = Of(Started + Samples.Oops.Replace("[  100.", "[    4.") +
            "[    5.5] Kernel panic - not syncing: Fatal exception\n");
        Assert.False(dump.Saved);
        Assert.Contains("crashed itself", dump.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_panic_with_nothing_behind_it_was_armed_and_not_seen_to_be_dumped()
    {
        DumpStory dump = Of(Crashed);
        Assert.True(dump.Armed);
        Assert.False(dump.Attempted);
        Assert.Null(dump.Saved);
    }

    [Fact]
    public void Memory_that_could_not_be_reserved_is_the_reason()
    {
        DumpStory dump = Of(Samples.Boot + "[    0.000000] crashkernel reservation failed - No suitable area found.\n" +
            Samples.FatalException);
        Assert.False(dump.Armed);
        Assert.False(dump.Saved);
        Assert.Contains("crashkernel reservation failed", dump.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_healthy_boot_has_no_story_of_a_dump()
    {
        DumpStory dump = Of(Samples.Boot + "[    1.000000] all is well\n");
        Assert.False(dump.Attempted);
        Assert.Null(dump.Reason);
    }

    [Fact]
    public void Boots_are_told_with_their_lines_and_which_of_them_was_the_crash_kernel()
    {
        LogReading log = LogCorpus.Read(Started);
        Assert.Equal([false, true], log.Boots.Select(b => b.Boot.Capture));
        Assert.Equal(1, log.Boots[0].FirstLine);
        Assert.Equal(log.Boots[0].LastLine + 1, log.Boots[1].FirstLine);
        Assert.Equal(log.Lines, log.Boots[1].LastLine);
        Assert.Contains("elfcorehdr=", log.Boots[1].Boot.CaptureEvidence!.Text, StringComparison.Ordinal);
    }

    private static DumpStory Of(string log) => LogCorpus.Read(log).Dumps[^1];
}
