using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Which line is the first trouble: the disk before its file system, the link before the port, the slot before the card.</summary>
public sealed class FirstTroubleTests
{
    private const string Read = "[  100.000000] end_request: I/O error, dev sda, sector 3301127367\n",
        Hole = "[  100.100000] EXT3-fs error (device sda1): ext3_readdir: directory #2 contains a hole at offset 0\n";

    [Fact]
    public void A_file_system_that_could_not_read_is_not_damaged_first()
    {
        Finding damaged = Assert.Single(Explained.Findings("filesystem-damaged", Read + Hole));
        Assert.Contains(damaged.CausedBy, c => c.Id == "disk-io-error");
        Assert.Contains("only was not read", damaged.Why, StringComparison.Ordinal);
        Assert.StartsWith("reads or writes of sda failed", Explained.Verdict(Read + Hole).Headline, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Hole + Read)]
    [InlineData("[  1.000000] end_request: I/O error, dev sda, sector 33\n" + Hole)]
    [InlineData("[  100.000000] end_request: I/O error, dev sdb, sector 33\n" + Hole)]
    public void Another_disk_or_another_time_is_no_reason(string log) => Assert.DoesNotContain(
        Assert.Single(Explained.Findings("filesystem-damaged", log)).CausedBy, c => c.Id == "disk-io-error");

