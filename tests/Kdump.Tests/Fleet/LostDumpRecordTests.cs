using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>Dumps that were lost, where only the crash kernel's log tells of the crash.</summary>
public sealed class LostDumpRecordTests : IDisposable
{
    private static readonly string[] Capture =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[    0.000000] Command line: ro reset_devices systemd.unit=kdump-tools-dump.service irqpoll nr_cpus=1 elfcorehdr=0x3fe000000",
        "[    0.100000] Kernel command line: ro reset_devices nr_cpus=1 elfcorehdr=0x3fe000000", "[    3.000000] kdump[301]: saving vmcore",
    ];

    private static readonly string[] NoSpace =
        [.. Capture, "[    5.000000] makedumpfile[311]: Can't write the dump file(/mnt/var/crash/vmcore). No space left on device"];

    private static readonly string[] NoMemory =
    [
        .. Capture,
        "[    4.000001] makedumpfile invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0",
        "[    4.000009] Out of memory: Killed process 311 (makedumpfile) total-vm:8123456kB, anon-rss:3912345kB, file-rss:0kB, " +
            "shmem-rss:0kB, UID:0 pgtables:9000kB oom_score_adj:0",
    ];

    private static readonly string[] Boot =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz ro quiet crashkernel=512M", "[   20.000000] systemd[1]: Started x.",
    ];

    private readonly MadeUpFleet fleet = new();

    public LostDumpRecordTests() => Directory.CreateDirectory(fleet.Logs);

    [Theory]
    [InlineData(null)]
    [InlineData("web-1")]
    public void Each_run_of_a_crash_kernel_that_lost_its_dump_counts_with_its_own_cause(string? host)
    {
        Write("a.log", host, [.. NoSpace, .. Boot, .. NoMemory, .. Boot]);
        LostDumps lost = Asked();
        Assert.Equal(2, lost.Lost);
        Assert.Equal(["crashkernel-too-small", "no-space-on-target"], lost.Reasons.Select(r => r.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_beside_a_crash_whose_dump_was_saved_counts()
    {
        Write("a.log", "web-1", [.. Boot, .. CrashLines.X86, .. Capture, "[    9.000000] kdump[301]: saving vmcore complete", .. Boot,
            "[   30.000000] systemd[1]: Started y.", .. NoSpace, .. Boot]);
        LostDumps lost = Asked();
        Assert.Equal((1, 1), (lost.Saved, lost.Lost));
    }

    /// <summary>The kernel's clock says the same in each run of a crash kernel.</summary>
    [Fact]
    public void The_same_loss_on_two_days_is_two_and_on_one_day_one()
    {
        Write("a.log", "web-1", NoSpace);
        Write("copy.log", "web-1", [.. NoSpace, "[    6.000000] reboot: Restarting system"]);
        Write("b.log", "web-1", NoSpace, "2026-11-03T02:11:35.000000+00:00");
        Assert.Equal(2, Asked().Lost);
    }

    [Fact]
    public void A_crash_with_its_crash_kernel_is_one_lost_dump()
    {
        Write("a.log", "web-1", [.. Boot, .. CrashLines.X86, .. NoSpace]);
        LostDumps lost = Asked();
        Assert.Equal((0, 1, 0), (lost.Saved, lost.Lost, lost.NotTold));
        using FleetStore store = fleet.Open();
        Assert.Equal(DumpOutcome.Lost, Assert.Single(FleetCrash.All(store)).Outcome);
    }

    /// <summary>It may have been saved.</summary>
    [Fact]
    public void A_crash_kernel_of_which_the_end_is_missing_is_no_lost_dump()
    {
        Write("a.log", "web-1", Capture);
        Assert.Equal(0, Asked().Lost);
    }

    public void Dispose() => fleet.Dispose();

    private LostDumps Asked()
    {
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        return LostDumps.Of(store);
    }

    private void Write(string name, string? host, string[] lines, string date = "2026-11-01T02:11:35.000000+00:00") =>
        File.WriteAllLines(Path.Combine(fleet.Logs, name), lines.Select(l => CrashLines.Of(l, host, date)));
}
