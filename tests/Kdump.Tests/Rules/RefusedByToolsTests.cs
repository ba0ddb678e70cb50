using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Tools around kdump and boot that refuse with a clear word: each family with members that nobody reported.</summary>
public sealed class RefusedByToolsTests
{
    [Theory]
    [InlineData("/lib/kdump/kdump-lib.sh: line 192: bad substitution: no closing `}' in ${_src#${_x}[}", "/lib/kdump/kdump-lib.sh", "192")]
    [InlineData("/usr/lib/kdump/kdump-lib.sh: line 44: syntax error near unexpected token `fi'", "/lib/kdump/kdump-lib.sh", "44")]
    [InlineData("/usr/bin/kdumpctl: line 1101: unexpected EOF while looking for matching `\"'", "kdumpctl", "1101")]
    [InlineData("/usr/sbin/mkdumprd: line 12: OPTIONS: unbound variable", "mkdumprd", "12")]
    [InlineData("/usr/sbin/kdump-config: 812: Syntax error: \"fi\" unexpected", "kdump-config", "812")]
    [InlineData("/usr/sbin/kdump-config: 90: Bad substitution", "kdump-config", "90")]
    public void A_script_of_kdump_that_the_shell_does_not_understand_is_named_with_its_line(string line, string file, string number)
    {
        Finding found = Explained.Findings("kdump-check-failed", $"Oct 06 21:37:11 host kdumpctl[1322]: {line}\n").First();
        Assert.Contains(file, found.Title, StringComparison.Ordinal);
        Assert.Contains($"line {number}", found.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dracut-install: ERROR: installing 'poweroff'\ndracut-install: ERROR: installing 'halt'\n" +
        "dracut: FAILED: /usr/lib/dracut/dracut-install -D /x -a umount poweroff halt\n", "poweroff, halt")]
    [InlineData("dracut-install: ERROR: installing '/usr/bin/a'\ndracut-install: ERROR: installing '/usr/bin/b'\n" +
        "dracut[E]: FAILED: /usr/lib/dracut/dracut-install -D /x -a /usr/bin/a /usr/bin/b\n", "/usr/bin/a, /usr/bin/b")]
    [InlineData("dracut[E]: Module 'livenet' cannot be installed.\n", "livenet")]
    [InlineData("dracut: Module 'plymouth' cannot be found or installed.\n", "plymouth")]
    public void All_that_dracut_missed_stands_in_the_title(string log, string words) =>
        Assert.Contains(Explained.Findings("initramfs-not-built", log), f => f.Title.Contains(words, StringComparison.Ordinal));

    [Theory]
    [InlineData("dracut-install: PATH is not set", "PATH")]
    [InlineData("dracut-install: Failed to init kmod ctx", "init kmod ctx")]
    [InlineData("dracut-install: Environment DESTROOTDIR or argument -D is not set!", "DESTROOTDIR")]
    public void What_dracut_install_says_itself_is_the_reason(string line, string words) =>
        Assert.Contains(Explained.Findings("initramfs-not-built", line +
            "\ndracut[E]: FAILED: /usr/lib/dracut/dracut-install -D /x /usr/bin/a\n"),
            f => f.Why.Contains(words, StringComparison.Ordinal) && !f.Why.Contains("library", StringComparison.Ordinal));

    [Fact]
    public void A_module_that_dracut_leaves_out_by_itself_is_no_failure() => Assert.Empty(Explained.Findings("initramfs-not-built",
        "dracut: dracut module 'biosdevname' will not be installed, because command 'biosdevname' could not be found!\n" +
        "dracut[E]: Module 'memstrack' cannot be installed.\n"));

