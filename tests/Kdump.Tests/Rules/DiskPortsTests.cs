using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>The port that libata names and the disk that the SCSI layer names are one.</summary>
public sealed class DiskPortsTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static string[] Error(string port, string disk, string address) =>
    [
        $"{port}.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x0", $"{port}.00: failed command: READ FPDMA QUEUED",
        $"{port}.00: status: {{ DRDY ERR }}", $"{port}.00: error: {{ UNC }}", $"{port}.00: configured for UDMA/133",
        $"sd {address}: [{disk}] Sense Key : Medium Error [current] [descriptor]",
        $"sd {address}: [{disk}] Add. Sense: Unrecovered read error - auto reallocate failed",
    ];

    [Fact]
    public void A_disk_is_told_once_under_both_names()
    {
        Finding one = Assert.Single(Explained.Findings("disk-medium-error", Stamped(Error("ata7", "sdg", "6:0:0:0"))));
        Assert.Contains("ata7", one.Title, StringComparison.Ordinal);
        Assert.Contains("sdg", one.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_disks_stay_two()
    {
        string log = Stamped([.. Error("ata7", "sdg", "6:0:0:0"), .. Error("ata8", "sdh", "7:0:0:0")]);
        List<Finding> both = Explained.Findings("disk-medium-error", log);
        Assert.All(both, f => Assert.False(f.Title.Contains("sdg", StringComparison.Ordinal) && f.Title.Contains("sdh",
            StringComparison.Ordinal)));
        Assert.Contains(both, f => f.Title.Contains("sdg", StringComparison.Ordinal));
        Assert.Contains(both, f => f.Title.Contains("sdh", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_fails_long_after_the_port_is_not_taken_for_it()
    {
        string[] port = Error("ata7", "sdg", "6:0:0:0")[..5];
        string log = Stamped([.. port, .. Enumerable.Range(0, 30).Select(i => $"frob: {i} ready"),
            "sd 9:0:0:0: [sdk] Sense Key : Medium Error [current]"]);
        Assert.Equal(2, Explained.Findings("disk-medium-error", log).Count);
    }

    [Theory]
    [InlineData("Sense Key : Medium Error [current] [descriptor]")]
    [InlineData(" Sense Key : Medium Error [current]")]
    public void A_record_in_two_lines_is_one(string second)
    {
        Finding f = Assert.Single(Explained.Findings("disk-medium-error",
            $"[  100.000000] sd 6:0:0:0: [sdg]  \n[  100.000001] {second}\n"));
        Assert.Equal("sdg", f.Subject);
    }

    [Theory]
    [InlineData("sd 6:0:0:0: [sdg]  \nfrob: ready\nSense Key : Medium Error [current]\n")]
    [InlineData("usb 1-1: [sdg]\nSense Key : Medium Error [current]\n")]
    public void Only_the_next_line_belongs_to_it(string log) => Assert.DoesNotContain(Explained.Findings("disk-medium-error", log),
        f => f.Subject == "sdg");

    [Fact]
    public void A_disk_that_was_pulled_out_did_not_fail()
    {
        Assert.Empty(Explained.Findings("disk-offline", Stamped("ata5: SATA link down (SStatus 0 SControl 300)",
            "ata5.00: disabled", "ata5.00: detaching (SCSI 4:0:0:0)")));
        Assert.Single(Explained.Findings("disk-offline", Stamped("ata5.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x6 frozen",
            "ata5: SATA link down (SStatus 0 SControl 300)", "ata5.00: disabled")));
    }

    /// <summary>Pages fold what has no times, too.</summary>
    [Theory]
    [InlineData("scsi 6:0:0:0: Direct-Access Example Backup+ SL 0143 PQ: 0 ANSI: 6 sd 6:0:0:0: Attached scsi generic sg1 type 0 sd " +
        "6:0:0:0: [sdb] Spinning up disk... usb 4-1: USB disconnect, device number 2 ......ready sd 6:0:0:0: [sdb] READ CAPACITY failed",
        "disk-io-error:sdb")]
    [InlineData("ata3.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x0 ata3.00: irq_stat 0x40000008 ata3.00: failed command: READ " +
        "FPDMA QUEUED ata3.00: status: { DRDY ERR } ata3.00: error: { UNC } ata3.00: configured for UDMA/133 ata3: EH complete",
        "disk-medium-error:ata3")]
    [InlineData("usb 1-4: new high-speed USB device number 7 using xhci_hcd usb 1-4: device descriptor read/64, error -71 usb 1-4: " +
        "device not accepting address 7, error -71 usb 1-4: device not accepting address 8, error -71", "usb-device-failed:1-4")]
    public void Records_that_begin_with_a_device_are_taken_apart(string line, string key) =>
        Assert.Contains(Explained.Verdict(line + "\n").Findings, f => f.Key == key);

    [Theory]
    [InlineData("It may be that sd 6:0:0:0: in the log and usb 4-1: further down are the same disk, of which I have no other trace than " +
        "what is written here, and nobody could tell me so far what it is, nor why it goes.")]
    public void A_sentence_about_devices_is_none(string line) => Assert.Empty(Explained.Verdict(line + "\n").Findings);
}
