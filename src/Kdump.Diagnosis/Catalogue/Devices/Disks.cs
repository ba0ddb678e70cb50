namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Disks and their links: drivers/ata/libata-eh.c, drivers/scsi/scsi_lib.c, sd.c, block/blk-core.c, drivers/nvme/host.</summary>
internal static class Disks
{
    public static readonly DeviceFamily MediumError = new("disk-medium-error", "the disk {device} cannot read or write some of its sectors")
    {
        Area = Area.Hardware,
        Cause = "The disk itself reports that the sector cannot be read (or written): " +
            "the medium is at fault, not the cable or the controller. The data there is lost unless a mirror or a backup has it.",
        Words = """
            ata | | error: * UNC } | a sector cannot be read (UNC)
            ata | ? | ^res {e}/40: | a sector cannot be read (UNC)
            ata | | error: * IDNF | a sector is not found on the medium (IDNF)
            sd | | Sense Key : Medium Error | medium error
            sd | | Sense Key : 0x3 | medium error (sense key 3)
            -- | | ^Sense Key : Medium Error | medium error
            -- | | ^Sense Key : 0x3 | medium error (sense key 3)
            sd | + | Add. Sense: {t} | additional sense: {1}
            sd | + | ASC=0x11 ASCQ={w} | unrecovered read error (ASC 0x11)
            sd | + | CDB: Write{t} | the command was a write
            sd | + | CDB: Read{t} | the command was a read
            - | | critical medium error, dev {d}, sector {w} | sector {2} cannot be read or written
            nvme | | Unrecovered Read Error | a block cannot be read
            nvme | | (sct 0x2 / sc 0x81) | a block cannot be read
            nvme | W | End-to-end Guard Check Error | a checksum of a block is wrong
            ata | ? | (media error) <F> | the disk reports an error of its medium
            ata | ? | (media error) | the disk reports an error of its medium
            """,
        Explains = [],
        Remark = after => after.Any(a => a.Word.Shape.StartsWith("CDB: Write", StringComparison.Ordinal)) && after.Any(a =>
            a.Taken.Any(t => t.StartsWith("Unrecovered read error", StringComparison.Ordinal)))
            ? "The device answers a write with a read error: " +
                "a plain disk hardly does (it writes whole sectors), the volume of a storage system does (iSCSI, Longhorn, " +
                "OpenEBS, a RAID controller) when the storage behind it fails. What stood there is lost unless a replica has it." : null,
        Ways =
        [
            new("Read its counters (reallocated, pending, uncorrectable) and run its long self-test; replace it when they grow",
                "smartctl -x /dev/{disk}"),
            new("Save what can be read, and let the array or file system repair the rest (mdadm, zpool scrub, btrfs scrub)"),
            new("If it is not a physical disk (an iSCSI, Longhorn, OpenEBS, Ceph or RAID volume), check the storage behind it: " +
                "its software gives this answer when its replicas fail"),
        ],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report(); drivers/scsi/constants.c, scsi_logging.c; block/blk-core.c blk_errors",
    };

    /// <summary>Sense code 5D of SCSI, and what smartd and enclosures make of it.</summary>
    public static readonly DeviceFamily Foretold = new("disk-foretells-failure", "the disk {device} predicts its own failure")
    {
        Area = Area.Hardware,
        Cause = "The disk's own monitoring (SMART; informational exceptions of SCSI, additional sense 5D) " +
            "reports that it will fail soon. It still works: replace it now.",
        Words = """
            sd | | Add. Sense: Failure prediction threshold exceeded | its own threshold for a failure is exceeded
            sd | | Failure prediction threshold exceeded | its own threshold for a failure is exceeded
            sd | | mpending failure {t} | it will fail soon ({1})
            sd | | mpending failure | it will fail soon
            sd | | ASC=0x5d ASCQ={w} | its own threshold for a failure is exceeded (ASC 0x5d)
            """,
        Explains = [],
        Ways =
        [
            new("Save its data and replace it; read its SMART table", "smartctl -x /dev/{disk}"),
        ],
        Origin = "drivers/scsi/sense_codes.h 0x5d; SPC-5 informational exceptions",
    };

