using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>The same events in the words of other kernels and programs.</summary>
public sealed class OldWordingsTests
{
    [Theory]
    [InlineData("Out of memory: Killed process 5790 (cook) total-vm:3512020kB, anon-rss:2981440kB, file-rss:2560kB")]
    [InlineData("Out of memory: Kill process 5790 (cook) score 694 or sacrifice child")]
    [InlineData("Out of memory: kill process 5790 (cook) score 42837 or a child")]
    [InlineData("Out of Memory: Killed process 5790 (cook).")]
    [InlineData("No available memory (MPOL_BIND): kill process 5790 (cook) score 12 or a child")]
    public void Whom_the_kernel_killed_for_memory_is_read_in_every_age(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory",
            $"[  100.1] cook invoked oom-killer: gfp_mask=0x1201d2, order=0, oomkilladj=0\n[  100.2] {line}\n"));
        Assert.EndsWith("killed cook", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kill_that_was_told_twice_happened_once()
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory",
            "[  100.1] Out of Memory: Kill process 5790 (cook) score 4283 and children.\n" +
            "[  100.1] Out of memory: Killed process 5791 (waiter).\n"));
        Assert.DoesNotContain("2 times", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 875532, true)]
    [InlineData(800000, 875532, false)]
    public void Swap_that_was_used_up_is_told(long free, long total, bool told)
    {
        Finding finding = Assert.Single(Explained.Findings("out-of-memory",
            $"[  100.1] Free swap  = {free}kB\n[  100.1] Total swap = {total}kB\n" +
            "[  100.2] Out of memory: kill process 5790 (cook) score 42837 or a child\n"));
        Assert.Equal(told, finding.Why.Contains("swap was used up", StringComparison.Ordinal));
        Assert.Contains("holds no table of tasks", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cook[77]: segfault at 0 ip 0000000000000000 sp 00007ffcdc242520 error 14 in cook[55d0+50]", "14: it jumped to a null")]
    [InlineData("cook[77]: segfault at 8 ip 000055d0c8e01028 sp 00007ffcdc242520 error 4 in cook[55d0c8e00000+5000]",
        "4: it read from a null")]
    [InlineData("cook[77]: segfault at 7f00 ip 000055d0c8e01028 sp 00007ffcdc242520 error 6 in cook[55d0c8e00000+5000]",
        "6: it wrote to an unmapped")]
    [InlineData("cook[77]: segfault at 7ffcdc242520 ip 00007ffcdc242520 sp 00007ffcdc242520 error 15",
        "15: it jumped to a page without that permission")]
    public void The_error_code_of_a_segfault_has_hexadecimal_digits(string line, string told) =>
        Assert.Contains(told, Assert.Single(Explained.Findings("program-crashed", $"[  100.1] {line}\n")).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, true)]
    [InlineData(812, false)]
    public void Only_the_end_of_the_first_program_ends_the_kernel(int pid, bool ends)
    {
        Verdict verdict = Explained.Verdict(
            $"[  397.908416] systemd[{pid}]: segfault at 0 ip 0000000000000000 sp 00007ffcdc242520 error 14 " +
            "in systemd[55555aef5000+1000]\n" +
            "[  400.474068] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n" +
            "[  400.474068] CPU: 2 PID: 1 Comm: systemd Tainted: G           O       6.6.0 #1\n");
        Finding panic = Assert.Single(verdict.Findings, f => f.Id == "kernel-panic");
        Assert.Equal(ends, verdict.Findings.Single(f => f.Id == "program-crashed").Explains.Count > 0);
        Assert.DoesNotContain(panic.Fixes.Concat(panic.NextSteps), f => f.Text.Contains("rd.break", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unknown-block(8,3)", "8:3 (sda3)")]
    [InlineData("unknown-block (3,65)", "3:65 (hdb1)")]
    [InlineData("unknown-block(179,2)", "179:2 (mmcblk0p2)")]
    [InlineData("unknown-block(259,5)", "259:5")]
    public void A_root_that_is_only_a_number_is_named(string block, string told) =>
        Assert.Contains(told, Assert.Single(Explained.Findings("root-not-found",
            $"[    1.3] Kernel panic - not syncing: VFS: Unable to mount root fs on {block}\n")).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("crc error")]
    [InlineData("invalid compressed format (err=1)")]
    [InlineData("XZ-compressed data is corrupt")]
    public void A_ram_disk_that_cannot_be_unpacked_has_words_alone(string words)
    {
        Verdict verdict = Explained.Verdict($"[    1.100000] {words}\n" +
            "[    1.300000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(8,3)\n");
        Assert.Contains(verdict.Findings, f => f.Id == "initramfs-unpack-failed");
    }

    [Theory]
    [InlineData("[    9.100000] eth0: crc error\n")]
    [InlineData("crc error\n")]
    public void The_same_words_of_others_are_no_ram_disk(string line) => Assert.Empty(Explained.Findings("initramfs-unpack-failed", line));

    [Theory]
    [InlineData("NETDEV WATCHDOG: eth0: transmit timed out")]
    [InlineData("NETDEV WATCHDOG: eth0 (r8169): transmit queue 0 timed out")]
    public void A_stuck_queue_is_one_in_every_age(string line) =>
        Assert.Contains("eth0", Assert.Single(Explained.Findings("nic-transmit-stuck", $"[  100.1] {line}\n")).Title,
            StringComparison.Ordinal);

    [Fact]
    public void A_volume_that_dracut_did_not_find_comes_before_what_is_inside()
    {
        Finding finding = Assert.Single(Explained.Findings("root-not-found",
            "[  222.3] dracut-initqueue[337]: Warning: crypto LUKS UUID 1a2b3c4d-1111-2222-3333-444455556666 not found\n" +
            "[  222.3] dracut-initqueue[337]: Warning: /dev/mapper/vg-root does not exist\n"));
        Assert.StartsWith("dracut looked for the encrypted volume", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Makedumpfile_that_somebody_ran_by_hand_lost_no_dump()
    {
        Finding finding = Assert.Single(Explained.Findings("makedumpfile-failed",
            "BOOT_IMAGE=/vmlinuz-3.2.0-23-generic root=/dev/sda1 ro crashkernel=384M-2G:64M,2G-:128M\n" +
            "generate_vmcoreinfo: Can't find the memory type.\n\nmakedumpfile Failed.\n"));
        Assert.Equal(Severity.Error, finding.Severity);
    }

    [Theory]
    [InlineData("__folio_lock+0x130/0x300", "migrate_pages_batch+0x378/0x918", "compaction")]
    [InlineData("__lock_page+0x130/0x300", "unmap_and_move+0x378/0x918", "compaction")]
    [InlineData("__lock_page+0x130/0x300", "write_cache_pages+0x378/0x918", "a disk")]
    public void Who_waits_for_a_page_to_move_does_not_wait_for_a_disk(string wait, string caller, string told)
    {
        Finding finding = Assert.Single(Explained.Findings("hung-task", string.Concat(new[]
        {
            "INFO: task cook:7494 blocked for more than 120 seconds.",
            "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.",
            "task:cook            state:D stack:0     pid:7494  ppid:1      flags:0x00000200", "Call trace:", " __switch_to+0x14c/0x240",
            " __schedule+0x82c/0xdd0", " schedule+0x58/0xf0", " io_schedule+0x24/0xa0", " " + wait, " " + caller,
            " do_writepages+0x63c/0xb38", " kthread+0x80/0x90",
        }.Select((l, i) => $"[  967.7235{i:00}] {l}\n"))));
        Assert.Contains(told, finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zero_with_the_sign_of_a_multiplication_is_a_number() =>
        Assert.NotEmpty(Explained.Findings("disk-link-frozen",
            "[  100.274795] ata1.00: exception Emask 0\u00d710 SAct 0\u00d740 SErr 0\u00d74050000 action 0xe frozen\n"));

    [Fact]
    public void An_address_that_was_folded_away_from_its_line_is_read()
    {
        Finding finding = Assert.Single(Explained.Findings("kernel-oops",
            "[   57.837778] Unable to handle kernel paging request at virtual\naddress ffffffffffffffe8\n" +
            "[   57.846391] Mem abort info:\n[   57.849704]   ESR = 0x96000004\n[   57.877634] pc : pan_fry+0x20/0xc0\n"));
        Assert.Contains("0xffffffffffffffe8", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown block (8,1)")]
    [InlineData("unknown-block(8,1)")]
    public void A_root_that_no_file_system_took_was_there(string block) =>
        Assert.StartsWith("no file system driver", Assert.Single(Explained.Findings("root-not-found",
            "No filesystem could mount root, tried: ext3, ext2, ext4, fuseblk\n" +
            $"Kernel panic - not syncing: VFS: Unable to mount root fs on {block}\n")).Title, StringComparison.Ordinal);
}
