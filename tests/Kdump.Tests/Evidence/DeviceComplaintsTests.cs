using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>What a driver said of its device before something went wrong with it is the reason that a person is told.</summary>
public sealed class DeviceComplaintsTests
{
    [Theory]
    [InlineData("igb 0000:00:10.0: The NVM Checksum Is Not Valid", "igb: probe of 0000:00:10.0 failed with error -5", "EEPROM")]
    [InlineData("ixgbe 0000:00:10.0: The EEPROM Checksum Is Not Valid", "ixgbe: probe of 0000:00:10.0 failed with error -5", "EEPROM")]
    [InlineData("igc 0000:00:10.0: The NVM Checksum Is Not Valid",
        "igc 0000:00:10.0: probe with driver igc failed with error -5", "EEPROM")]
    [InlineData("ahci 0000:00:10.0: controller can't do 64bit DMA, forcing 32bit", "ahci: probe of 0000:00:10.0 failed with error -12",
        "lowest 4 GB")]
    [InlineData("xhci_hcd 0000:00:10.0: Unable to change power state from D3cold to D0, device inaccessible",
        "xhci_hcd: probe of 0000:00:10.0 failed with error -19", "no power")]
    [InlineData("mpt3sas 0000:00:10.0: BAR 1: can't reserve [mem 0x91900000-0x9190ffff 64bit]",
        "mpt3sas: probe of 0000:00:10.0 failed with error -12", "address window")]
    [InlineData("nvme 0000:00:10.0: Device not ready; aborting initialisation, CSTS=0x0",
        "nvme: probe of 0000:00:10.0 failed with error -19", "in time")]
    [InlineData("foo 0000:00:10.0: frobnication failed in bank 7", "foo: probe of 0000:00:10.0 failed with error -5", "frobnication")]
    public void The_devices_own_line_is_the_reason_of_its_failed_probe(string said, string failed, string told)
    {
        Finding found = Assert.Single(Explained.Findings("driver-probe-failed", $"[    6.756115] {said}\n[    6.784709] {failed}\n"));
        Assert.Contains(told, found.Why, StringComparison.Ordinal);
        Assert.Contains(found.Evidence, e => e.Text.Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[    6.756115] igb 0000:00:11.0: The NVM Checksum Is Not Valid\n")]
    [InlineData("[    6.756115] igb 0000:00:10.0: added PHC on eth0\n")]
    public void Another_devices_line_and_a_line_of_success_are_no_reason(string said)
    {
        Finding found = Assert.Single(Explained.Findings("driver-probe-failed",
            said + "[    6.784709] igb: probe of 0000:00:10.0 failed with error -5\n"));
        Assert.Single(found.Evidence);
        Assert.DoesNotContain("EEPROM", found.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_complaint_of_an_hour_ago_or_of_another_boot_is_no_reason()
    {
        const string Said = "[    6.756115] igb 0000:00:10.0: The NVM Checksum Is Not Valid\n";
        const string Failed = "igb: probe of 0000:00:10.0 failed with error -5\n";
        Assert.Single(Assert.Single(Explained.Findings("driver-probe-failed", Said + "[ 3606.784709] " + Failed)).Evidence);
        Assert.Single(Assert.Single(Explained.Findings("driver-probe-failed",
            Explained.FirstBoot + Said + Explained.FirstBoot + "[    6.784709] " + Failed)).Evidence);
    }

    [Fact]
    public void Only_the_probes_own_number_is_told_where_its_steps_failed_with_others()
    {
        Finding found = Assert.Single(Explained.Findings("driver-probe-failed",
            "[    5.000000] mlx5_core 0000:00:10.0: wait_func: command failed with error -4\n" +
            "[    5.100000] mlx5_core 0000:00:10.0: probe_one:1750:(pid 1): mlx5_init_one failed with error code -5\n" +
            "[    5.200000] mlx5_core 0000:00:10.0: init_one failed with error -5, probe failed -5\n"));
        Assert.Contains("-5 (EIO)", found.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pciehp_unconfigure_device+0x9d/0x180", true)]
    [InlineData("pci_stop_bus_device+0x74/0xa0", true)]
    [InlineData("ext4_writepages+0x9d/0x180", false)]
    public void A_lockup_in_the_removal_of_a_device_is_told_what_took_it_away(string frame, bool removal)
    {
        string log = "[ 4211.433662] pcieport 0000:17:01.0: pciehp: Slot(108): Link Down\n" +
            "[ 4223.822591] NMI watchdog: Watchdog detected hard LOCKUP on cpu 144\n" +
            "[ 4223.822622] CPU: 144 PID: 1422 Comm: irq/57-pciehp Kdump: loaded Tainted: G S OE 6.6.0 #1\n" +
            "[ 4223.822628] RIP: 0010:qi_submit_sync+0x2c0/0x490\n[ 4223.822646] Call Trace:\n[ 4223.822647]  <TASK>\n" +
            "[ 4223.822650]  qi_flush_dev_iotlb+0xb1/0xd0\n" + $"[ 4223.822660]  {frame}\n[ 4223.822670]  </TASK>\n";
        // qi_submit_sync waits for an answer of the device, whoever called it: without it, only the removal tells of the link.
        if (!removal)
            log = log.Replace("qi_submit_sync", "ext4_bio_write_page").Replace("qi_flush_dev_iotlb", "mpage_submit_page");
        Finding found = Assert.Single(Explained.Findings("hard-lockup", log));
        Assert.Equal(removal, found.Why.Contains("Slot(108)", StringComparison.Ordinal));
        Assert.Equal(removal, found.Evidence.Any(e => e.Text.Contains("Link Down", StringComparison.Ordinal)));
    }
}
