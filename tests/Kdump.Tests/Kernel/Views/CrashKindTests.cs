using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class CrashKindTests
{
    [Theory]
    [InlineData("Kernel panic - not syncing: hung_task: blocked tasks", CrashKind.Hang)]
    [InlineData("Kernel panic - not syncing: softlockup: hung tasks", CrashKind.Lockup)]
    [InlineData("Kernel panic - not syncing: Hard LOCKUP", CrashKind.Lockup)]
    [InlineData("Kernel panic - not syncing: RCU Stall", CrashKind.Lockup)]
    [InlineData("Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled", CrashKind.OutOfMemory)]
    [InlineData("Kernel panic - not syncing: System is deadlocked on memory", CrashKind.OutOfMemory)]
    [InlineData("Kernel panic - not syncing: sysrq triggered crash", CrashKind.Panic)]
    [InlineData("sysrq: Trigger a crash", CrashKind.Panic)]
    [InlineData("BUG: kernel NULL pointer dereference, address: 0000000000000000", CrashKind.Fault)]
    [InlineData("kernel BUG at mm/slub.c:435!", CrashKind.Fault)]
    [InlineData(null, CrashKind.Running)]
    public void The_reason_tells_the_kind(string? panic, CrashKind kind) =>
        Assert.Equal(kind, CrashKinds.Of(new Crash(panic, null, null, null, null, null) { Running = panic is null }));

    [Fact]
    public void A_crash_without_a_line_is_a_panic_and_not_a_machine_that_ran() =>
        Assert.Equal(CrashKind.Panic, CrashKinds.Of(new Crash(null, null, 1, "panic_cpu", null, null) { Running = false }));
}