    public static readonly DeviceFamily LinkErrors = new("disk-link-errors", "data was damaged on the SATA link {device}")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "CRC and coding errors come from the transmission between controller and disk, not from the disk's medium; " +
            "the command is repeated.",
        Words = """
            ata | | SError: *BadCRC | CRC errors on the link
            ata | | SError: *Handshk | handshake errors on the link
            ata | | SError: *10B8B | coding errors on the link
            ata | | SError: *Dispar | disparity errors on the link
            ata | | error: * ICRC | the disk received data with a wrong CRC (ICRC)
            ata | + | interface fatal error | a fatal error of the interface
            ata | ? | ^res {e}/84: | the disk received data with a wrong CRC (ICRC)
            ata | ? | Emask 0x10 (ATA bus error) | a transfer was damaged on its way (ATA bus error)
            ata | I | SError: *UnrecovData | a transmission that was not recovered
            """,
        CausedNearBy = ["pcie-link-lost"],
        Ways =
        [
            new("Replace the SATA cable, check its plugs and the connectors of the backplane; then the disk's power; then another port"),
            new("Watch the disk's CRC counter (UDMA_CRC_Error_Count)", "smartctl -A /dev/{disk}"),
        ],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report(); Serial ATA specification, SError",
    };

    /// <summary>
    /// The link itself went away or came back, which the host sees without any command (SATA: SError.DIAG.N, .X, .W; ahci's interrupts of
    /// a changed connection). Plugging a disk in or out says the same.
    /// </summary>
    public static readonly DeviceFamily LinkDropped = new("disk-link-dropped", "the SATA link {device} was interrupted")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "Controller and disk lost contact for a moment, or the disk restarted: a plug, the cable, the backplane, " +
            "the disk's power (it dips when a disk spins up), or the link's own power saving. " +
            "Where a disk was just plugged in or pulled out, this is normal. The medium is not what failed.",
        Words = """
            ata | | SError: *PHYRdyChg | the link went down or came up by itself (PHYRdyChg)
            -- | | ^SError: *PHYRdyChg | the link went down or came up by itself (PHYRdyChg)
            ata | | SError: *DevExch | the disk was seen to come or go (DevExch)
            -- | | ^SError: *DevExch | the disk was seen to come or go (DevExch)
            ata | | connection status changed | the controller saw the disk come or go
            ata | | PHY RDY changed | the controller saw the link go down or come up
            ata | + | SATA link down {t} | the link stays down: {1}
            """,
        CausedNearBy = ["pcie-link-lost"],
        Explains = ["disk-link-frozen:{0}", "disk-link-slowed:{0}"],
        Ways =
        [
            new("Check the plugs of cable and power, then replace the cable, and try another port or bay"),
            new("If it happens when a disk wakes up: test without its power saving (hd-idle, hdparm -S), " +
                "and whether the power supply can start all disks"),
            new("To test whether link power saving is the cause, keep the link awake",
                "for p in /sys/class/scsi_host/host*/link_power_management_policy; do echo max_performance > $p; done", "more power"),
        ],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report(); libahci.c ahci_error_intr(); Serial ATA specification, SError",
    };

    /// <summary>libata slows a link after errors of the transmission and after time-outs alike.</summary>
    public static readonly DeviceFamily LinkSlowed = new("disk-link-slowed", "the link {device} was slowed down after errors")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The kernel slows a link down when commands fail or are not answered, because the link may work at a lower speed. " +
            "This is the kernel's reaction, not the cause: see the errors before it.",
        Words = """
            ata | | limiting SATA link speed to {t} | to {1}
            ata | | limiting speed to {t} | to {1}
            """,
        CausedBy = ["disk-link-errors", "disk-link-dropped", "disk-link-frozen", "disk-host-bus-error", "disk-interrupt-lost"],
        Ways = [new("Look at the errors of the same link before it, and at the disk", "smartctl -x /dev/{disk}")],
        Origin = "drivers/ata/libata-eh.c ata_eh_speed_down(), libata-core.c sata_down_spd_limit()",
    };

    /// <summary>The drive had done its work (0x50: ready, and not busy) when the time ran out.</summary>
    public static readonly DeviceFamily InterruptLost = new("disk-interrupt-lost", "the interrupt of {device} was lost")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "After the timeout the driver found the drive ready: the command was complete, but its interrupt had not arrived. " +
            "The timeout is a consequence. If the log has no other error of the drive, do not suspect the drive and its cable first. " +
            "The interrupt was lost by the controller, its interrupt line (IRQ, MSI, the ACPI table that routes it) or, " +
            "in a virtual machine, the emulation.",
        Words = """
            ata | | lost interrupt (Status {w}) | the drive's status is {1}
            mmcblk | | lost interrupt | a command was done without an interrupt
            - | | ^{d}: lost interrupt | a command was done without an interrupt
            floppy hd ide ide0 ide1 hda hdb hdc hdd | | lost interrupt | a command was done without an interrupt
            nvme | + | completion polled | the answer lay there without an interrupt
            """,
        Explains = ["disk-link-frozen:{0}", "disk-link-slowed:{0}", "device-timeout:{0}"],
        CausedBy = ["disk-io-error"],
        Ways =
        [
            new("Check whether its interrupt counter still increases, on which CPU, and which devices share it", "cat /proc/interrupts"),
            new("Update the BIOS; to test whether the routing is the cause, boot once with pci=nomsi, then with irqpoll",
                Risk: "the machine becomes slower; use it only as a test"),
        ],
        Origin = "drivers/ata/libata-sff.c ata_sff_lost_interrupt(); drivers/mmc/core/block.c",
    };

    /// <summary>The controller of memory cards: its own time-outs come as interrupts, so none at all is the controller's.</summary>
    public static readonly DeviceFamily CardHost = new("card-controller-failed",
        "the card controller {device} does not work as its driver expects")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "A controller of memory cards and eMMC (SDHCI) signals everything by interrupts, including timeouts of the card. " +
            "Missing or unexpected interrupts, or a reset that never ends, point to the controller, its clock or power, " +
            "its interrupt line, or a driver that does not know this controller (quirks, device tree). A card alone rarely causes this.",
        Words = """
            mmc sdhci | | Got data interrupt {w} even though no data operation was in progress | a data interrupt ({1}) came while no data were on their way
            mmc sdhci | | Got command interrupt {w} even though no command operation was in progress | a command's interrupt ({1}) came while there was no command
            mmc sdhci | | Unexpected interrupt {w} | an interrupt ({1}) that nobody waits for
            mmc sdhci | | Timeout waiting for hardware interrupt | no interrupt came in time, not even one that says time-out
            mmc sdhci | | Timeout waiting for hardware cmd interrupt | no interrupt for a command came in time, not even one that says time-out
            mmc sdhci | | Controller never released inhibit bit(s) | it stays busy and takes no command
            mmc sdhci | | Reset {w} never completed | its reset ({1}) never ended
            mmc sdhci | | Internal clock never stabilised | its clock never became stable
            mmc sdhci | | PLL clock never stabilised | its clock (PLL) never became stable
            mmc sdhci | | ADMA error: {w} | its transfer by DMA broke off (ADMA error {1})
            mmc sdhci | + | sdhci: * REGISTER DUMP | its registers were printed
            """,
        Explains = ["disk-io-error:{0}", "device-timeout:{0}"],
        Ways =
        [
            new("Check whether its interrupt counter increases, and the clock, voltage and mode of the port",
                "grep mmc /proc/interrupts; cat /sys/kernel/debug/{0}/ios"),
            new("Try another card or eMMC and a slower mode (device tree: max-frequency, no-1-8-v), and a newer kernel and firmware"),
        ],
        Origin = "drivers/mmc/host/sdhci.c sdhci_irq(), sdhci_timeout_timer(), sdhci_send_command(), sdhci_reset()",
    };

    /// <summary>The card's side: the controller works, and the card does not answer, or answers wrongly.</summary>
    public static readonly DeviceFamily Card = new("memory-card-failed", "the memory card or eMMC at {device} does not work as it should")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The card did not answer a command (-110), or its answers were garbled (-84): " +
            "the card is worn or badly seated, its supply voltage is wrong, or the board does not support the speed mode (UHS, HS200, " +
            "HS400). A card that can no longer be written is at the end of its life.",
        Words = """
            mmc | | error {w} whilst initialising {t} | it could not be set up ({1}): {2}
            mmc | | card never left busy state | it stays busy
            mmc | | ard stuck in programming state | it stays busy writing
            mmc | | ard stuck being busy | it stays busy
            mmc | | ard stuck in wrong state | it is in a state that the driver cannot leave
            mmc | E | tried to HW reset card, got error {w} | its reset failed ({1})
            mmc | E | tried to reset card, got error {w} | its reset failed ({1})
            mmc | W2 | cache flush error {w} | its cache could not be written out ({1})
            mmc | W2 | running CQE recovery | its command queue had to be restarted
            mmcblk | E | recovery failed | it did not come back
            mmcblk | | retrying write for general error | it refuses writes (general error)
            mmcblk | | card_busy_detect: error sending status cmd, status {w} | it does not tell whether it is ready (status {1})
            mmc | + | card {w} removed | the kernel removed it ({1})
            mmc | | SDHSTS 0x00000080 | it did not deliver or take data in time (SDHSTS 0x80)
            mmc | | SDHSTS 0x00000040 | it did not answer a command in time (SDHSTS 0x40)
            mmc | | SDHSTS 0x00000020 | its data were garbled (SDHSTS 0x20: CRC)
            mmc | | SDHSTS 0x00000010 | its answer was garbled (SDHSTS 0x10: CRC)
            mmc | + | cmd op {w} arg {w} flags {w} - | the command was number {1}
            mmcblk | | error {w} transferring data, sector {w}, | sector {2} failed ({1})
            mmcblk | | error {w} sending status command | it does not tell its state ({1})
            mmcblk | | error {w} requesting status | it does not tell its state ({1})
            mmcblk | | timed out sending {w} {w} command | command {1} was not answered
            mmcblk | | response CRC error sending {w} command | the answer to command {1} was garbled
            mmcblk | | unknown error {w} sending/receiving data | data were not transferred ({1})
            """,
        CausedBy = ["card-controller-failed"],
        Explains = ["disk-io-error:{0}"],
        Ways =
        [
            new("Save its data. Then try another card or power supply; check its mode and voltage",
                "cat /sys/kernel/debug/mmc*/ios"),
            new("Check the wear of an eMMC (life time estimation, pre EOL)", "cat /sys/class/mmc_host/mmc*/mmc*/life_time"),
        ],
        Origin = "drivers/mmc/core/core.c, block.c, mmc_ops.c, sd.c, mmc.c",
    };

    public static readonly DeviceFamily Ufs = new("ufs-failed", "the UFS storage {device} does not work as it should")
    {
        Area = Area.Hardware,
        Cause = "Universal Flash Storage (phones, boards, automotive): the controller or its device did not answer, " +
            "or their link failed. Possible causes: the device has no supply or clock, the link does not train in the requested mode, " +
            "or the device is failing.",
        Words = """
            ufshcd | | link startup failed {w} | the link to the device did not start ({1})
            ufshcd | | dme-link-startup failed {w} | the link to the device did not start ({1})
            ufshcd | | dme-link-startup: error code {w} | the link to the device did not start ({1})
            ufshcd | | Controller enable failed | the controller cannot be switched on
            ufshcd | W | Device abort task at tag {w} | a command was not answered (tag {1})
            ufshcd | W | OCS error from controller = {w} for tag {w} | the controller reports error {1} for a command (tag {2})
            ufshcd | | ufshcd_err_handler: reset and restore failed | the reset did not help
            ufshcd | | ufshcd_print_host_state | the driver shows the state of a controller that failed
            ufshcd | W | Host Fatal Error | a fatal error of the controller
            ufshcd | W | dev_fatal_err | a fatal error of the device
            ufshcd | W2 | pwr_mode change failed | the link does not run in the mode asked for
            """,
        CausedNearBy = ["iommu-fault"],
        Ways = [new("Look at supplies, clocks and reset of controller and device in the device tree; update firmware and kernel")],
        Origin = "drivers/ufs/core/ufshcd.c",
    };

    public static readonly DeviceFamily HostBus = new("disk-host-bus-error", "the controller of SATA link {device} could not reach memory")
    {
        Area = Area.Hardware,
        Cause = "A host bus error means that the controller's DMA was refused or failed, because of an IOMMU, PCIe, or the controller. " +
            "The disk and its cable are not involved.",
        Words = """
            ata | | host bus error | its DMA failed (host bus error)
            """,
        CausedNearBy = ["iommu-fault", "pcie-link-lost"],
        Ways = [new("Look for earlier IOMMU and PCIe messages about the controller", "lspci -nnk -d ::0106")],
        Origin = "drivers/ata/libata-eh.c, libahci.c ahci_error_intr()",
    };

    public static readonly DeviceFamily LinkFrozen = new("disk-link-frozen", "the SATA link {device} froze")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "A command got no answer in time, or a wrong one, and the kernel resets the link. " +
            "The cause is the disk, its cable or power, or a lost interrupt.",
        Words = """
            ata | | exception Emask 0x3 SAct | an answer did not fit the protocol (HSM violation)
            ata | | exception Emask 0x2 SAct | an answer did not fit the protocol (HSM violation)
            ata | | exception Emask 0x10 SAct {w} SErr {w} action {w} frozen | the link reported an error and the port was frozen
            ata | | exception Emask {w} SAct {w} SErr {w} action {w} frozen | a command was not answered and the port was frozen
            -- | | ^exception Emask 0x10 SAct {w} SErr {w} action {w} frozen | the link reported an error and the port was frozen
            -- | | ^exception Emask {w} SAct {w} SErr {w} action {w} frozen | a command was not answered and the port was frozen
            -- | + | ^failed command: {t} | the command: {1}
            ata | + | failed command: {t} | the command: {1}
            ata | | qc timeout after {w} msecs (cmd {w}) | command {2} was not answered in {1} ms
            ata | | qc timeout (cmd {w}) | command {1} was not answered
            ata | + | hard resetting link | the link is reset
            ata | W | link is slow to respond, please be patient | the disk is slow to come back
            ata | E | COMRESET failed (errno={w}) | the reset of the link failed ({1})
            ata | W | softreset failed ({e}) | the reset failed ({1})
            ata | W | SRST failed (errno={w}) | the reset failed ({1})
            -- | W | ^SRST failed (errno={w}) | the reset failed ({1})
            ata | W | hardreset failed ({e}) | the reset failed ({1})
            ata | W | reset failed (errno={w}), retrying in {w} secs | the reset failed ({1})
            ata | E | revalidation failed (errno={w}) | the disk is not the same, or does not answer any more ({1})
            ata | E | failed to IDENTIFY ({e}) | the disk does not tell what it is ({1})
            ata | E | reset failed, giving up | no reset helped, and the kernel gave the port up
            ata | E | EH pending after {w} tries, giving up | the errors did not end in {1} rounds of recovery: the kernel gave the port up
            ata | E | failed to recover link after {w} tries, disabling | {1} tries did not bring the link back: it was switched off
            ata | + | SATA link up {t} | the link is up again: {1}
            ata | ? | Emask 0x4 (timeout) | a command was not answered in time
            ata | W | NCQ disabled due to excessive errors | queued commands were switched off after many errors
            """,
        CausedBy = ["disk-link-errors", "disk-link-dropped", "disk-medium-error", "disk-host-bus-error", "disk-interrupt-lost"],
        CausedNearBy = ["iommu-fault", "pcie-link-lost", "storage-controller-failed"],
        Ways =
        [
            new("Look at the disk, then replace its cable and check its power", "smartctl -x /dev/{disk}"),
            new("To test whether link power saving is the cause, keep the link awake",
                "for p in /sys/class/scsi_host/host*/link_power_management_policy; do echo max_performance > $p; done", "more power"),
        ],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report()",
    };

    /// <summary>
    /// One port of the controller that serves several disks: the chip between, in the enclosure, is asked by commands of its own (E4 and E8
    /// read and write its registers), and when it does not answer all disks behind it go.
    /// </summary>
    public static readonly DeviceFamily PortMultiplier = new("sata-port-multiplier-failed",
        "the SATA port multiplier at {device} does not work")
    {
        Area = Area.Hardware,
        Confidence = 0.85,
        Cause = "The disks at this port are behind a port multiplier (a chip in an enclosure or on a backplane). It stopped answering, " +
            "or the disks behind it do not answer through it: the chip, the enclosure's power, its cable, or a controller that does " +
            "not get on with it (some work only with one disk behind, or not at all). A single disk that hangs can take the others " +
            "with it.",
        Words = """
            ata | | failed to recover PMP after {w} tries | it did not come back in {1} tries
            ata | | Port Multiplier detaching | it was given up, with all disks behind it
            ata | | failed to read SCR {w} (Emask={e}) | its register {1} could not be read
            ata | | failed to write SCR {w} (Emask={e}) | its register {1} could not be written
            ata | | failed to read PMP GSCR[{w}] | its register {1} could not be read
            ata | | PMP revalidation failed (errno={w}) | it is not the same any more, or does not answer ({1})
            ata | + | incorrect PMP | an answer came for another disk than was asked (incorrect PMP)
            ata | + | Port Multiplier {w}.{w}, {w}:{w} r{w}, {w} ports | it is a chip {3}:{4} for {6} disks
            """,
        CausedNearBy = ["pcie-link-lost"],
        Explains = ["disk-link-frozen:{0}", "disk-offline:{0}", "disk-link-dropped:{0}", "disk-io-error"],
        Ways =
        [
            new("Test one disk alone: in the enclosure, then directly at the controller; it shows whether the enclosure is at fault"),
            new("Check the enclosure's power supply and the cable (eSATA: at most 2 m); then try another controller: its chip must " +
                "support port multipliers with FIS-based switching", "lspci -nnk -d ::0106; dmesg | grep -i -e pmp -e 'port multiplier'"),
        ],
        Origin = "drivers/ata/libata-pmp.c sata_pmp_attach(), sata_pmp_eh_recover(), sata_pmp_revalidate()",
    };

    /// <summary>Not a problem by itself, because users unplug devices; but it explains failures directly after it.</summary>
    public static readonly DeviceFamily UsbLeft = new("usb-device-left", "the USB device {device} left the bus")
    {
        Area = Area.Hardware,
        Severity = Severity.Info,
        Cause = "It was unplugged, lost its power or contact, or restarted by itself. Everything that uses it fails from here on.",
        Words = """
            usb | | ^USB disconnect, device number {w} | it disconnected (device number {1})
            """,
        CausedNearBy = ["usb-controller-died"],
        Ways =
        [
            new("If it was not unplugged by hand: " +
                "try another cable and port, no hub or one with a power supply of its own, and the disk's own power"),
            new("If it comes back under another name, mount by UUID; before it is pulled out, unmount it"),
        ],
        Origin = "drivers/usb/core/hub.c usb_disconnect()",
    };

    public static readonly DeviceFamily Refuses = new("disk-refuses-commands", "the disk behind {device} refuses commands")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "The disk itself answered with an error (ABRT) and without a sector: " +
            "it does not know the command, is locked, or its electronics fail. Reads or writes that it refuses repeatedly are a sign of " +
            "a failing disk.",
        Words = """
            ata | 2 | ^error: * ABRT } | it aborted reads, writes or other commands (ABRT)
            """,
        Ways = [new("Read its counters and its error log, and save what is on it", "smartctl -x /dev/{disk}")],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report()",
    };

    public static readonly DeviceFamily Offline = new("disk-offline", "the disk {device} was taken offline")
    {
        Area = Area.Hardware,
        Cause = "The kernel gave up on it after its resets did not help. Everything on it fails from here on.",
        Words = """
            sd scsi | | rejecting I/O to offline device | requests are refused
            sd scsi | | rejecting I/O to dead device | it is gone: requests are refused
            sd scsi | | Device offlined - not ready after error recovery | it did not become ready after the resets
            hv_storvsc storvsc | | srb 0x20 hv | the host has no such disk any more (srb 0x20: invalid LUN): it was detached, or failed there
            - | | sd {d}: rejecting I/O to offline device | requests are refused
            - | | sd {d} rejecting I/O to offline device | requests are refused
            ata | | ^disabled | the disk was given up
            ata | W | ^device unplugged | its link went away: it was unplugged, or its power or backplane failed
            ata | | ^disable device | the disk was given up
            """,
        CausedBy = ["disk-link-frozen", "disk-link-errors", "pcie-link-lost"],
        CausedNearBy =
            ["usb-device-left", "storage-controller-failed", "raid-controller-event", "usb-controller-died", "pcie-link-lost",
                "pcie-link-down", "storage-path-lost", "nvme-command-timeout"],
        Explains = [],
        Ways =
        [
            new("Check the lines before it. If the controller failed, the disk is not at fault; otherwise check the disk",
                "smartctl -x /dev/{disk}"),
        ],
        Origin = "drivers/scsi/scsi_lib.c scsi_prep_state_check(), scsi_error.c; drivers/ata/libata-eh.c ata_dev_disable(); " +
            "nvme/host/pci.c",
    };

    public static readonly DeviceFamily MediumChanged = new("disk-medium-changed",
        "the medium in {device} was changed or its reader restarted")
    {
        Area = Area.Hardware,
        Cause = "The drive reported \"not ready to ready change, medium may have changed\" (6/28), and the kernel refuses what was " +
            "under way, since another medium could be in it now. Card readers and USB bridges report it with the same medium too: " +
            "when they wake up from power saving, were reset, or lost their power for a moment.",
        Words = """
            sd scsi | | device offline or changed | requests are refused
            sd scsi | + | Not ready to ready change, medium may have changed | the drive reports that its medium may have changed
            sd scsi | + | ASC=0x28 ASCQ=0x0 | the drive reports that its medium may have changed
            """,
        Explains = ["disk-io-error:{0}", "filesystem-shut-down", "filesystem-io-error"],
        CausedNearBy = ["usb-device-left"],
        Ways =
        [
            new("If nobody changed it: keep the reader awake, as a test", "echo on > /sys/block/{disk}/device/power/control"),
            new("Give the reader a port with enough power; then unmount, and check the file system"),
        ],
        Origin = "drivers/scsi/sd.c sd_setup_read_write_cmnd(), scsi_error.c scsi_check_sense(): unit attention 28/00",
    };

    public static readonly DeviceFamily IoError = new("disk-io-error", "reads or writes of {device} failed")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The block layer got an error from a lower layer (the disk, its controller, the network storage); " +
            "that layer logged the reason, or the device is gone.",
        Words = """
            - | | I/O error, dev {d}, sector {w} | sector {2}
            - | | I/O error, dev *({d}), sector {w} | sector {2}
            - | | ^{d}: dma_timer_expiry: dma status == {w} | a DMA transfer did not end in time: the disk, its cable or power, or the controller
            - | | ^{d}: dma timeout error: status={t} | a DMA transfer did not end in time (status {2})
            - | + | ^{d}: DMA timeout error | a DMA transfer did not end in time
            - | | ^{d}: status timeout: status={t} | the drive stays busy (status {2})
            - | + | ^{d}: drive not ready for command | the drive takes no command
            - | + | ^{d}: DMA disabled | DMA was switched off for it
            - | | ^{d}: dma_intr: error={t} | the drive reports an error ({2})
            - | | ^{d}: status error: status={t} | the drive reports an error ({2})
            - | | critical target error, dev {d}, sector {w} | the target refused sector {2}
            - | | critical nexus error, dev {d}, sector {w} | the reservation belongs to somebody else (sector {2})
            - | E | critical space allocation error, dev {d}, sector {w} | the thin-provisioned storage is full (sector {2})
            - | | protection error, dev {d}, sector {w} | the check value of sector {2} is wrong
            - | | recoverable transport error, dev {d}, sector {w} | the transport failed (sector {2})
            - | | timeout error, dev {d}, sector {w} | no answer in time (sector {2})
            - | E | Buffer I/O error on dev {d}, logical block {w}, lost async page write | a write was lost (block {2})
            - | E | lost page write due to I/O error on {d} | a write was lost
            - | | Buffer I/O error on dev {d}, logical block {w} | block {2}
            - | E | Write-error on swap-device ({d}) | swap cannot be written
            - | E | Read-error on swap-device ({d}) | swap cannot be read
            - | E | SQUASHFS error: * on {d} | the image cannot be read
            nvme | | (sct 0x3 / sc 0x71) | the kernel itself took a command back (3/71): no answer in time, or a reset
            nvme | | (sct 0x3 / sc 0x70) | the path to it failed (3/70)
            nvme | | (sct 0x0 / sc 0x6) | it reports an internal error (0/6)
            sd | | hostbyte=DID_NO_CONNECT | its controller or path is gone (DID_NO_CONNECT)
            sd | | hostbyte=0x01 | its controller or path is gone (DID_NO_CONNECT)
            sd | | hostbyte=DID_BAD_TARGET | it is gone (DID_BAD_TARGET)
            sd | | hostbyte=DID_RESET | a reset took its command back (DID_RESET): the controller or the disk had to be reset
            sd | | hostbyte=0x08 | a reset took its command back (DID_RESET): the controller or the disk had to be reset
            sd | + | Unhandled error code | no reason is given with it
            sd | | hostbyte=DID_TIME_OUT | no answer in time (DID_TIME_OUT)
            sd | | hostbyte=0x03 | no answer in time (DID_TIME_OUT)
            sd | | hostbyte=DID_TRANSPORT_{w} | its transport was disturbed ({1})
            sd | + | hostbyte=DID_SOFT_ERROR | the controller gave a command back unfinished (DID_SOFT_ERROR): its link, expander or a neighbour was disturbed
            sd | + | hostbyte=0x0b | the controller gave a command back unfinished (DID_SOFT_ERROR): its link, expander or a neighbour was disturbed
            sd | E | Sense Key : Hardware Error | it reports a hardware error of its own (mechanics or electronics)
            sd | E | Sense Key : 0x4 | it reports a hardware error of its own (sense key 4)
            -- | + | ^SCSI error*return code = 0x1000 | the host adapter has no connection to it any more (DID_NO_CONNECT)
            -- | + | ^SCSI error*return code = 0x0001 | the host adapter has no connection to it any more (DID_NO_CONNECT)
            -- | + | ^SCSI error*return code = 0x2000 | the host adapter found the bus or path busy (DID_BUS_BUSY): a path, fabric or controller, not the medium
            -- | + | ^SCSI error*return code = 0x0002 | the host adapter found the bus or path busy (DID_BUS_BUSY): a path, fabric or controller, not the medium
            -- | + | ^SCSI error*return code = 0x3000 | no answer in time (DID_TIME_OUT)
            -- | + | ^SCSI error*return code = 0x0003 | no answer in time (DID_TIME_OUT)
            -- | + | ^SCSI error*return code = 0x7000 | the host adapter reports an error of its own (DID_ERROR)
            -- | + | ^SCSI error*return code = 0x0007 | the host adapter reports an error of its own (DID_ERROR)
            -- | + | ^SCSI error*return code = 0x8000 | a reset took its command back (DID_RESET)
            -- | + | ^SCSI error*return code = 0x0008 | a reset took its command back (DID_RESET)
            -- | + | ^SCSI error*return code = 0xe000 | its transport was disturbed (DID_TRANSPORT_DISRUPTED)
            -- | + | ^SCSI error*return code = 0x000e | its transport was disturbed (DID_TRANSPORT_DISRUPTED)
            -- | + | ^SCSI error*return code = 0xf000 | its transport failed (DID_TRANSPORT_FAILFAST)
            -- | + | ^SCSI error*return code = 0x000f | its transport failed (DID_TRANSPORT_FAILFAST)
            sd | W | Sense Key : Not Ready | it is not ready
            sd | W | READ CAPACITY failed | it does not tell its size
            sd | W | READ CAPACITY(16) failed | it does not tell its size
            sd | W | Read Capacity(10) failed | it does not tell its size
            sd | W | Read Capacity(16) failed | it does not tell its size
            sd | W | Sense Key : Aborted Command | a command was aborted
            sd | W | timing out command, waited {w} | a command waited {1} without an answer
            sd | W | uas_eh_abort_handler | a USB command was not answered (uas: bridge, cable or power of the enclosure)
            sd | + | Synchronize Cache(10) failed | its cache could not be written out
            """,
        CausedBy = ["disk-medium-error", "disk-offline", "disk-link-frozen", "nvme-fell-off-the-bus", "nvme-controller-fatal",
            "nvme-controller-failed", "pcie-link-lost"],
        CausedNearBy =
        [
            "usb-device-left", "storage-controller-failed", "raid-controller-event", "usb-controller-died", "storage-path-lost",
            "disk-link-frozen", "disk-link-errors",
            "disk-host-bus-error", "disk-medium-error", "pcie-link-lost", "pcie-link-down",
        ],
        Ways =
        [
            new("Check the lines before it, then the disk", "smartctl -x /dev/{disk}"),
        ],
        Origin = "block/blk-core.c blk_errors, print_req_error(); fs/buffer.c buffer_io_error(); drivers/scsi/scsi_logging.c; mm/page_io.c",
    };

    public static readonly DeviceFamily NvmeFailed = new("nvme-controller-failed", "the NVMe controller {device} does not work")
    {
        Area = Area.Hardware,
        Milder = "the NVMe controller {device} had trouble",
        In = Life.First,
        Cause = "It does not become ready, or does not answer the commands that set it up. " +
            "Its firmware hangs, or its link or power is bad.",
        Words = """
            nvme | W | Device not ready; aborting shutdown | it does not end its shutdown in time, as before a sleep or a power-off
            nvme | | Device not ready; aborting {w} | it does not become ready
            nvme | | Device not ready; aborting | it does not become ready
            nvme | | Identify Controller failed ({e}) | it does not tell what it is ({1})
            nvme | | QID 0 timeout, reset controller | its admin queue (QID 0) does not answer either: its firmware hangs, or it is cut off
            nvme | | QID 0 timeout, disable controller | its admin queue (QID 0) does not answer: its firmware hangs, or it is cut off
            nvme | | Disabling device after reset failure: {t} | its reset failed ({1}), and it was given up
            nvme | | Removing after probe failure status: {t} | it was removed ({1})
            nvme | | failed to mark controller {w} | it did not come back
            nvme | W | resetting controller due to persistent internal error | it reports an internal error of its own
            nvme | W | frozen state error detected, reset controller | PCIe froze it, and it is reset
            nvme | + | restart after slot reset | it is started anew
            nvme | ~ | default/read/poll queues | its reset succeeded: its queues were set up again
            nvme | + | Abort status: 0x371 | it was reset while commands were aborted
            nvme | W | temperature above threshold | it is too hot
            """,
        CausedBy = ["pcie-link-lost", "nvme-command-timeout", "nvme-fell-off-the-bus", "nvme-controller-fatal",
            "nvme-registers-unreadable"],
        CausedNearBy = ["pcie-link-down", "aer-uncorrectable"],
        Explains = ["driver-probe-failed:{0}", "driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Read its own error log and update its firmware", "nvme error-log /dev/{disk}"),
            new("Look at its link, its slot and its power", "lspci -vvv -s {bdf}"),
        ],
        Origin = "drivers/nvme/host/core.c, pci.c",
    };
}
