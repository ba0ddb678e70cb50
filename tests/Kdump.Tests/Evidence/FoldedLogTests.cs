using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>Logs as web pages, forms and mails leave them: many records in one line, stamps cut, lines quoted amid sentences.</summary>
public sealed class FoldedLogTests
{
    private static readonly string[] Disk =
    [
        "ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x0", "ata1.00: failed command: READ DMA EXT",
        "ata1.00: status: { DRDY ERR }",
        "ata1.00: error: { UNC }", "blk_update_request: I/O error, dev sda, sector 123456",
    ];

    [Theory]
    [InlineData("[Mon Jan 22 11:23:31 2018] ")]
    [InlineData("2024-05-01T10:00:00.123456+00:00 h1 kernel: ")]
    [InlineData("h1 kernel: ")]
    [InlineData("[    7.250000] ")]
    [InlineData("Jan 22 11:23:31 h1 kernel: ")]
    public void Records_in_one_line_are_taken_apart(string stamp)
    {
        string text = string.Join(' ', Disk.Select(l => stamp + l)) + "\n";
        Assert.Contains("UNC", Assert.Single(Explained.Findings("disk-medium-error", text)).Title, StringComparison.Ordinal);
        Assert.Single(Explained.Findings("disk-io-error", text));
    }

    [Fact]
    public void An_oops_in_one_line_keeps_its_place_and_its_stack()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops",
            "BUG: unable to handle kernel NULL pointer dereference at 0000000000000010 IP: [<ffffffffa01234ab>] foo_open+0x1b/0x60 [foo] " +
            "PGD 1234067 PUD 0 Oops: 0000 [#1] SMP Modules linked in: foo(OE) ext4 CPU: 1 PID: 4321 Comm: cat Tainted: G OE 3.10.0 #1 " +
            "Hardware name: Dell RIP: 0010:[<ffffffffa01234ab>] [<ffffffffa01234ab>] foo_open+0x1b/0x60 [foo] " +
            "RSP: 0018:ffff88003fd03ec8 EFLAGS: 00010246 Call Trace: [<ffffffff81211111>] chrdev_open+0xa1/0x1a0 " +
            "[<ffffffff81202222>] do_dentry_open+0x1e2/0x2d0 [<ffffffff81203333>] vfs_open+0x5a/0xb0 Code: 48 89 e5 <48> 8b 47 10\n"));
        Assert.Contains("in foo_open", f.Title, StringComparison.Ordinal);
        Assert.Contains("cat (4321) on CPU 1", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_only_name_their_driver_are_taken_apart()
    {
        string text = "1 2 3 4 scsi host0: Adaptec AIC7XXX EISA/VLB/PCI SCSI HBA DRIVER, Rev 7.0 aic7899: Ultra160 Wide Channel A " +
            "aic7xxx 0000:05:02.1: enabling device (0000 -> 0003) DMAR: DRHD: handling fault status reg 3 DMAR: [DMA read NO PASID] " +
            "Request device [05:00.0] fault addr 0x12174000 [Fault reason 0x02] Present bit in context entry is clear\n";
        Assert.Contains("05:00.0", Assert.Single(Explained.Findings("iommu-fault", text)).Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("   11.662352] ")]
    [InlineData("662352] ")]
    [InlineData("2014-04-25T09:37:53.595431+01:00 kvmhost kernel:     8.490167] ")]
    public void A_stamp_that_lost_its_beginning_is_a_stamp(string stamp) =>
        Assert.Single(Explained.Findings("nic-transmit-stuck",
            $"{stamp}e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:\n[   12.500000] e1000e 0000:00:19.0 eth0: Reset adapter\n"));

    [Fact]
    public void A_log_line_that_a_mail_quotes_amid_sentences_is_read() =>
        Assert.Single(Explained.Findings("storage-controller-reset", """
            On Nov 23 at 10:31pm, Steven wrote:
            > I just grabbed syslog for the event but I don't know what it means.

               Everything everyone else said is good.

            > Nov 23 22:24:36 saturn kernel: scsi0:0:0:0: Attempting to queue an ABORT
            > message

              The SCSI mid-layer in the kernel is attempting to abort a SCSI command.

            """));

    [Fact]
    public void Long_records_that_a_mailer_folded_into_many_lines_are_joined()
    {
        string text = string.Concat(new[] { 511, 536 }.Select(t => $"""
            [  {t}.304636] EDAC MC0: 1 CE single-symbol chipkill ECC on
            P0_Node0_Channel5_Dimm0 DIMMF1 (node:0 card:5 module:16 rank:0 bank_group:3
            bank_address:3 device:7 row:32680 column:1312 DIMM location:
            P0_Node0_Channel5_Dimm0 DIMMF1 page:0x3fd437 offset:0x4180 grain:1
            syndrome:0x0 - APEI location: node:0 card:5 module:16 rank:0 bank_group:3
            bank_address:3 device:7 row:32680 column:1312 DIMM location:
            P0_Node0_Channel5_Dimm0 DIMMF1 status(0x0000000000000400): Storage error in
            DRAM memory)

            """));
        Assert.Contains("DIMMF1", Assert.Single(Explained.Findings("mce-corrected", text)).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stack_of_a_failed_allocation_alone_names_the_driver()
    {
        Finding f = Assert.Single(Explained.Findings("page-allocation-failed", """
            [ 6203.847933] Call Trace:
            [ 6203.850387] [<8000c700>] show_stack+0x58/0x100
            [ 6203.859178] [<800dcc54>] warn_alloc+0xcc/0x15c
            [ 6203.863614] [<800dd988>] __alloc_pages_nodemask+0xbf8/0xd78
            [ 6203.869176] [<800ddd4c>] page_frag_alloc+0x14c/0x178
            [ 6203.874141] [<829790d0>] mt76_dma_attach+0xb4c/0x10f8 [mt76]

            """));
        Assert.StartsWith("mt76 (mt76_dma_attach) could not allocate", f.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo: page allocation stalls for 10008ms, order:0, mode:0x14201ca(GFP_HIGHUSER_MOVABLE)")]
    [InlineData("vmalloc: allocation failure: 16384 bytes, mode:0x4000c0(GFP_KERNEL)")]
    public void A_stack_behind_another_line_of_the_allocator_is_not_called_a_failed_allocation(string line) =>
        Assert.DoesNotContain(Explained.Findings("page-allocation-failed", $"""
            [ 6203.847933] {line}
            [ 6203.850387]  dump_stack+0x58/0x100
            [ 6203.859178]  warn_alloc+0xcc/0x15c
            [ 6203.874141]  mt76_dma_attach+0xb4c/0x10f8 [mt76]

            """), f => f.Title.Contains("how much is not", StringComparison.Ordinal));

    [Theory]
    [InlineData("[   12.000004]          res 51/84:08:e0:5f:e3/00:00:00:00:00/e0 Emask 0x10 (ATA bus error)", "disk-link-errors:ata1")]
    [InlineData("         res 51/84:08:e0:5f:e3/00:00:00:00:00/e0 Emask 0x10 (ATA bus error)", "disk-link-errors:ata1")]
    [InlineData("[   12.000004]          res 51/40:08:e0:5f:e3/00:00:00:00:00/e0 Emask 0x9 (media error)", "disk-medium-error:ata1")]
    public void The_second_line_of_a_failed_ATA_command_is_of_the_port_of_the_first(string result, string key)
    {
        string text = "[   12.000003] ata1.00: cmd c8/00:08:e0:5f:e3/00:00:00:00:00/e0 tag 0 dma 4096 in\n" + result + "\n";
        Assert.Contains(Explained.Verdict(text).Findings, f => $"{f.Id}:{f.Subject}" == key);
        // Other words between them, and the port is not known.
        string apart = text.Replace("in\n", "in\n[   12.000003] usb 1-1: new device\n", StringComparison.Ordinal);
        Assert.DoesNotContain(Explained.Verdict(apart).Findings, f => $"{f.Id}:{f.Subject}" == key);
    }

    [Fact]
    public void The_words_of_2_4_for_a_failed_allocation_are_counted()
    {
        string text = string.Concat(Enumerable.Repeat(
            "Aug 27 17:20:03 kernel: __alloc_pages: 0-order allocation failed (gfp=0x20/0)\n", 3));
        Finding f = Assert.Single(Explained.Findings("page-allocation-failed", text));
        Assert.Contains("order 0, GFP_ATOMIC", f.Title, StringComparison.Ordinal);
        Assert.Contains("3 times", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_stands_above_its_record_is_not_given_to_the_record_before()
    {
        static string Of(int node, string page) => $"""
            kernel: [Hardware Error]: MC4 Error (node {node}): DRAM ECC error detected on the NB.
            kernel: EDAC amd64 MC{node}: CE ERROR_ADDRESS= 0xf0{page}410
            kernel: EDAC MC{node}: CE page 0xf0{page}, offset 0x410, grain 0, syndrome 0xa082, row 6, channel 0, label "": amd64_edac
            kernel: [Hardware Error]: Error Status: Corrected error, no action required.
            kernel: [Hardware Error]: CPU:{node * 6} (10:8:0) MC4_STATUS[-|CE|MiscV|-|AddrV|CECC]: 0x9c414000a0080813
            kernel: [Hardware Error]: MC4_ADDR: 0x0000000f0{page}410
            kernel: [Hardware Error]: cache level: L3/GEN, mem/io: MEM, mem-tx: RD, part-proc: SRC (no timeout)

            """;
        List<Finding> found = Explained.Findings("mce-corrected", Of(1, "75b2") + Of(0, "81c3"));
        Assert.Contains(found, f => f.Title.Contains("mc#1csrow#6channel#0", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Title.Contains("mc#0csrow#6channel#0", StringComparison.Ordinal));
        Assert.DoesNotContain(found, f => f.Why.Contains("No line of EDAC", StringComparison.Ordinal));
    }
}
