using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>Which kernel speaks: each sign alone, against each other, and late.</summary>
public sealed class BootIdentityTests
{
    private const string Banner = "[    0.000000] Linux version 6.6.0-test (x)\n";
    private const string Panic = "[  100.000000] Kernel panic - not syncing: sysrq triggered crash\n";

    [Theory]
    [InlineData("[    0.000000] Command line: ro irqpoll nr_cpus=1 elfcorehdr=0x2e000000")]
    [InlineData("[    0.000000] Kernel command line: elfcorehdr=147436K ro")]
    [InlineData("[    0.000000] Command line: ro reset_devices nr_cpus=1")]
    [InlineData("[    0.021792] CPU topo: Crash kernel detected. Disabling real BSP to prevent machine INIT")]
    [InlineData("[    0.000000] fadump: Firmware-assisted dump is active.")]
    [InlineData("[    0.000000] Reserving 1024KB of memory at 0x13ff00000 for elfcorehdr")]
    [InlineData("[    1.000000] Kdump: vmcore not initialized")]
    [InlineData("[    9.000000] systemd[1]: Starting Kdump Vmcore Save Service...")]
    [InlineData("[    9.000000] kdump[550]: saving to /sysroot/var/crash/127.0.0.1-2026-05-01-09:49:58/")]
    [InlineData("May 01 09:50:02 host1 kdump[568]: Executing final action systemctl reboot -f")]
    [InlineData("[    9.000000] kdump.sh[332]: open_dump_memory: Can't open the dump memory(/proc/vmcore). No such file or directory")]
    [InlineData("[    9.000000] CPU: 0 PID: 400 Comm: makedumpfile Not tainted 6.6.0-test #1")]
    [InlineData("[    9.000000] Killed process 100 (vmcore-dmesg) total-vm:100kB")]
    [InlineData("[    9.000000]  read_vmcore+0x1f/0x40")]
    public void A_crash_kernel_is_known_by_what_only_it_says(string line) =>
        Assert.True(Last(Banner + line + "\n").Capture);

    [Theory]
    [InlineData("[    9.000000] CPU: 24 PID: 6065 Comm: echo Kdump: loaded Not tainted 5.12.0 #54")]
    [InlineData("May 01 09:50:02 host1 kdumpctl[900]: kdump: kexec: loaded kdump kernel")]
    [InlineData("May 01 09:50:02 host1 kdump-tools[900]:  * loaded kdump kernel")]
    [InlineData("[  100.200000] Starting crashdump kernel...")]
    [InlineData("[  100.200000] Loading crashdump kernel...")]
    [InlineData("[    0.000000] rtas fadump: Registration is successful!")]
    [InlineData("[    0.000000] Command line: root=/dev/vda1 ro quiet")]
    [InlineData("[    0.000000] Kernel command line: root=/dev/vda1 crashkernel=256M")]
    public void The_first_kernel_is_known_by_what_only_it_says(string line) =>
        Assert.False(Last(Banner + line + "\n").Capture);

    [Theory]
    [InlineData("[    9.000000] virtio_blk virtio0: 2/0/0 default/read/poll queues")]
    [InlineData("[    0.000000] Kernel command line: root=/dev/vda1 crashkernel=1G fadump=on")]
    [InlineData("[    9.000000] kexec_core: Starting new kernel")]
    public void What_both_kernels_say_decides_nothing(string line) => Assert.Null(Last(Banner + line + "\n").Capture);

    [Theory]
    [InlineData("I'm in purgatory\n")]
    [InlineData("[  100.200000] Starting crashdump kernel...\n[  100.300000] Bye!\n")]
    public void What_follows_a_jump_is_a_crash_kernel(string jump)
    {
        Boot last = Last(Banner + Panic + jump + Banner);
        Assert.True(last.Capture);
        Assert.False(last.Previous!.Capture);
    }

    /// <summary>A console where the programs' lines have no stamp, and the crash kernel is quiet at first.</summary>
    [Theory]
    [InlineData("         Starting Kdump Vmcore Save Service...\n[    7.200189] BTRFS info (device sda4): disk space caching is enabled\n")]
    [InlineData("kdump: saving to /sysroot/var/crash/127.0.0.1-2026-05-01-09:49:58/\n")]
    [InlineData("[    7.200189] BTRFS info (device sda4): x\nkdump: saving to /sysroot/var/crash/127.0.0.1-2026-05-01-09:49:58/\n")]
    public void A_program_that_saves_a_dump_stands_behind_the_crash_and_not_in_it(string saver)
    {
        foreach (string end in new[] { Panic, "[ 3290.013642] sysrq: Trigger a crash\n" })
        {
            Boot last = Last(Banner + end + saver);
            Assert.True(last.Capture);
            Assert.Equal(2, last.Index);
            Assert.False(last.Previous!.Capture);
        }
    }

    [Fact]
    public void A_kernel_that_another_one_started_in_good_order_is_no_crash_kernel() =>
        Assert.Null(Last(Banner + "[  100.000000] kexec_core: Starting new kernel\nI'm in purgatory\n" + Banner).Capture);

    [Theory]
    [InlineData("U-Boot 2023.01 (Jan 01 2023)\n")]
    [InlineData("EFI stub: Booting Linux Kernel...\n")]
    [InlineData("NOTICE:  BL1: v2.7\n")]
    public void Firmware_between_two_kernels_ends_the_jump(string firmware) =>
        Assert.Null(Last(Banner + Panic + "[  100.200000] Starting crashdump kernel...\n" + firmware + Banner).Capture);

    [Fact]
    public void A_kernel_behind_a_panic_with_a_crash_kernel_loaded_is_probably_that_one()
    {
        const string Armed = "[  100.000100] CPU: 24 PID: 6065 Comm: echo Kdump: loaded Not tainted 5.12.0 #54\n";
        Assert.True(Last(Banner + Panic + Armed + Banner).Capture);
        Assert.Null(Last(Banner + Panic + Armed + "[  101.000000] Rebooting in 10 seconds..\n" + Banner).Capture);
        Assert.False(Last(Banner + Panic + Armed + Banner + "[    0.000000] Command line: root=/dev/vda1 ro\n").Capture);
    }

    [Fact]
    public void A_better_sign_that_comes_later_overrules_a_weaker_one()
    {
        Boot boot = Last(Banner + "[    1.000000] CPU: 0 PID: 9 Comm: makedumpfile Not tainted 6.6.0 #1\n" +
            "[    2.000000] CPU: 0 PID: 10 Comm: sh Kdump: loaded Not tainted 6.6.0 #1\n");
        Assert.False(boot.Capture);
        Assert.Equal(2, boot.Signs.Count);
        Assert.Contains("Kdump: loaded", boot.CaptureEvidence!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_line_that_may_have_been_cut_does_not_prove_what_is_missing()
    {
        string cut = "[    0.000000] Command line: " + string.Concat(Enumerable.Repeat("module.option=value ", 60)) + "\n";
        Assert.True(Last(Banner + cut + "[    0.021792] CPU topo: Crash kernel detected. Disabling real BSP\n").Capture);
    }

    private static Boot Last(string text) => Explained.Facts(text + "[   99.000000] Kernel panic - not syncing: x\n").Of<
        Kdump.Diagnosis.Evidence.Logs.KernelPanic>()[^1].Boot!;
}
