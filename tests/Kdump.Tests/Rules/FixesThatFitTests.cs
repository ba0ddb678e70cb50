using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Rules;

/// <summary>Commands must exist on the machine, and the nodes that they name must be there.</summary>
public sealed class FixesThatFitTests
{
    private const string Removed = """
        [ 8321.101010] nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10
        [ 8321.180301] nvme nvme0: Removing after probe failure status: -19
        [ 8321.200613] Buffer I/O error on dev nvme0n1p2, logical block 60850176, lost sync page write
        """;

    private static string Fixes(string log) => string.Join('\n', Explained.Verdict(log).Findings.SelectMany(f => f.Fixes)
        .Select(f => $"{f.Text} $ {f.Command}"));

    [Theory]
    [InlineData(Removed, "/dev/nvme0")]
    [InlineData("[ 100.0] nvme nvme1: Device not ready; aborting reset, CSTS=0x1\n" +
        "[ 100.1] nvme nvme1: Disabling device after reset failure: -19\n[ 100.2] I/O error, dev nvme1n1, sector 2123 op 0x1:(WRITE)\n",
        "/dev/nvme1")]
    [InlineData("[ 100.0] sd 2:0:0:0: [sdb] Synchronize Cache(10) failed: Result: hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK\n" +
        "[ 100.1] Buffer I/O error on dev sdb1, logical block 5, lost async page write\n", "/dev/sdb")]
    public void A_command_that_names_a_device_which_is_gone_says_so(string log, string node)
    {
        foreach (Fix fix in Explained.Verdict(log).Findings.SelectMany(f => f.Fixes).Where(f =>
            f.Command?.Contains(node, StringComparison.Ordinal) == true))
            Assert.Contains("is gone or does not answer", fix.Text, StringComparison.Ordinal);
        Assert.Contains(node, Fixes(log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_came_back_and_another_one_are_asked_as_usual()
    {
        string back = Removed + "\n[ 8400.000001] nvme nvme0: 8/0/0 default/read/poll queues\n";
        Assert.DoesNotContain("is gone or", Fixes(back), StringComparison.Ordinal);
        string near = Fixes("[ 100.0] sd 2:0:0:0: [sdb] Synchronize Cache(10) failed: Result: hostbyte=DID_NO_CONNECT " +
            "driverbyte=DRIVER_OK\n[ 100.1] I/O error, dev sdbc, sector 5 op 0x0:(READ)\n");
        Assert.Contains("$ smartctl -x /dev/sdbc", near, StringComparison.Ordinal);
        Assert.DoesNotContain(near.Split('\n'), f => f.Contains("/dev/sdbc", StringComparison.Ordinal) &&
            f.Contains("is gone or", StringComparison.Ordinal));
    }

    private const string Key = "kexec_file_load failed: Key was rejected by service";

    [Theory]
    [InlineData("Jan 10 09:12:45 u kdump-tools[1190]: " + Key + "\nJan 10 09:12:45 u kdump-tools[1133]:  * failed to load kdump kernel\n",
        "KDUMP_KEXEC_ARGS=\"-c\" in /etc/default/kdump-tools")]
    [InlineData("Jan 10 09:12:45 s load.sh[1190]: " + Key + "\n", "KEXEC_OPTIONS=\"-c\" in /etc/sysconfig/kdump")]
    [InlineData("Jan 10 09:12:45 r kdumpctl[1190]: " + Key + "\nJan 10 09:12:45 r kdumpctl[1133]: kdump: Starting kdump: [FAILED]\n",
        "; KEXEC_ARGS=\"-c\"")]
    public void The_settings_are_those_of_the_distribution_that_speaks(string log, string setting) =>
        Assert.Contains(setting, Fixes(log), StringComparison.Ordinal);

    [Theory]
    [InlineData("Jan 10 09:12:45 debian kdump-tools[402]: makedumpfile: write_buffer: Can't write the dump file(STDOUT). No space left " +
        "on device\nJan 10 09:12:45 debian kdump-tools[402]: kdump-tools: makedumpfile failed, falling back to 'cp'\n")]
    [InlineData("Jan 10 09:12:45 u kdump-tools[1190]: " + Key + "\nJan 10 09:12:45 u kdump-tools[1133]:  * failed to load kdump kernel\n")]
    public void Debian_is_not_told_of_kdumpctl(string log)
    {
        Assert.DoesNotContain("kdumpctl", Fixes(log), StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/sysconfig/kdump", Fixes(log), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_line_tells_the_distribution_all_three_are_named()
    {
        string fixes = Fixes("The kernel version is not supported.\nmakedumpfile Failed.\n");
        Assert.Contains("Debian", fixes, StringComparison.Ordinal);
    }

    /// <summary>Commands and settings of kdump-utils (RHEL, Fedora).</summary>
    private static readonly string[] RedHats = ["kdumpctl ", "/etc/kdump.conf", "dracut_args", "extra_modules", " KEXEC_ARGS"];

    [Fact]
    public void A_reader_whose_machine_is_not_known_gets_the_commands_of_each_family()
    {
        foreach (Entry entry in Entries.All)
        {
            foreach (Fix fix in entry.Fixes.Select(f => FixesThatFit.ForAnyMachine(f, entry.Signature)))
            {
                if (fix.For != KdumpTools.None || fix.Command?.Contains("kdumpctl re", StringComparison.Ordinal) != true)
                    continue;
                string all = $"{fix.Text} {fix.Place} {fix.Command} {string.Join(' ', entry.Signature)}";
                Assert.True(Names(all, "Debian", "Fedora", "kdump-utils", "kdumpctl[", "kdumpctl:", "kdump: ", "kdump_pre",
                    "/etc/kdump/pre.d", "setup-crypttab",
                    "KDUMP_BOOTDIR", "earlykdump", "early-kdump", "kdump.sh", "kdump-lib"), $"{entry.Id}: {all}");
            }
        }
    }

    [Theory]
    [InlineData(DumpService.KdumpTools)]
    [InlineData(DumpService.Suse)]
    public void No_fix_of_the_catalogue_names_what_the_machine_does_not_have(DumpService service)
    {
        foreach (Entry entry in Entries.All)
        {
            foreach (Fix fix in entry.Fixes.Where(f => f.For == KdumpTools.None && !Names($"{f.Text} {f.Command}", "Fedora", "SUSE",
                "Debian", "kdump-utils", "KDUMP_BOOTDIR", "/etc/kdump/pre.d", "/etc/default/kdump-tools")))
            {
                Fix own = FixesThatFit.OfService(fix, service);
                Assert.Equal(own.Text == fix.Text, own.Usual is null);
                Assert.False(Names($" {own.Text} {own.Command}", RedHats), $"{entry.Id}: {own.Text} $ {own.Command}");
            }
        }
    }

    private static bool Names(string text, params string[] words) =>
        Array.Exists(words, w => text.Contains(w, StringComparison.Ordinal));

    private const string Firmware = "[    0.000000] Command line: root=/dev/sda1 elfcorehdr=0x1000 ro\n" +
        "[    1.500000] nouveau 0000:01:00.0: DRM: VRAM: 1 MiB\n[    3.100000] Out of memory: Killed process 99 (x) total-vm:1kB\n";

    [Theory]
    [InlineData("5.14.0-427.13.1.el9_4.x86_64", "kdumpctl rebuild && kdumpctl restart", "dracut_args --omit-drivers")]
    [InlineData("6.8.0-45-generic", "kdump-config reload", "modprobe.blacklist=nouveau,amdgpu,i915 in KDUMP_CMDLINE_APPEND")]
    [InlineData("6.4.0-150600.23.25-default", "mkdumprd -f && systemctl restart kdump", "in KDUMP_COMMANDLINE_APPEND in /etc/sysconfig")]
    public void A_driver_is_left_out_as_the_distribution_of_the_kernel_does_it(string release, string command, string setting)
    {
        Fix fix = Assert.Single(Explained.Verdict($"[    0.000000] Linux version {release} (b@h) (gcc 12) #1 SMP x\n{Firmware}").Findings
            .First(f => f.Id == "graphics-driver-in-crash-kernel").Fixes);
        Assert.EndsWith(command, fix.Command, StringComparison.Ordinal);
        Assert.Contains(setting, fix.Text, StringComparison.Ordinal);
        Assert.Null(fix.Place);
    }

    [Fact]
    public void Where_the_kernel_does_not_tell_it_either_each_family_has_its_command_and_its_setting()
    {
        Fix fix = Assert.Single(Explained.Verdict($"[    0.000000] Linux version 6.10.4-custom (b@h) (gcc 12) #1 SMP x\n{Firmware}")
            .Findings.First(f => f.Id == "graphics-driver-in-crash-kernel").Fixes);
        Assert.Equal("kdumpctl rebuild && kdumpctl restart   # Debian, Ubuntu: /etc/kernel/postinst.d/kdump-tools $(uname -r) && " +
            "kdump-config reload; SUSE: mkdumprd -f && systemctl restart kdump", fix.Command);
        Assert.Equal("Debian, Ubuntu: modprobe.blacklist=nouveau,amdgpu,i915 in KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools; SUSE: " +
            "modprobe.blacklist=nouveau,amdgpu,i915 in KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump", fix.Place);
    }

    private const string Nvme = "[  100.000000] nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10\n";

    [Theory]
    [InlineData("5.14.0-427.13.1.el9_4.x86_64", "$ grubby --update-kernel=ALL --args=")]
    [InlineData("6.8.0-45-generic", "&& update-grub")]
    [InlineData("6.1.0-18-amd64", "&& update-grub")]
    [InlineData("6.8.12-4-pve", "&& update-grub")]
    [InlineData("6.4.0-150600.23.25-default", "&& grub2-mkconfig -o /boot/grub2/grub.cfg")]
    [InlineData("6.6.31+rpt-rpi-2712", "/boot/firmware/cmdline.txt")]
    [InlineData("6.10.4-custom", "# Debian, Ubuntu: ")]
    public void A_parameter_is_added_as_the_distribution_of_the_kernel_does_it(string release, string command)
    {
        string fixes = Fixes($"[    0.000000] Linux version {release} (build@host) (gcc 12) #1 SMP Mon Jan 1 00:00:00 UTC 2024\n{Nvme}");
        Assert.Contains("nvme_core.default_ps_max_latency_us=0", fixes, StringComparison.Ordinal);
        Assert.Contains(command, fixes, StringComparison.Ordinal);
    }
}
