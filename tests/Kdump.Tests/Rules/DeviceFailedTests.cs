using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DeviceFailedTests
{
    public static TheoryData<string> Families => [.. DeviceFamilies.All.Select(f => f.Id)];

    /// <summary>Lines of public reports and of the drivers' sources: the line, the finding's key, what it says.</summary>
    public static TheoryData<string, string, string> Lines => new()
    {
        { "nvidia 0000:01:00.0: not ready 65535ms after resume; giving up", "pci-reset-failed:0000:01:00.0", "after resume" },
        { "igc 0000:02:00.0 enp2s0: PCIe link lost, device now detached", "pcie-link-lost:0000:02:00.0", "link was lost" },
        { "atlantic 0000:06:00.0: Unable to change power state from D3cold to D0, device inaccessible", "pcie-link-lost:0000:06:00.0",
            "did not come back from D3cold" },
        { "ixgbe 0000:01:00.0: can't change power state from D3hot to D0 (config space inaccessible)", "pcie-link-lost:0000:01:00.0",
            "does not answer" },
        { "mlx5_core 0001:81:00.0: poll_health:801:(pid 0): device's health compromised - reached miss count",
            "nic-firmware-failed:0001:81:00.0", "health counter stands still" },
        { "pcieport 0000:00:07.0: pciehp: Slot(5): Link Down", "pcie-link-down:0000:00:07.0", "slot 5: link down" },
        { "pciehp 0000:02:05.0:pcie24: slot(6): Link Down event", "pcie-link-down:0000:02:05.0", "slot 6: link down" },
        { "vfio-pci 0000:01:00.0: not ready 65535ms after FLR; giving up", "pci-reset-failed:0000:01:00.0", "65535ms after FLR" },
        { "vfio-pci 0000:01:00.0: vfio_bar_restore: reset recovery - restoring BARs", "pci-reset-failed:0000:01:00.0", "BARs were lost" },
        { "igb 0000:02:00.0: not enough MMIO resources for SR-IOV", "pci-resources-missing:0000:02:00.0", "not of interrupt vectors" },
        { "e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:", "nic-transmit-stuck:0000:00:19.0", "stands still" },
        { "rk_gmac-dwmac fe300000.ethernet: Failed to reset the dma", "nic-phy-silent:fe300000.ethernet", "clock of the PHY" },
        { "fec 30be0000.ethernet eth0: MDIO read timeout", "nic-phy-silent:30be0000.ethernet", "MDIO" },
        { "igbvf 0000:03:10.2: Failed to initialize MSI-X interrupts.", "pci-msix-short:0000:03:10.2", "not of the CPUs" },
        { "ice 0000:18:00.0: Only 12 MSI-X interrupts available for SR-IOV. Not enough to support minimum of 2 MSI-X interrupts per VF " +
            "for 64 VFs", "pci-msix-short:0000:18:00.0", "64 of them" },
        { "ice 0000:18:00.0: Failed to enable SR-IOV: -28", "sriov-refused:0000:18:00.0", "-28" },
        { "mmc1: error -110 whilst initialising SD card", "memory-card-failed:mmc1", "could not be set up" },
        { "mmcblk1: recovery failed!", "memory-card-failed:mmcblk1", "did not come back" },
        { "ufshcd-qcom 1d84000.ufshc: link startup failed 1", "ufs-failed:1d84000.ufshc", "did not start" },
        { "tpm tpm0: invalid TPM_STS.x 0x01, dumping stack for forensics", "tpm-failed:tpm0", "invalid status" },
        { "etnaviv-gpu 130000.gpu: recover hung GPU!", "gpu-hang:130000.gpu", "reset after a hang" },
        { "NETDEV WATCHDOG: eth1 (ixgbe): transmit queue 0 timed out", "nic-transmit-stuck:eth1", "queue 0" },
        { "virtio_net virtio1 enp9s0: NETDEV WATCHDOG: CPU: 2: transmit queue 0 timed out 5172 ms", "nic-transmit-stuck:virtio1",
            "enp9s0" },
        { "bnxt_en 0000:3b:00.0 ens1f0: TX timeout detected, starting reset task!", "nic-transmit-stuck:0000:3b:00.0", "stands still" },
        { "i40e 0000:3b:00.0: tx_timeout: VSI_seid: 396, Q 31, NTC: 0x1cb, HWB: 0x1cb", "nic-transmit-stuck:0000:3b:00.0", "queue 31" },
        { "ena 0000:00:05.0 ens5: Keep alive watchdog timeout.", "nic-firmware-failed:0000:00:05.0", "keep-alive" },
        { "mlx4_core 0000:61:00.0: command 0x23 timed out (go bit not cleared)", "nic-firmware-failed:0000:61:00.0", "0x23" },
        { "iavf 0000:05:02.0: Failed to init adminq: -53", "nic-firmware-failed:0000:05:02.0", "physical function" },
        { "igb 0000:00:10.0: The NVM Checksum Is Not Valid", "nic-nvm-invalid:0000:00:10.0", "checksum" },
        { "ath12k_pci 0000:05:00.0: firmware crashed!", "nic-firmware-failed:0000:05:00.0", "crashed" },
        { "mt7996e 0000:01:00.0: Message 00005aed (seq 14) timeout", "nic-firmware-failed:0000:01:00.0", "not answered" },
        { "rtw_8822ce 0000:03:00.0: mac power on failed", "nic-firmware-failed:0000:03:00.0", "wake" },
        { "Bluetooth: hci3: Opcode 0x0c03 failed: -110", "bluetooth-no-answer:hci3", "power" },
        { "Bluetooth: hci1: Reading Intel version information failed (-110)", "bluetooth-no-answer:hci1", "version" },
        { "r8152-cfgselector 4-1.6: Failed to read 4 bytes at 0xb400/0x0133 (-110)", "usb-transfers-fail:4-1.6", "cable" },
        { "sof-audio-pci-intel-mtl 0000:00:1f.3: ipc timed out for 0xe030004|0xc00", "sound-firmware-failed:0000:00:1f.3", "not answered" },
        { "sof-audio-pci 0000:00:1f.3: error: DSP Firmware Oops", "sound-firmware-failed:0000:00:1f.3", "crashed" },
        { "cdc_mbim 9-1:1.2 wwan0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5010 ms", "nic-transmit-stuck:9-1:1.2", "wwan0" },
        { "usb 1-1.3: USB disconnect, device number 18", "usb-device-left:1-1.3", "disconnected" },
        { "bnx2 0000:02:00.0: Can't load firmware file \"bnx2/bnx2-mips-09-6.2.1b.fw\"", "firmware-file-missing:0000:02:00.0",
            "bnx2-mips-09-6.2.1b.fw" },
        { "iwlwifi 0000:03:00.0: no suitable firmware found!", "firmware-file-missing:0000:03:00.0", "no file that this driver takes" },
        { "ath11k_pci 0000:02:00.0: could not fetch firmware files (-2)", "firmware-file-missing:0000:02:00.0", "no file of this chip" },
        { "radeon 0000:01:00.0: radeon_cp: Failed to load firmware \"radeon/R520_cp.bin\"", "firmware-file-missing:0000:01:00.0",
            "R520_cp.bin" },
        { "bnxt_en 0000:3b:00.0 eth0: bnxt_alloc_mem err: fffffff4", "nic-not-opened:0000:3b:00.0", "fffffff4, that is -12" },
        { "bnxt_en 0000:3b:00.0 eth0: nic open fail (rc: -28)", "nic-not-opened:0000:3b:00.0", "gave up (-28)" },
        { "hpsa 0000:06:00.0: Controller lockup detected: 0x0015002f after 30", "storage-controller-failed:0000:06:00.0", "0x0015002f" },
        { "mpt3sas_cm0: fault_state(0x5862)!", "storage-controller-failed:mpt3sas_cm0", "0x5862" },
        { "smartpqi 0000:23:00.0: controller is offline: status code 0x14803", "storage-controller-failed:0000:23:00.0", "0x14803" },
        { "megaraid_sas 0000:18:00.0: FW in FAULT state Fault code:0x10000 subcode:0x0 func:x", "storage-controller-failed:0000:18:00.0",
            "0x10000" },
        { "aacraid 0000:02:00.0: Adapter kernel panic'd 7d.", "storage-controller-failed:0000:02:00.0", "7d" },
        { "qla2xxx [0000:05:00.0]-5003:7: ISP System Error - mbx1=4b4h mbx2=10h mbx3=0h", "storage-controller-failed:0000:05:00.0",
            "started anew" },
        { "lpfc 0000:05:00.0: 0:0459 Adapter heartbeat failure, taking this port offline.", "storage-controller-failed:0000:05:00.0",
            "heartbeat" },
        { "hpsa 0000:05:00.0: scsi 0:1:0:0: reset logical  completed successfully Direct-Access",
            "storage-controller-reset:0000:05:00.0",
            "0:1:0:0" },
        { "xhci_hcd 0000:01:00.0: HC died; cleaning up", "usb-controller-died:0000:01:00.0", "given up" },
        { "ata3.00: error: { UNC }", "disk-medium-error:ata3", "UNC" },
        { "sd 9:0:1:0: [sde] tag#2799 Sense Key : 0x3 [current]", "disk-medium-error:sde", "medium error" },
        { "blk_update_request: critical medium error, dev sdb, sector 5120", "disk-medium-error:sdb", "5120" },
        { "ata1: SError: { UnrecovData BadCRC }", "disk-link-errors:ata1", "CRC" },
        { "ata2.00: irq_stat 0x20000000, host bus error", "disk-host-bus-error:ata2", "DMA" },
        { "ata1.00: exception Emask 0x0 SAct 0x1 SErr 0x0 action 0x6 frozen", "disk-link-frozen:ata1", "not answered" },
        { "sd 0:1:0:2: Device offlined - not ready after error recovery", "disk-offline:0:1:0:2", "did not become ready" },
        { "I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0", "disk-io-error:sda", "2048" },
        { "connection1:0: ping timeout of 5 secs expired, recv timeout 5", "storage-path-lost:connection1:0", "did not answer" },
        { "ata1: lost interrupt (Status 0x50)", "disk-interrupt-lost:ata1", "0x50" },
        { "mmc0: Got data interrupt 0x00000002 even though no data operation was in progress.", "card-controller-failed:mmc0",
            "interrupt (0x00000002)" },
        { "mmc1: Timeout waiting for hardware cmd interrupt.", "card-controller-failed:mmc1", "time-out" },
        { "mmc0: Reset 0x1 never completed.", "card-controller-failed:mmc0", "reset (0x1)" },
        { "mmc0: Controller never released inhibit bit(s).", "card-controller-failed:mmc0", "stays busy" },
        { "mmc0: ADMA error: 0x02000000", "card-controller-failed:mmc0", "DMA" },
        { "xhci_hcd 0000:00:0c.0: ERROR Transfer event TRB DMA ptr not part of current TD ep_index 2 comp_code 1",
            "usb-controller-answers-wrong:0000:00:0c.0", "completion code 1" },
        { "xhci_hcd 0000:00:0c.0: WARN Event TRB for slot 2 ep 4 with no TDs queued?", "usb-controller-answers-wrong:0000:00:0c.0",
            "slot 2" },
        { "xhci_hcd 0000:00:0c.0: ERROR unknown event type 37", "usb-controller-answers-wrong:0000:00:0c.0", "37" },
        { "nouveau 0000:01:00.0: Zed[1867]: channel 40 killed!", "gpu-work-stopped:0000:01:00.0", "Zed[1867]" },
        { "nouveau 0000:01:00.0: fifo:c00000:0005:0028:[Zed[1867]] errored - disabling channel", "gpu-work-stopped:0000:01:00.0",
            "program Zed" },
        { "nouveau 0000:01:00.0: fifo: read fault at 0000a32000 engine 00 [PGRAPH] client 0f [GPC0/PROP] reason 02 " +
            "[PAGE_NOT_PRESENT] on channel 5 [00ff2e0000 Xorg[1234]]", "gpu-work-stopped:0000:01:00.0",
            "Xorg asked for address 0000a32000: PAGE_NOT_PRESENT" },
        { "nouveau 0000:01:00.0: gr: TRAP ch 5 [00ff2e0000 Xorg[1234]]", "gpu-work-stopped:0000:01:00.0", "Xorg" },
        { "nouveau 0000:01:00.0: gr: DATA_ERROR 0000000c [INVALID_VALUE] ch 5 [003fa1a000 firefox[2345]] subc 0 class 8597 mthd 15e0",
            "gpu-work-stopped:0000:01:00.0", "firefox" },
        { "nvgpu: 17000000.gp10b gk20a_fifo_handle_mmu_fault_locked:1722 [ERR]   mmu fault on engine 0, engine subid 0 (gpc), client " +
            "4 (t1 1), addr 0x1e05200000, type 2 (pte), access_type 0x00000000,inst_ptr 0x1fffaee000",
            "gpu-work-stopped:17000000.gp10b", "0x1e05200000" },
        { "nvgpu: 17000000.ga10b ga10b_fifo_ctxsw_timeout_isr:189  [ERR]  Host pfifo ctxsw timeout error",
            "gpu-work-stopped:17000000.ga10b", "hangs" },
        { "ata2: limiting SATA link speed to 1.5 Gbps", "disk-link-slowed:ata2", "not the cause" },
        { "cpqphp: power fault bit 0 set", "pci-slot-power-fault:cpqphp", "draws too much" },
        { "NVRM: GPU 0000:09:00.0: osInitNvMapping: *** Cannot attach gpu", "gpu-off-the-bus:0000:09:00.0", "cannot attach" },
        { "r8169 0000:01:00.0 eth0: PCI error (cmd = 0xffff, status = 0xffff)", "pcie-link-lost:0000:01:00.0", "all ones" },
        { "amdgpu 0000:03:00.0: amdgpu: ring gfx_0.0.0 timeout, signaled seq=7292300, emitted seq=7292304", "gpu-hang:0000:03:00.0",
            "gfx_0.0.0" },
        { "[drm] GPU HANG: ecode 9:0:0x85dffffb, in Xorg [1067], reason: Hang on rcs0", "gpu-hang:drm", "Xorg" },
        { "i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1:85dffffb, in chrome [4711]", "gpu-hang:0000:00:02.0", "chrome" },
        { "NVRM: GPU 0000:01:00.0: GPU has fallen off the bus.", "gpu-off-the-bus:0000:01:00.0", "power" },
        { "NVRM: Xid (PCI:0000:01:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.", "gpu-off-the-bus:0000:01:00.0",
            "power" },
        { "EEH: Fenced PHB#2 detected, location: N/A", "pci-host-bridge-fenced:2", "cut off" },
        { "EEH: dead PHB#5 detected, location: N/A", "pci-host-bridge-fenced:5", "it is dead" },
        { "EEH: PHB#0 failure detected, location: N/A", "pci-host-bridge-fenced:0", "it failed" },
        { "Fatal Hypervisor Maintenance interrupt [Recovered]", "hypervisor-maintenance-interrupt", "was recovered" },
        { "Severe Machine check interrupt [Not recovered]", "power-machine-check", "not recovered" },
        { "MCE: CPU24: machine check (Severe)  Host UE Load/Store DAR: 00007fffb4a20000 paddr: 0000000f12340000 [Not recovered]",
            "power-machine-check:CPU24", "not recovered" },
        { "MCE: CPU0: machine check (Fatal)  Host UE Load/Store [Not recovered]", "power-machine-check:CPU0", "fatal" },
        { "iavf 0000:ec:01.1: PF returned error -64 (IAVF_NOT_SUPPORTED) to our request 51", "nic-function-refused:0000:ec:01.1",
            "request 51 (IAVF_NOT_SUPPORTED)" },
        { "ice 0000:ec:00.0: VF 3 failed opcode 24, retval: -5", "nic-function-refused:0000:ec:00.0", "virtual function 3" },
        { "scsi0:0:0:0: Attempting to queue an ABORT message", "storage-controller-reset:scsi0", "aborted" },
        { "sym0:0:0: ABORT operation started", "storage-controller-reset:sym0:0:0", "aborted" },
        { "end_request: I/O error, dev 03:01 (hda), sector 414024", "disk-io-error:hda", "sector 414024" },
        { "EEH: Frozen PE#fd on PHB#30 detected", "pci-eeh-frozen:fd", "PHB 30" },
        { "nvme nvme2: Identify Controller failed (-4)", "nvme-controller-failed:nvme2", "-4" },
        { "ata3.15: failed to read SCR 0 (Emask=0x40)", "sata-port-multiplier-failed:ata3", "register 0" },
        { "ata3: failed to recover PMP after 5 tries, giving up", "sata-port-multiplier-failed:ata3", "5 tries" },
        { "ata3.15: Port Multiplier detaching", "sata-port-multiplier-failed:ata3", "all disks behind it" },
        { "ata2: reset failed, giving up", "disk-link-frozen:ata2", "gave the port up" },
        { "ata2: EH pending after 5 tries, giving up", "disk-link-frozen:ata2", "5 rounds" },
        { "ixgbe 0000:01:00.1: Warning firmware error detected FWSM: 0x00048000", "nic-firmware-failed:0000:01:00.1", "0x00048000" },
        { "ath10k_pci 0001:01:00.0: Cannot communicate with firmware, previous wmi cmds: 36884:29 36908:4, jiffies: 30, " +
            "attempting to fake crash and restart firmware, dev-flags: 0x42", "nic-firmware-failed:0001:01:00.0", "does not answer" },
        { "ath10k_pci 0001:01:00.0: failed to send wmi nop: -143", "nic-firmware-failed:0001:01:00.0", "-143" },
        { "ath10k_pci 0000:04:00.0: wmi command 16387 timeout, restarting hardware", "nic-firmware-failed:0000:04:00.0", "16387" },
        { "panfrost ff9a0000.gpu: Unhandled Page fault in AS0 at VA 0x000000000A1E2000", "gpu-work-stopped:ff9a0000.gpu",
            "0x000000000A1E2000" },
        { "msm_dpu c901000.display-controller: [drm:hangcheck_handler] *ERROR* a540: hangcheck recover!",
            "gpu-hang:c901000.display-controller", "reset" },
        { "mmc0: SDHSTS 0x00000080", "memory-card-failed:mmc0", "in time" },
        { "sd 6:0:0:0: [sdb] READ CAPACITY failed", "disk-io-error:sdb", "size" },
        { "thunderbolt 0000:08:00.0: disabling interrupt at register 0x38200 bit 12 (0xffffffff -> 0xffffefff)",
            "pcie-link-lost:0000:08:00.0", "all ones" },
        { "sd 2:2:0:0: [sda] megasas: RESET cmd=28 retries=0", "storage-controller-reset:megasas", "sda (2:2:0:0)" },
        { "clocksource: timekeeping watchdog on CPU10: Marking clocksource 'tsc' as unstable because the skew is too large:",
            "clocksource-unstable:tsc", "unstable" },
    };

    /// <summary>Some lines of a disk have its SCSI address alone; others tell its name beside it.</summary>
    [Theory]
    [InlineData("sd 1:0:0:0: [sdb] Attached SCSI disk", "sdb")]
    [InlineData("sd 1:0:0:1: [sdc] Attached SCSI disk", "1:0:0:0")]
    public void A_disk_is_named_where_its_address_is_known(string line, string named)
    {
        Finding offline = Assert.Single(Explained.Findings("disk-offline", Explained.FirstBoot + $"[    3.000000] {line}\n" +
            "[  100.000000] sd 1:0:0:0: Device offlined - not ready after error recovery\n"));
        Assert.Equal(named, offline.Subject);
        Assert.Contains(named, offline.Title);
    }

    [Fact]
    public void The_layer_that_prints_for_a_GPU_is_not_its_name() => Assert.StartsWith("the GPU hangs: it hangs in a job of cham (1296)",
        Assert.Single(Explained.Findings("gpu-hang", Explained.FirstBoot + "[  100.000000] [drm] GPU HANG: ecode 9:0:0x85dffffb, in " +
            "cham [1296], reason: Hang on render ring, action: reset\n")).Title);

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_of_a_driver_is_found_under_its_family_and_its_device(string line, string key, string says)
    {
        Finding f = Assert.Single(Explained.Verdict($"[  100.000000] {line}\n").Findings, f => f.Key == key);
        Assert.Contains(says, $"{f.Title} {f.Why} {f.Fixes[0].Text}", StringComparison.OrdinalIgnoreCase);
        Assert.Contains(line, f.Evidence[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("{", f.Title);
        Assert.All(f.Fixes, x => Assert.DoesNotContain("{", x.Command ?? ""));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_row_of_a_family_is_taken_by_that_family(string id)
    {
        DeviceFamily family = DeviceFamilies.All.Single(f => f.Id == id);
        string[] lines = [.. family.Rows.Select(row =>
        {
            string words = row.Shape.TrimStart('^').Replace("*", "").Replace("{w}", "3").Replace("{d}", "sdb").Replace("{e}", "x")
                .Replace("{t}", "tail");
            string driver = row.Drivers[0] == "*" ? "foo" : row.Drivers[0];
            return "[  100.000000] " + (row.Headless ? "" : driver is "ata" ? "ata3.00: " : driver is "sd" ? "sd 0:0:0:0: [sdb] tag#1 "
                : driver is "NVRM" ? "NVRM: " : driver is "tsc" or "clocksource" or "nvme" ? $"{driver} {driver}0: "
                : $"{driver} 0000:02:00.0: ") + words;
        })];
        IReadOnlyList<DeviceSaid> said = Explained.Facts(string.Join('\n', lines) + "\n").Of<DeviceSaid>();
        Assert.Empty(said.Where(s => s.Family != family).Select(s => $"{s.Family.Id} takes: {s.Source.Text}"));
        Assert.Equal(family.Rows.Count(r => !r.Overcome), said.Sum(s => s.Count));
    }

    [Fact]
    public void A_flood_is_one_finding_that_counts()
    {
        string log = string.Concat(Enumerable.Range(0, 5000).Select(i =>
            $"[{i + 100}.000000] hpsa 0000:05:00.0: scsi 0:1:0:0: reset logical  completed successfully Direct-Access\n"));
        Finding f = Assert.Single(Explained.Verdict(log).Findings);
        Assert.Contains("5000 times", f.Why);
    }

    [Fact]
    public void A_lost_interrupt_explains_the_timeout_behind_it_and_no_cable_is_blamed()
    {
        Verdict verdict = Explained.Verdict("""
            [  261.490162] ata1: lost interrupt (Status 0x50)
            [  261.491467] ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen
            [  261.492164] ata1.00: failed command: FLUSH CACHE
            [  272.230851] ata1.00: limiting speed to UDMA/33:PIO3
            """);
        Assert.Equal("disk-interrupt-lost", Assert.Single(verdict.RootCauses).Id);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "disk-link-errors");
        Assert.Contains("disk-interrupt-lost:ata1", verdict.Findings.Single(f => f.Id == "disk-link-frozen").CausedBy);
    }

    [Fact]
    public void A_link_is_slowed_by_the_errors_before_it()
    {
        Verdict verdict = Explained.Verdict("""
            [  100.000000] ata3: SError: { UnrecovData BadCRC Dispar }
            [  101.000000] ata3: limiting SATA link speed to 1.5 Gbps
            """);
        Assert.Equal(["disk-link-errors:ata3"], verdict.Findings.Single(f => f.Id == "disk-link-slowed").CausedBy);
    }

    [Theory]
    [InlineData("sd 7:0:14:0: CDB: Synchronize Cache(10): 35 00 00 00 00 00 00 00 00 00", "7:0:14:0")]
    [InlineData("sd 12:0:0:0: [sdam] tag#32 CDB: Write(10) 2a 00 2f de 76 90 00 00 08 00", "sdam (12:0:0:0)")]
    [InlineData("sd 0:0:9:0: [sdk] tag#1 CDB: Test Unit Ready 00 00 00 00 00 00", "sdk (0:0:9:0)")]
    public void The_line_behind_an_aborted_command_names_the_disk(string behind, string disk)
    {
        Finding f = Assert.Single(Explained.Findings("storage-controller-reset",
            $"[  100.000000] mpt2sas3: attempting task abort! scmd(ffff8814605d2100)\n[  100.000001] {behind}\n"));
        Assert.Contains($"The commands were for {disk}:", f.Why, StringComparison.Ordinal);
        // Another line between is no answer to it.
        f = Assert.Single(Explained.Findings("storage-controller-reset",
            "[  100.000000] mpt2sas3: attempting task abort! scmd(ffff8814605d2100)\n" +
            string.Concat(Enumerable.Range(1, 5).Select(i => $"[  10{i}.000000] usb 1-{i}: new device found\n")) +
            $"[  109.000001] {behind}\n"));
        Assert.DoesNotContain(disk, f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Resets_that_are_logged_for_several_volumes_are_of_the_one_controller()
    {
        Finding f = Assert.Single(Explained.Findings("storage-controller-reset", """
            [  100.000000] sd 2:2:0:0: [sda] megasas: RESET cmd=28 retries=0
            [  100.000001] megasas: [ 0]waiting for 2 commands to complete
            [  101.000000] megasas: reset successful
            [  400.000000] sd 2:2:3:0: [sdd] megasas: RESET cmd=2a retries=0
            """));
        Assert.Contains("sda (2:2:0:0), sdd (2:2:3:0)", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_USB_controller_whose_dock_is_gone_went_with_it()
    {
        Verdict verdict = Explained.Verdict("""
            [   51.011363] xhci_hcd 0000:3c:00.0: xHCI host controller not responding, assume dead
            [   51.719364] thunderbolt 0000:08:00.0: disabling interrupt at register 0x38200 bit 12 (0xffffffff -> 0xffffefff)
            """);
        Finding root = Assert.Single(verdict.RootCauses);
        Assert.Equal("devices-lost-together", root.Id);
        Assert.Contains("0000:3c:00.0", root.Title, StringComparison.Ordinal);
        // Functions of one card are one device, and a controller that died alone has nothing in common with others.
        Assert.Empty(Explained.Findings("devices-lost-together", """
            [   51.011363] xhci_hcd 0000:3c:00.0: xHCI host controller not responding, assume dead
            [   51.219364] xhci_hcd 0000:3c:00.1: xHCI host controller not responding, assume dead
            """));
    }

    [Fact]
    public void The_stack_behind_a_frozen_PE_names_the_driver_that_read()
    {
        Finding f = Assert.Single(Explained.Findings("pci-eeh-frozen", """
            [  425.830238] EEH: Frozen PHB#0-PE#1 detected
            [  425.830330] EEH: PE location: N/A, PHB location: N/A
            [  425.830375] CPU: 0 PID: 0 Comm: swapper/0 Not tainted 5.2.0-rc2+ #1
            [  425.830428] Call Trace:
            [  425.830455] [c00000000122b2c0] [c000000000a1d78c] dump_stack+0xb0/0xf4 (unreliable)
            [  425.830585] [c00000000122b3a0] [c000000000045218] eeh_check_failure+0x98/0xe0
            [  425.830677] [c00000000122b3e0] [c008000000cca244] cx23885_irq+0x96c/0xd30 [cx23885]
            """));
        Assert.Contains("the driver cx23885 read", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_is_told_once_though_the_first_line_has_only_its_interface()
    {
        Finding f = Assert.Single(Explained.Findings("nic-transmit-stuck", """
            [ 5000.000001] NETDEV WATCHDOG: eth0 (tg3): transmit queue 0 timed out
            [ 5000.000015] tg3 0000:01:00.0 eth0: transmit timed out, resetting
            """));
        Assert.Equal("nic-transmit-stuck:0000:01:00.0", f.Key);
        Assert.Equal(2, f.Evidence.Count);
    }

    [Fact]
    public void A_driver_that_falls_while_it_resets_its_device_falls_for_that()
    {
        const string hang = "[ 5000.000015] tg3 0000:01:00.0 eth0: transmit timed out, resetting\n";
        static string Oops(int at) => string.Concat(new[]
        {
            "BUG: kernel NULL pointer dereference, address: 0000000000000010",
            "CPU: 3 PID: 100 Comm: kworker/3:1 Not tainted 5.4.0-42-generic #46-Ubuntu", "RIP: 0010:tg3_free_rings+0x50/0x120 [tg3]",
            "Call Trace:", " tg3_halt+0x10/0x20 [tg3]", " process_one_work+0x1eb/0x3b0", " ret_from_fork+0x35/0x40",
        }.Select((l, i) => $"[ {at}.0000{i:00}] {l}\n"));
        Assert.Contains("nic-transmit-stuck:0000:01:00.0", Explained.Findings("kernel-oops", hang + Oops(5001)).Single().CausedBy);
        Assert.DoesNotContain("nic-transmit-stuck:0000:01:00.0",
            Explained.Findings("kernel-oops", hang + Oops(6001)).Single().CausedBy);
        Assert.DoesNotContain("nic-transmit-stuck:0000:01:00.0",
            Explained.Findings("kernel-oops", hang + Oops(5001).Replace("[tg3]", "[nfs]")).Single().CausedBy);
    }

    [Fact]
    public void Messages_that_the_kernel_left_out_count()
    {
        Finding f = Assert.Single(Explained.Findings("disk-io-error",
            "[  100.000000] I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2\n" +
            "[  105.000000] blk_print_req_error: 153 callbacks suppressed\n"));
        Assert.Contains("suppressed 153 more", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_path_of_multipath_is_told_once()
    {
        Verdict verdict = Explained.Verdict("""
            [  100.000000] device-mapper: multipath: 253:3: Failing path 8:16.
            """);
        Assert.Equal(["multipath-path-failed"], verdict.Findings.Select(f => f.Id));
    }

    [Fact]
    public void The_device_that_left_PCIe_explains_its_queue_that_stands_still()
    {
        Verdict verdict = Explained.Verdict("""
            [127576.922378] igb 0000:02:00.0 enp2s0: PCIe link lost
            [127582.038046] NETDEV WATCHDOG: enp2s0 (igb): transmit queue 0 timed out
            """);
        Assert.Equal("pcie-link-lost", Assert.Single(verdict.RootCauses).Id);
        Assert.Contains("pcie-link-lost:0000:02:00.0", verdict.Findings.Single(f => f.Id == "nic-transmit-stuck").CausedBy);
    }

    [Fact]
    public void A_disk_that_was_pulled_out_fails_for_that()
    {
        const string left = "[  154.023059] usb 1-1: USB disconnect, device number 3\n",
            failed = "[  154.043273] end_request: I/O error, dev sda, sector 67696\n";
        Assert.Contains("usb-device-left:1-1", Explained.Findings("disk-io-error", left + failed).Single().CausedBy);
        // Not before it left, not a minute later, and no disk that is none of SCSI.
        Assert.Empty(Explained.Findings("disk-io-error", failed + left).Single().CausedBy);
        Assert.DoesNotContain("usb-device-left:1-1",
            Explained.Findings("disk-io-error", left + failed.Replace("154.04", "215.04")).Single().CausedBy);
        Assert.Equal(Severity.Info, Assert.Single(Explained.Verdict(left).Findings).Severity);
        Assert.Equal("usb-device-left", Explained.Verdict(left + failed).RootCauses[0].Id);
    }

    [Fact]
    public void A_USB_disk_that_leaves_right_after_its_errors_failed_for_that()
    {
        const string failed = "[  154.020000] blk_update_request: I/O error, dev sda, sector 67696 op 0x0:(READ) flags 0x0\n",
            left = "[  154.043273] usb 1-1: USB disconnect, device number 3\n";
        Finding f = Explained.Findings("disk-io-error", failed + left).Single();
        Assert.EndsWith("then the USB device 1-1 left the bus", f.Title, StringComparison.Ordinal);
        Assert.Contains("which is the reason of the errors", f.Why, StringComparison.Ordinal);
        // Half a minute later it is another event, and a disk that is none of SCSI did not leave with it.
        Assert.DoesNotContain("left the bus", Explained.Findings("disk-io-error", failed + left.Replace("154.", "184.")).Single().Title,
            StringComparison.Ordinal);
        Assert.DoesNotContain("left the bus", Explained.Findings("disk-io-error", failed.Replace("sda", "nvme0n1") + left).Single().Title,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vda", false)]
    [InlineData("xvda", false)]
    [InlineData("sda", true)]
    public void Only_a_disk_of_hardware_has_SMART_values(string disk, bool smart)
    {
        Finding finding = Explained.Findings("disk-medium-error",
            $"[  100.000000] blk_update_request: critical medium error, dev {disk}, sector 8\n").Single();
        Assert.Equal(smart, finding.Fixes.Any(f => f.Command?.Contains("smartctl", StringComparison.Ordinal) == true));
    }

    [Theory]
    [InlineData("dm-3")]
    [InlineData("md0")]
    [InlineData("vda")]
    [InlineData("loop4")]
    public void Errors_of_a_volume_are_told_once_with_what_lies_below(string volume)
    {
        Verdict verdict = Explained.Verdict($"[  100.000000] I/O error, dev {volume}, sector 12 op 0x0:(READ) flags 0x0 phys_seg 1\n");
        Assert.Equal("volume-io-error", Assert.Single(verdict.Findings).Id);
    }

    [Theory]
    [InlineData("fd0", "0", Severity.Info)]
    [InlineData("sr0", "0", Severity.Info)]
    [InlineData("sr0", "471100", Severity.Warning)]
    [InlineData("sdb", "0", Severity.Warning)]
    public void An_empty_drive_is_no_trouble(string drive, string sector, Severity severity) =>
        Assert.Equal(severity, Explained.Findings("disk-io-error",
            $"[  100.000000] blk_update_request: I/O error, dev {drive}, sector {sector} op 0x0:(READ)\n").Single().Severity);

    [Fact]
    public void A_queue_that_stood_still_before_does_not_follow_from_it()
    {
        Verdict verdict = Explained.Verdict("""
            [  100.000000] igb 0000:02:00.0 enp2s0: Detected Tx Unit Hang
            [90000.000000] igb 0000:02:00.0 enp2s0: PCIe link lost
            """);
        Assert.Empty(verdict.Findings.Single(f => f.Id == "nic-transmit-stuck").CausedBy);
    }

    [Fact]
    public void A_dead_controller_explains_the_disks_behind_it()
    {
        Verdict verdict = Explained.Verdict("""
            [  815.101661] xhci_hcd 0000:01:00.0: HC died; cleaning up
            [  815.102216] sd 0:0:0:0: [sda] tag#0 uas_eh_abort_handler 0 uas-tag 1 inflight: CMD
            [  815.202216] blk_update_request: I/O error, dev sda, sector 592640 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0
            """);
        Assert.Equal("usb-controller-died", Assert.Single(verdict.RootCauses).Id);
    }

    [Fact]
    public void A_checksum_that_is_wrong_explains_the_probe_that_failed()
    {
        Verdict verdict = Explained.Verdict("""
            [    6.756115] igb 0000:00:10.0: The NVM Checksum Is Not Valid
            [    6.784709] igb: probe of 0000:00:10.0 failed with error -5
            [    6.785793] igb: probe of 0001:02:00.0 failed with error -5
            """);
        Assert.Equal(["nic-nvm-invalid:0000:00:10.0"], verdict.Findings.Single(f => f.Key == "driver-probe-failed:0000:00:10.0").CausedBy);
        Assert.Empty(verdict.Findings.Single(f => f.Key == "driver-probe-failed:0001:02:00.0").CausedBy);
    }

    [Fact]
    public void Commands_are_for_the_device_of_the_log_or_not_given()
    {
        Finding named = Assert.Single(Explained.Findings("nic-transmit-stuck",
            "[    1.000000] igb 0000:02:00.0 eth7: Detected Tx Unit Hang\n"));
        Assert.Contains(named.Fixes, f => f.Command == "ethtool -i eth7");
        Finding disk = Assert.Single(Explained.Findings("disk-medium-error", "[    1.000000] critical medium error, dev sdq, sector 1\n"));
        Assert.Contains(disk.Fixes, f => f.Command == "smartctl -x /dev/sdq");
        Finding port = Assert.Single(Explained.Findings("disk-medium-error", "[    1.000000] ata3.00: error: { UNC }\n"));
        Assert.All(port.Fixes, f => Assert.Null(f.Command));
    }

    [Fact]
    public void A_name_over_several_lines_is_the_GPU_of_the_first()
    {
        Finding f = Assert.Single(Explained.Findings("gpu-off-the-bus", """
            [ 1843.308145] NVRM: The NVIDIA GPU 0000:b3:00.0
                           NVRM: (PCI ID: 10de:26b5) installed in this system has
                           NVRM: fallen off the bus and is not responding to commands.
            """));
        Assert.Equal("0000:b3:00.0", f.Subject);
    }

    [Fact]
    public void A_BAR_that_is_placed_at_last_is_no_trouble()
    {
        const string Failed = "[    0.412000] pci 0000:01:00.0: BAR 0: no space for [mem size 0x10000000 64bit pref]\n" +
            "[    0.412010] pci 0000:01:00.0: BAR 0: failed to assign [mem size 0x10000000 64bit pref]\n";
        Assert.Single(Explained.Findings("pci-bar-unassigned", Failed));
        Assert.Empty(Explained.Findings("pci-bar-unassigned",
            Failed + "[    0.500000] pci 0000:01:00.0: BAR 0: assigned [mem 0xe0000000-0xefffffff 64bit pref]\n"));
        Assert.Empty(Explained.Findings("pci-bar-unassigned",
            "[    0.412000] pci 0000:00:1c.0: BAR 14: failed to assign [mem size 0x00200000]\n"));
    }

    [Fact]
    public void The_watchdog_of_the_BMC_says_what_it_was_armed_for()
    {
        Finding f = Assert.Single(Explained.Findings("bmc-watchdog-reset", """
            Watchdog Timer Use:     OS Load (0x43)
            Watchdog Timer Is:      Started/Running
            Watchdog Timer Action:  Hard Reset (0x01)
            Initial Countdown:      600.0 sec
            2beb | Watchdog2 | Hard reset | Asserted
            """));
        Assert.Contains("OS Load", f.Why);
    }

    [Theory]
    [InlineData("igb 0000:02:00.0 eth0: igb: eth0 NIC Link is Down")]
    [InlineData("ata1: SATA link down (SStatus 0 SControl 300)")]
    [InlineData("clocksource: Switched to clocksource tsc")]
    [InlineData("tsc: Marking TSC unstable due to TSC halts in idle")]
    [InlineData("mpt3sas_cm0: log_info(0x31120303): originator(PL), code(0x12), sub_code(0x0303)")]
    [InlineData("pcieport 0000:00:07.0: pciehp: Slot(5): Link Up")]
    [InlineData("xhci_hcd 0000:01:00.0: xHCI Host Controller")]
    public void What_is_said_in_ordinary_life_is_no_trouble(string line) =>
        Assert.DoesNotContain(Explained.Verdict($"[  100.000000] {line}\n").Findings, f => f.Severity > Severity.Info);
}

public sealed class GpuXidTests
{
    [Theory]
    [InlineData("13", "program", Severity.Warning)]
    [InlineData("31", "program", Severity.Warning)]
    [InlineData("48", "ECC", Severity.Error)]
    [InlineData("74", "NVLink", Severity.Error)]
    [InlineData("119", "GSP", Severity.Error)]
    [InlineData("4711", "kdt does not know", Severity.Error)]
    public void The_number_says_whom_to_blame(string xid, string says, Severity severity)
    {
        Finding f = Assert.Single(Explained.Findings("gpu-xid",
            $"[  100.000000] NVRM: Xid (PCI:0000:3b:00): {xid}, pid=1234, name=python, Ch 00000008\n"));
        Assert.Equal($"0000:3b:00.0/{xid}", f.Subject);
        Assert.Contains(says, $"{f.Title} {f.Why}", StringComparison.Ordinal);
        Assert.Equal(severity, f.Severity);
    }

    [Fact]
    public void Two_numbers_of_one_GPU_are_two_findings() =>
        Assert.Equal(2, Explained.Findings("gpu-xid", """
            [  100.000000] NVRM: Xid (PCI:0000:3b:00): 31, pid=1234, name=python, MMU Fault
            [  101.000000] NVRM: Xid (PCI:0000:3b:00): 45, pid=1234, name=python, Ch 00000008
            """).Count);

    [Fact]
    public void The_module_that_loads_reports_no_Xid() =>
        Assert.Empty(Explained.Findings("gpu-xid", "[    5.000000] NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.54.14\n"));
}

public sealed class SmmuFaultTests
{
    [Fact]
    public void The_old_form_names_event_and_stream_by_its_first_word()
    {
        Finding f = Assert.Single(Explained.Findings("smmu-fault", """
            [  100.000000] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x02 received:
            [  100.000001] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000090000000002
            [  100.000002] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000000
            """));
        Assert.Contains("C_BAD_STREAMID", f.Title);
        Assert.Contains("09:00.0", f.Why);
        Assert.DoesNotContain("0000:09:00.0", f.Title + f.Why);
        Assert.Contains("not at fault", f.Why);
    }

    [Fact]
    public void The_new_form_names_the_client_and_the_address()
    {
        Finding f = Assert.Single(Explained.Findings("smmu-fault",
            "[  100.000000] arm-smmu-v3 arm-smmu-v3.1.auto: event: F_TRANSLATION client: 0002:01:00.0 sid: 0x100 " +
            "ssid: 0x0 iova: 0xfffff000 ipa: 0x0\n"));
        Assert.Contains("0002:01:00.0", f.Title);
        Assert.Contains("0xfffff000", f.Why);
    }

    [Fact]
    public void A_context_fault_of_an_SMMUv2_is_one_too() =>
        Assert.Single(Explained.Findings("smmu-fault", "[    9.000000] arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, " +
            "iova=0x9f800000, fsynr=0x260000, cbfrsynra=0x800, cb=2\n"));

    [Theory]
    [InlineData("0x402", "0x260000", "F_TRANSLATION", "a read")]
    [InlineData("0x80000408", "0x10", "F_PERMISSION", "a write")]
    [InlineData("0x410", "0x10", "F_WALK_EABT", "a write")]
    public void The_status_registers_of_an_SMMUv2_tell_kind_and_access_and_no_PCI_address(string fsr, string fsynr, string kind,
        string access)
    {
        Finding f = Assert.Single(Explained.Findings("smmu-fault", "[    9.000000] arm-smmu 5000000.iommu: Unhandled context fault: " +
            $"fsr={fsr}, iova=0x9f800000, fsynr={fsynr}, cbfrsynra=0x409, cb=2\n"));
        Assert.Contains(kind, f.Title, StringComparison.Ordinal);
        Assert.Contains($"{access} at the device's address 0x9f800000", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("04:01.1", f.Title + f.Why + f.Fixes[0].Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x0000020800000000", "a read")]
    [InlineData("0x0000020000000000", "a write")]
    [InlineData("0x0000020c00000000", "an instruction fetch")]
    public void The_words_of_an_event_tell_access_and_address_and_a_known_function(string second, string access)
    {
        string log = $"""
            [    3.100100] pci 0004:01:00.0: Adding to iommu group 14
            [  512.219381] arm-smmu-v3 arm-smmu-v3.4.auto: event 0x13 received:
            [  512.225379] arm-smmu-v3 arm-smmu-v3.4.auto: 	0x0004010000000013
            [  512.231283] arm-smmu-v3 arm-smmu-v3.4.auto: 	{second}
            [  512.237187] arm-smmu-v3 arm-smmu-v3.4.auto: 	0x0000ffffe7f20000
            [  512.243091] arm-smmu-v3 arm-smmu-v3.4.auto: 	0x0000000000000000
            """;
        Finding f = Assert.Single(Explained.Findings("smmu-fault", log));
        Assert.Contains("stream id 0x40100 (by its number 0004:01:00.0): F_PERMISSION", f.Title, StringComparison.Ordinal);
        Assert.Contains($"{access} at the device's address 0xffffe7f20000", f.Why, StringComparison.Ordinal);
        // Two functions fit: none is named.
        f = Assert.Single(Explained.Findings("smmu-fault", "[    3.000000] pci 0000:01:00.0: Adding to iommu group 3\n" + log));
        Assert.DoesNotContain("0004:01:00.0", f.Title + f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_stream_of_an_SMMUv2_is_the_tables_fault() =>
        Assert.Contains("0x1234", Assert.Single(Explained.Findings("smmu-fault", "[   21.319381] arm-smmu 5000000.iommu: Blocked unknown " +
            "Stream ID 0x1234; boot with \"arm-smmu.disable_bypass=0\" to allow, but this may have security implications\n")).Title,
            StringComparison.Ordinal);

    [Fact]
    public void An_SMMU_that_starts_is_no_fault() =>
        Assert.Empty(Explained.Findings("smmu-fault", "[    1.000000] arm-smmu-v3 arm-smmu-v3.0.auto: option mask 0x0\n"));

    [Theory]
    [InlineData("mptbase: ioc0: ERROR - Diagnostic reset FAILED! (ffffffffh)", "storage-controller-failed", "registers read as ones")]
    [InlineData("mptbase: ioc1: ERROR - didn't initialize properly (-1)", "storage-controller-failed", "could not be started")]
    [InlineData("mpt2sas_cm0: _base_event_notification: timeout", "storage-controller-failed", "did not answer while it was set up")]
    [InlineData("mpt3sas_cm1: failure at drivers/scsi/mpt3sas/mpt3sas_scsih.c:8592/_scsih_probe()!", "storage-controller-failed",
        "could not start it")]
    [InlineData("sd 0:1:0:0 rejecting I/O to offline device", "disk-offline", "requests are refused")]
    [InlineData("mmcblk1: retrying write for general error", "memory-card-failed", "refuses writes")]
    [InlineData("sd 1:1:0:0: [sdb] tag#37 FAILED Result: hostbyte=DID_RESET driverbyte=DRIVER_OK", "disk-io-error", "DID_RESET")]
    [InlineData("Read-error on swap-device (254:1:78162624)", "disk-io-error", "254:1 failed")]
    public void A_device_that_fails_says_so_in_these_words(string line, string id, string says)
    {
        Finding finding = Explained.Verdict($"[   30.764020] {line}\n").Findings.First(f => f.Id == id);
        Assert.Contains(says, $"{finding.Title} {finding.Why}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_sectors_of_one_swap_device_are_one_trouble() =>
        Assert.Single(Explained.Verdict("""
            [248903.580981] Read-error on swap-device (254:1:78162624)
            [248903.590087] Read-error on swap-device (254:1:78162632)
            """).Findings, f => f.Id == "disk-io-error");
}