    [Theory]
    [InlineData("crash: read error: kernel virtual address: ffffffff825e15a8  type: \"page_offset_base\"")]
    [InlineData("crash: seek error: kernel virtual address: ffffffff825e15a8  type: \"possible\"")]
    public void A_closed_dev_mem_is_no_broken_dump(string line)
    {
        Finding found = Assert.Single(Explained.Findings("crash-cannot-open-dump", $"/dev/mem: Operation not permitted\n{line}\n"));
        Assert.Contains("running kernel", found.Title, StringComparison.Ordinal);
        Assert.Contains(found.Fixes, f => f.Command?.Contains("/proc/kcore", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Another_program_at_dev_mem_is_not_crash() => Assert.Empty(
        Explained.Findings("crash-cannot-open-dump", "# dmidecode 3.3\n/dev/mem: Operation not permitted\n"));

    [Fact]
    public void A_refused_load_is_not_told_as_a_refused_unload() => Assert.Empty(Explained.Findings("kexec-unload-refused",
        "[ 3895.765035] ima: impossible to appraise a kernel image without a file descriptor; try using kexec_file_load syscall.\n" +
        "kexec_load failed: Permission denied\n"));

    [Fact]
    public void A_line_of_another_text_is_not_the_reason_of_a_service()
    {
        Finding found = Explained.Findings("kdump-service-failed", "```\ngrep: /var/log/messages: No such file or directory\n```\n" +
            "The system fails to enable kdump.service.\n" +
            "May 26 02:06:53 localhost kdumpctl[1594]: Starting kdump: [FAILED]\n").First();
        Assert.DoesNotContain("Just before", found.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[    1.377844] systemd[1]: a.service: Main process exited, code=exited, status=1/FAILURE")]
    [InlineData("[    1.377844] systemd[1]: a.service: Main process exited, code=exited, status=2/INVALIDARGUMENT")]
    [InlineData("[    1.377844] systemd[1]: a.service: Control process exited, code=dumped, status=11/SEGV")]
    public void A_process_that_ended_badly_is_trouble(string line) =>
        Assert.Contains("a.service", Text(line + "\n"), StringComparison.Ordinal);

    [Fact]
    public void Units_that_wait_for_a_failure_outside_of_the_log_are_one_question()
    {
        string said = Text("[    7.574848] systemd[1]: Dependency failed for Ignition (files).\n" +
            "[    7.574848] systemd[1]: a.service: Job a.service/start failed with result 'dependency'.\n" +
            "[    7.574848] systemd[1]: b.service: Job b.service/start failed with result 'dependency'.\n");
        Assert.Contains("which unit failed first", said, StringComparison.Ordinal);
        Assert.DoesNotContain("no rule recognises", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_hangs_tells_what_the_kernel_said_just_before()
    {
        Finding found = Explained.Findings("start-hangs", "[   23.099114] hyperv_fb: Time out on waiting vram location ack\n" +
            "[   23.105764] hv_vmbus: probe failed for device 5620e0c7-8062-4dce-aeb7-520c7ef76171 (-110)\n" +
            "[*   ] A start job is running for Load Kernel Modules (1min 3s / 1min 30)\n").First();
        Assert.Contains("the kernel said", found.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("find: '/var/tmp/mkinitramfs_Lc9CRf/lib/modules/5.10.209/kernel': No such file or directory", "5.10.209")]
    [InlineData("depmod: ERROR: could not open directory /var/tmp/mkinitramfs_Ab/lib/modules/6.1.0-9: No such file or directory",
        "6.1.0-9")]
    [InlineData("* ERROR: Binary /sbin/mpath_prio_* could not be found", "/sbin/mpath_prio_*")]
    [InlineData("* ERROR: Binary /sbin/lvm.static could not be found", "/sbin/lvm.static")]
    public void What_an_image_lacks_is_told_although_the_builder_goes_on(string line, string words) =>
        Assert.Contains(Explained.Findings("initramfs-not-built", "update-initramfs: Generating /boot/initrd.img-5.10.209\n" + line + "\n"),
            f => f.Title.Contains(words, StringComparison.Ordinal));

    [Theory]
    [InlineData("Could not configure GRUB: ['/usr/bin/arch-chroot'] exited with code [1]: /usr/bin/grub-mkconfig: line 270: " +
        "/boot/efi/grub/grub.cfg.new: No such file or directory", "grub-mkconfig")]
    [InlineData("Installer step 4 failed: /usr/sbin/update-initramfs: cannot write /boot/x: Permission denied", "update-initramfs")]
    public void A_program_inside_of_another_message_is_heard(string line, string program) =>
        Assert.Contains(Explained.Findings("boot-program-failed", line + "\n"), f => f.Title.Contains(program, StringComparison.Ordinal));

    [Fact]
    public void What_a_program_said_before_the_switch_of_the_root_failed_is_the_reason()
    {
        Finding found = Explained.Findings("root-not-found",
            "[    1.532968] overlayinit[311]: open(\"/boot/x.img\", O_RDONLY) = -1 2 (No such file or directory)\n" +
            "[FAILED] Failed to start Switch Root.\n").First();
        Assert.Contains("/boot/x.img", found.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("No line here tells why", found.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_module_that_did_not_load_is_why_mount_does_not_know_the_type()
    {
        Verdict verdict = Explained.Verdict("[    2.000000] erofs: Unknown symbol __fscache_acquire_volume (err -2)\n" +
            "[    2.100000] mount[452]: mount: /sysroot: unknown filesystem type 'erofs'.\n");
        Assert.Equal("module-refused", verdict.Chain[0].Id);
    }

    [Fact]
    public void Mounts_vague_words_are_followed_by_the_file_systems_own()
    {
        Finding found = Explained.Findings("root-not-found", "[    2.000000] XFS (dm-0): metadata I/O error\n" +
            "[    2.100000] mount[452]: mount: /sysroot: cannot mount block device dm-0 read-write, or read-only: Invalid argument\n")
            .First();
        Assert.Contains("metadata I/O error", found.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rpm-ostree", "rpm-ostreed")]
    [InlineData("chronyd", "chronyd")]
    public void The_program_of_a_unit_that_failed_tells_why(string program, string unit)
    {
        string said = Text($"Sep 10 22:31:59 host {program}[41344]: error: Unexpected state: no /boot/loader directory\n" +
            $"Sep 10 22:31:59 host systemd[1]: {unit}.service: Main process exited, code=exited, status=1/FAILURE\n" +
            $"Sep 10 22:31:59 host systemd[1]: {unit}.service: Failed with result 'exit-code'.\n");
        Assert.Contains("/boot/loader", said, StringComparison.Ordinal);
    }

    private static string Text(string log)
    {
        Verdict verdict = Explained.Verdict(log);
        return string.Join('\n', verdict.Findings.Select(f => f.Title).Concat(verdict.Unknowns.Select(u => u.Question)));
    }
}
