using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

public sealed class DmesgTests
{
    private const string Failed = "[    5.000000] nvme: probe of 0000:02:00.0 failed with error -5\n";

    [Fact]
    public void A_console_log_of_both_kernels_gives_two_boots()
    {
        Facts facts = Explained.Facts(Explained.FirstBoot + Failed + Explained.CaptureBoot + Failed);
        Assert.Equal([false, true], facts.Of<ProbeFailed>().Select(p => p.Boot!.Capture == true));
    }

    [Fact]
    public void The_part_before_a_capture_kernel_is_the_crashed_one_even_without_its_banner()
    {
        Facts facts = Explained.Facts(Failed + "[   13.0000] sysrq: Trigger a crash\n" + Explained.CaptureBoot);
        Assert.False(Assert.Single(facts.Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void A_clock_that_starts_again_is_a_new_kernel()
    {
        Facts facts = Explained.Facts("[  300.000000] x\n" + Failed);
        Assert.Equal(1, Assert.Single(facts.Of<ProbeFailed>()).Boot!.Index);
    }

    [Fact]
    public void What_dmesg_prints_in_a_shell_is_the_past_of_the_same_boot()
    {
        Facts facts = Explained.Facts(
            Explained.CaptureBoot + "[   60.000000] x\ninitqueue:/# dmesg | grep nvme\n" + Failed + "initqueue:/# \n");
        Assert.True(Assert.Single(facts.Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void After_the_shell_a_clock_that_starts_again_is_a_new_kernel_once_more()
    {
        Facts facts = Explained.Facts(
            Explained.CaptureBoot + "[   60.000000] x\n:/# dmesg\n" + Failed + "[   61.000000] y\n:/# reboot -f\n[    1.000000] z\n" +
            Failed.Replace("02", "03", StringComparison.Ordinal));
        Assert.Equal([true, false], facts.Of<ProbeFailed>().Select(p => p.Boot!.Capture == true));
    }

    [Fact]
    public void A_banner_behind_firmware_noise_is_seen()
    {
        Facts facts = Explained.Facts(
            "SeaBIOS (version 1.16.2)\nProbing EDD (edd=off to disable)... oc\x1b[?7l\x1b[2J" + Explained.FirstBoot + Failed);
        Assert.False(Assert.Single(facts.Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void A_reset_ends_the_boot_before_it()
    {
        Facts facts = Explained.Facts(Explained.CaptureBoot + "[   60.000000] x\nSeaBIOS (version 1.16.2)\n" + Failed);
        Assert.Null(Assert.Single(facts.Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void A_trace_that_says_Kdump_loaded_is_the_first_kernels()
    {
        Facts facts = Explained.Facts(Failed + "[   13.662603] CPU: 0 PID: 186 Comm: sh Kdump: loaded Not tainted 6.1.0-50-amd64 #1\n");
        Assert.False(Assert.Single(facts.Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void On_machines_with_a_device_tree_a_missing_elfcorehdr_proves_nothing()
    {
        string arm = "[    0.000000] Linux version 5.14.0-427.el9.aarch64 (x) #1\n[    0.000000] Kernel command line: root=/dev/vda1 " +
            "nr_cpus=1\n";
        Assert.Null(Assert.Single(Explained.Facts(arm + Failed).Of<ProbeFailed>()).Boot!.Capture);
        Assert.True(Assert.Single(Explained.Facts(arm + "[    0.000000] Reserving 1KB of memory at 0xbfdf0000 for elfcorehdr\n" + Failed)
            .Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void With_firmware_assisted_dump_both_kernels_have_the_same_command_line()
    {
        string power = "[    0.000000] Linux version 6.5.0-rc4-next-20230731 (x) #1\n[    0.000000] Kernel command line: root=UUID=1 " +
            "crashkernel=3072M fadump=on\n";
        Assert.Null(Assert.Single(Explained.Facts(power + Failed).Of<ProbeFailed>()).Boot!.Capture);
    }

    [Fact]
    public void The_recorded_consoles_of_real_crashes_are_split_at_the_crash()
    {
        foreach (string name in new[] { "capture-kernel-oom", "capture-kernel-panic", "initramfs-unpack-failed", "dump-saved" })
        {
            Facts facts = Explained.Facts(File.ReadAllBytes(Repository.Path("fixtures", "cases", name, "console.log")));
            KernelBanner banner = Assert.Single(facts.Of<KernelBanner>());
            Assert.True(banner.Boot!.Capture, name);
            Assert.False(banner.Boot.Previous!.Capture, name);
        }
    }
}
