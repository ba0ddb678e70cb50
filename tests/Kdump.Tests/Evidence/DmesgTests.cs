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

    /// <summary>Kernels of 2.6.24 to 4.4 begin with the cgroups, arm64's with its first CPU, others with the early microcode.</summary>
    [Theory]
    [InlineData("[    0.000000] Initializing cgroup subsys cpuset\n[    0.000000] Initializing cgroup subsys cpu\n")]
    [InlineData("[    0.000000] microcode: microcode updated early to revision 0x25, date = 2018-04-02\n")]
    [InlineData("[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd083]\n")]
    [InlineData("[    0.000000] Booting Linux on physical CPU 0x100\n[    0.000000] Initializing cgroup subsys cpuset\n")]
    [InlineData("Oct  5 10:00:01 host kernel: Initializing cgroup subsys cpuset\n")]
    public void What_a_kernel_prints_before_its_banner_is_of_its_boot(string begin)
    {
        string prefix = begin[0] == '[' ? "[    0.000000] " : "Oct  5 10:00:01 host kernel: ";
        Facts facts = Explained.Facts(begin + prefix + "Linux version 4.4.0-21-generic (buildd@x) #37 SMP\n" + Failed);
        Boot boot = Assert.Single(facts.Of<ProbeFailed>()).Boot!;
        Assert.Equal(("4.4.0-21-generic", null), (boot.Release, boot.Previous));
    }

    [Fact]
    public void The_kernel_before_has_ended_where_the_next_begins_with_its_cgroups()
    {
        Facts facts = Explained.Facts("Oct  5 10:00:01 host kernel: Linux version 4.4.0-21-generic (buildd@x) #37 SMP\n" +
            "Oct  5 10:00:09 host kernel: nvme: probe of 0000:02:00.0 failed with error -5\n" +
            "Oct  5 11:00:01 host kernel: Initializing cgroup subsys cpuset\n" +
            "Oct  5 11:00:01 host kernel: Linux version 4.4.0-22-generic (buildd@x) #38 SMP\n" +
            "Oct  5 11:00:09 host kernel: nvme: probe of 0000:02:00.0 failed with error -5\n");
        Assert.Equal(["4.4.0-21-generic", "4.4.0-22-generic"], facts.Of<ProbeFailed>().Select(p => p.Boot!.Release));
        Assert.Equal(2, facts.Of<ProbeFailed>().Select(p => p.Boot!.Index).Distinct().Count());
    }

    /// <summary>systemd 217 to 248 print how far the journal goes, in both orders; a boot's first lines are of one second.</summary>
    [Theory]
    [InlineData("-- Logs begin at Sun 2020-01-12 11:40:48 CST, end at Thu 2020-01-30 15:23:27 CST. --\n")]
    [InlineData("-- Journal begins at Sun 2021-01-12 11:40:48 CST, ends at Thu 2021-01-30 15:23:27 CST. --\n")]
    [InlineData("-- Logs begin at Sun 2020-01-12 11:40:48 CST. --\n\n")]
    public void The_extent_of_a_journal_does_not_turn_it_round(string extent)
    {
        const string Stamp = "Jan 30 09:37:23 host kernel: ";
        var log = new System.Text.StringBuilder(extent).Append(Stamp + "Linux version 5.3.0-29-generic (buildd@x) #31 SMP\n");
        for (int i = 0; i < 400; i++)
            log.Append(Stamp).Append(System.Globalization.CultureInfo.InvariantCulture, $"pci 0000:00:{i / 8:x2}.{i % 8}: reg 0x10\n");
        log.Append(Stamp).Append("nvme: probe of 0000:02:00.0 failed with error -5\n");
        Assert.Equal("5.3.0-29-generic", Assert.Single(Explained.Facts(log.ToString()).Of<ProbeFailed>()).Boot!.Release);
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
