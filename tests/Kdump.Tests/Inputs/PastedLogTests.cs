using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Inputs;

/// <summary>What a form on a web page, a mailer and a pair of hands make of a log.</summary>
public sealed class PastedLogTests
{
    [Fact]
    public void A_log_that_was_pasted_as_one_line_is_taken_apart_at_its_stamps()
    {
        Finding finding = Assert.Single(Explained.Findings("gpu-hang",
            "`Aug 08 03:49:55 host kernel: amdgpu 0000:29:00.0: amdgpu: Dumping IP State Aug 08 03:49:55 host kernel: amdgpu " +
            "0000:29:00.0: amdgpu: ring gfx timeout, signaled seq=582996, emitted seq=582998 Aug 08 03:49:55 host kernel: amdgpu " +
            "0000:29:00.0: amdgpu: Process information: process cs2 pid 13229 thread VKRenderThread pid 13255\n"));
        Assert.Contains("ring gfx", finding.Title, StringComparison.Ordinal);
        Assert.Contains("cs2", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_one_with_the_kernels_own_stamps()
    {
        Finding finding = Assert.Single(Explained.Findings("nic-transmit-stuck",
            "[   91.100000] random: crng init done [   91.139253] ------------[ cut here ]------------ [   91.144052] NETDEV WATCHDOG: " +
            "eth0 (ftgmac100): transmit queue 0 timed out [   91.160624] CPU: 0 PID: 7 Comm: ksoftirqd/0 Not tainted 4.13.16 #1\n"));
        Assert.Contains("eth0", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_two_stamps_is_left_as_a_console_wrote_it() =>
        Assert.Empty(Explained.Findings("kernel-panic", "[  349.166130] sysrq: SysRq : [  349.166130] sysrq: SysRq : Trigger a crash " +
            new string('.', 160) + "\n"));

    [Fact]
    public void Records_of_programs_that_were_folded_are_joined()
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected",
            "Jun 24 03:12:18 host9-ps kdumpctl[930]: kexec_file_load failed: Required key\nnot available\n" +
            "Jun 24 03:12:18 host9-ps kdumpctl[930]: kexec: failed to load kdump kernel\n" +
            "Jun 24 03:12:18 host9-ps kdumpctl[930]: Starting kdump: [FAILED]\n" +
            "Jun 24 03:12:18 host9-ps systemd[1]: kdump.service: Failed with result\n'exit-code'.\n" +
            "Jun 24 03:12:18 host9-ps systemd[1]: Failed to start Crash recovery kernel\narming.\n"));
        Assert.Contains("key", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Text.Contains("sign", StringComparison.OrdinalIgnoreCase) ||
            f.Text.Contains("enrol", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("Kernel panic-not syncing: VFS: unable to mount root fs on unknown- block(179,2)")]
    [InlineData("Kernel Panic - not syncing VFS: Unable to mount root fs on unknown block(179,2)")]
    [InlineData("kernel panic -- not syncing: VFS: Unable to mount root fs on unknown-block (179,2)")]
    public void A_panic_that_was_typed_off_a_screen_is_one(string line) =>
        Assert.Contains(Explained.Verdict(line + "\n").Findings, f => f.Id == "root-not-found");

    [Fact]
    public void Of_a_panic_of_which_only_the_end_is_left_the_stack_above_it_is_read()
    {
        Finding finding = Assert.Single(Explained.Findings("kernel-panic", "[    1.546417]  bus_add_driver+0xec/0x218\n" +
            "[    1.546419]  driver_register+0x64/0x138\n[    1.546421]  __platform_driver_register+0x30/0x48\n" +
            "[    1.546423]  brcmuart_init+0x44/0x88\n[    1.546426]  do_one_initcall+0x60/0x2c0\n" +
            "[    1.546428]  kernel_init_freeable+0x1ec/0x3d8\n[    1.546436] SMP: stopping secondary CPUs\n" +
            "[    1.820897] ---[ end Kernel panic - not syncing: Asynchronous SError Interrupt ]---\n"));
        Assert.Contains("brcmuart_init()", finding.Why, StringComparison.Ordinal);
        Assert.EndsWith("SError Interrupt", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_oops_of_arm64_the_stack_and_the_code_are_enough() =>
        Assert.Contains("amdgpu_cs_ioctl", Assert.Single(Explained.Findings("kernel-oops", "[ 2511.384681] Call trace:\n" +
            "[ 2511.384852]  amdgpu_cs_ioctl+0x173c/0x1998 [amdgpu]\n[ 2511.389484]  drm_ioctl_kernel+0xb4/0x100 [drm]\n" +
            "[ 2511.426733] Code: 540006e1 f90077e0 52800002 f9400800 (f9400400)\n[ 2511.430388] SMP: stopping secondary CPUs\n")).Title,
            StringComparison.Ordinal);
}
