using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>What mount, drgn, module loaders and kexec -d say of a start, in the forms that nobody reported yet.</summary>
public sealed class WordsOfStartsTests
{
    [Theory]
    [InlineData("Device or resource busy", "something else holds it")]
    [InlineData("Structure needs cleaning", "damaged")]
    [InlineData("Input/output error", "could not be read")]
    [InlineData("Invalid argument", "another type")]
    public void The_word_of_mount_says_why_the_root_was_not_mounted(string said, string means)
    {
        Finding finding = Assert.Single(Explained.Findings("root-not-found",
            $"mount: mounting /dev/vda1 on /root failed: {said}\n(initramfs) \nALERT!  /dev/vda1 does not exist.  Dropping to a shell!\n"));
        Assert.Contains(means, finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ValueError: drgn was built without libkdumpfile support\n")]
    [InlineData("_drgn.FileFormatError: not an ELF file\n")]
    [InlineData("Exception: kdump_open_fdset(3, 1): Unknown file format\n")]
    [InlineData("Exception: kdump_get_number_attr: Key has no value\n")]
    public void The_errors_of_drgn_are_about_a_dump(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("crash-cannot-open-dump", line));
        Assert.Contains("drgn", finding.Title + finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Theory]
    [InlineData("crash: ")]
    [InlineData("crash64: ")]
    [InlineData("crash_arm64: ")]
    [InlineData("")]
    public void A_crash_of_any_name_is_heard(string name) => Assert.Single(Explained.Findings("crash-cannot-open-dump",
        $"{name}seek error: kernel virtual address: ffff888627a14d00  type: \"current_task (per_cpu)\"\n"));

    [Theory]
    [InlineData("modprobe: ERROR: could not insert 'sysdig': Key was rejected by service\n", "sysdig")]
    [InlineData("modprobe: ERROR: could not insert 'vboxdrv': Required key not available\n", "vboxdrv")]
    [InlineData("insmod: ERROR: could not insert module ./falco.ko: Required key not available\n", "falco")]
    public void A_module_without_a_trusted_signature_is_named(string line, string module)
    {
        Finding finding = Assert.Single(Explained.Findings("module-refused", line));
        Assert.Contains(module, finding.Title, StringComparison.Ordinal);
        Assert.Contains("signed", finding.Title, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void A_kernel_that_kexec_loaded_and_nothing_more_is_an_open_question()
    {
        string loaded = "# kexec -d -l /boot/zImage\nsegment[0].buf   = 0x76a5e008\nsegment[0].bufsz = 0x5a8d38\n" +
            "segment[0].mem   = 0x10008000\nsegment[0].memsz = 0x5a9000\n";
        Verdict verdict = Explained.Verdict(loaded);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("new kernel runs", StringComparison.Ordinal));
        Assert.DoesNotContain(Explained.Verdict(loaded + "kexec_load failed: Invalid argument\n").Unknowns,
            u => u.Question.Contains("new kernel runs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_test_of_kdump_that_finds_no_dump_asks_for_the_console() => Assert.Contains(
        Explained.Verdict("Jul 04 14:29:13 qemu0 kola-runext-test.sh[4612]: No kcore found in /var/crash\n").Unknowns,
        u => u.Question.Contains("left no dump", StringComparison.Ordinal));

    [Fact]
    public void A_start_that_finds_no_root_is_not_asked_whether_it_is_a_crash_kernel() => Assert.DoesNotContain(Explained.Verdict(
        Explained.FirstBoot + "[   10.000000] mount.nfs: Protocol not supported for 192.168.1.9:/srv/nfs on /root\n" +
            "[   11.000000] mount.nfs: No route to host for 192.168.1.9:/srv/nfs on /root\n").Unknowns,
        u => u.Question.Contains("crash kernel", StringComparison.Ordinal));

    private const string NoRoot = "[    8.900000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n" +
        "[    9.000000] CPU: 0 PID: 1 Comm: swapper Not tainted ";

    [Theory]
    [InlineData("6.6.73 #0\n", false)]
    [InlineData("5.15.0-86-generic #96-Ubuntu\n", true)]
    [InlineData("6.12.0-124.el10.x86_64 #1\n", true)]
    public void Only_the_kernel_of_a_distribution_is_helped_with_its_tools(string release, bool tools) => Assert.Equal(tools,
        Assert.Single(Explained.Findings("root-not-found", NoRoot + release)).Fixes.Any(f =>
            f.Command?.Contains("update-initramfs", StringComparison.Ordinal) == true));

    [Fact]
    public void A_root_that_no_driver_can_read_is_not_a_root_that_is_missing()
    {
        const string Known = "[    2.000000] b302 106496 mmcblk0p2 5452574f-02\n[    2.100000] No filesystem could mount root, " +
            "tried:\n[    2.200000] " +
            " squashfs\n";
        Finding finding = Assert.Single(Explained.Findings("root-not-found",
            Known + "[    2.300000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(179,2)\n"));
        Assert.Contains("can read the root", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("can read the root", Assert.Single(Explained.Findings("root-not-found",
            Known + "[    2.300000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n")).Title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_init_that_is_missing_on_a_root_that_was_never_mounted_is_not_told()
    {
        Verdict verdict = Explained.Verdict("mount.nfs: No route to host for 10.0.0.1:/srv/root on /root\n" +
            "Target filesystem doesn't have requested /sbin/init.\nNo init found. Try passing init= bootarg.\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "init-not-started");
        Assert.Contains(verdict.Findings, f => f.Id == "root-not-found" &&
            f.Why.Contains("no way to the server", StringComparison.Ordinal));
    }

    [Fact]
    public void An_initramfs_without_a_first_program_is_told_beside_the_root() => Assert.Contains("/init", Assert.Single(
        Explained.Findings("root-not-found", "[    1.800000] check access for rdinit=/init failed: -2, ignoring\n" +
            "[    1.900000] VFS: Cannot open root device \"/dev/sda2\" or unknown-block(0,0): error -6\n" +
            "[    1.900000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n")).Why,
                StringComparison.Ordinal);
}