    [Theory]
    [InlineData("SError: { PHYRdyChg CommWake LinkSeq }")]
    [InlineData("SError: { PHYRdyChg }")]
    [InlineData("SError: { DevExch }")]
    public void A_link_that_came_and_went_is_told_before_the_frozen_port(string serror)
    {
        Verdict verdict = Explained.Verdict("[  100.000000] ata2.00: exception Emask 0x10 SAct 0x600000 SErr 0x850000 action 0x6 frozen\n" +
            $"[  100.000100] ata2: {serror}\n" +
            "[  100.000200] ata2.00: failed command: READ FPDMA QUEUED\n" +
            "[  100.000300] ata2: hard resetting link\n");
        Assert.StartsWith("the SATA link ata2 was interrupted", verdict.Headline, StringComparison.Ordinal);
        Assert.DoesNotContain("not answered", verdict.Headline, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00040000", "18] Malformed TLP", "6c000002", true)]
    [InlineData("00100000", "20] Unsupported Request", "4c000001", true)]
    [InlineData("00040000", "18] Malformed TLP", "60000020", false)]
    public void A_port_that_knows_no_atomic_operations_is_the_wrong_slot_not_a_broken_card(string bits, string name, string head,
        bool atomic)
    {
        Finding finding = Explained.Findings("aer-uncorrectable",
            "[  942.180230] pcieport 0000:00:1c.4: AER: Uncorrected (Fatal) error received: id=00e4\n" +
            "[  942.180239] pcieport 0000:00:1c.4: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, " +
            "id=00e4(Receiver ID)\n" +
            $"[  942.180327] pcieport 0000:00:1c.4:   device [8086:a114] error status/mask={bits}/00000000\n" +
            $"[  942.180392] pcieport 0000:00:1c.4:    [{name}          (First)\n" +
            $"[  942.180444] pcieport 0000:00:1c.4:   TLP Header: {head} 06000000 0000000f b76e6008\n")[0];
        Assert.Equal(atomic, finding.Fixes.Any(f => f.Text.Contains("atomic operations", StringComparison.Ordinal)));
        Assert.Equal(!atomic, finding.Fixes.Any(f => f.Text.StartsWith("Reseat", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Northbridge Error (node 4): DRAM ECC error detected on the NB.")]
    [InlineData("MC4 Error (node 4): DRAM ECC error detected on the NB.")]
    public void The_decoder_says_that_a_northbridge_found_it_in_memory(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("mce-corrected",
            " kernel:[Hardware Error]: MC4_STATUS[Over|CE|MiscV|-|AddrV|-|-|CECC]: 0xdc10410040080a13\n" +
            $" kernel:[Hardware Error]: {line}\n"));
        Assert.Contains("ECC error found by the northbridge", finding.Title, StringComparison.Ordinal);
        Assert.Contains("node 4", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_disk_is_not_asked_about_its_raid()
    {
        string log = string.Concat(Enumerable.Range(0, 4).Select(i => $"[  20{i}.000000] rbd: rbd0: result -5 xferred 0, failed\n"));
        Assert.DoesNotContain(Explained.Verdict(log).Unknowns, u => (u.Question + u.Settle).Contains("RAID", StringComparison.Ordinal));
    }

    private const string Hung = "[  423.560230] INFO: task supervisord:5985 blocked for more than 120 seconds.\n" +
        "[  423.560234]       Tainted: G             L  4.9.34 #1\n" +
        "[  423.560235] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n";

    [Theory]
    [InlineData("[  338.837138] mptscsih: ioc0: attempting task abort! (sc=ffff9e361bd51500)\n", true)]
    [InlineData("[  338.837138] ata1.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x6 frozen\n", true)]
    [InlineData("[  338.837138] blk_update_request: I/O error, dev sda, sector 808\n", true)]
    [InlineData("[    3.837138] blk_update_request: I/O error, dev sda, sector 808\n", false)]
    [InlineData("[  338.837138] e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:\n", false)]
    public void A_task_that_hangs_while_its_disks_do_not_answer_hangs_for_them(string before, bool joined)
    {
        Verdict verdict = Explained.Verdict(before + Hung);
        Finding hung = Assert.Single(verdict.Findings, f => f.Id == "hung-task");
        Assert.Equal(joined, hung.CausedBy.Any(c => verdict.Findings.Any(f => f.Id == c.Id)));
        Assert.Equal(!joined, verdict.Headline.StartsWith("the task supervisord hung", StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_that_waits_for_a_lock_of_the_network_does_not_hang_for_a_disk()
    {
        string log = "[  338.837138] blk_update_request: I/O error, dev sda, sector 808\n" + Hung + "[  423.560240] Call Trace:\n" +
            "[  423.560241]  __schedule+0x282/0x870\n[  423.560242]  schedule+0x46/0xb0\n[  423.560243]  __mutex_lock.isra.0+0x2a/0x4d0\n" +
            "[  423.560244]  rtnl_lock+0x10/0x20\n[  423.560245]  rtnetlink_rcv_msg+0x10/0x20\n";
        Assert.DoesNotContain(Assert.Single(Explained.Findings("hung-task", log)).CausedBy, c => c.Id == "disk-io-error");
    }

    [Theory]
    [InlineData("refcount_t overflow at cook_lookup+0x269/0x290 in java[99615], uid/euid: 0/0")]
    [InlineData("refcount_t hit zero at cook_lookup+0x31/0x40 [cook] in sh[15519], uid/euid: 497/497")]
    public void The_line_of_an_old_reference_counter_names_the_place(string line)
    {
        Finding finding = Explained.Findings("kernel-warning",
            $"[   10.000001] Kernel BUG at ffffffff855f5745 [verbose debug info unavailable]\n[   10.000002] {line}\n" +
            "[   10.000003] CPU: 2 PID: 99615 Comm: java Not tainted 4.14.32 #1\n")[0];
        Assert.Contains("refcount bug in cook_lookup", finding.Title, StringComparison.Ordinal);
        Assert.Contains("counter", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_return_that_cat_shows_is_no_part_of_a_line() => Assert.Equal("the kernel panicked: Fatal exception",
        Explained.Verdict("[158705.024004] Kernel panic - not syncing: Fatal exception^M\n").Headline);

    [Fact]
    public void Lines_of_two_ports_that_report_at_once_are_told_apart()
    {
        string log = string.Concat(new[]
        {
            "pcieport 0000:00:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Requester ID)",
            "pcieport 0001:00:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Requester ID)",
            "pcieport 0000:00:00.0: device [14c3:7988] error status/mask=00004000/00400000", "pcieport 0000:00:00.0: [14] CmpltTO (First)",
            "pcieport 0001:00:00.0: device [14c3:7988] error status/mask=00100000/00400000", "pcieport 0001:00:00.0: [20] UnsupReq (First)",
        }.Select((l, i) => $"[  100.00000{i}] {l}\n"));
        Finding[] found = [.. Explained.Findings("aer-uncorrectable", log)];
        Assert.Contains(found, f => f.Title.Contains("0000:00:00.0: completion timeout", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Title.Contains("0001:00:00.0: unsupported request", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("74", "filesystem-damaged")]
    [InlineData("117", "filesystem-damaged")]
    [InlineData("5", "filesystem-io-error")]
    public void A_wrong_checksum_is_no_error_of_the_device(string error, string id) => Assert.Equal(id, Explained.Verdict(
        $"[    9.433533] XFS (vda4): metadata I/O error in \"xfs_dquot_disk_read+0x14a/0x220 [xfs]\" at daddr 0x1478 len 8 error {error}\n")
        .Findings[0].Id);
}
