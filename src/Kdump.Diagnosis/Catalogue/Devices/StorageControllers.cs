namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Storage controllers and host bus adapters: drivers/scsi, drivers/message/fusion, drivers/usb/host.</summary>
internal static class StorageControllers
{
    /// <summary>What the firmware of a RAID controller tells of itself and its volumes, with a level of its own.</summary>
    public static readonly DeviceFamily Event = new("raid-controller-event", "the RAID controller {device} reports a problem")
    {
        Area = Area.Hardware,
        Cause = "The firmware of the controller wrote this to its event log; the driver prints events of the levels CRIT, " +
            "FATAL and DEAD. A virtual drive (VD) is the disk that Linux sees; physical drives (PD) are behind it. " +
            "Errors of disks and file systems at that time are consequences.",
        Words = """
            megaraid_sas megasas | | /CRIT) - VD {e} is now OFFLINE | the virtual drive {1} is offline: too many of its disks are gone
            megaraid_sas megasas | W | /CRIT) - VD {e} is now {t} | the virtual drive {1} is now {2}
            megaraid_sas megasas | | /FATAL) - {t} | it says "{1}" (FATAL)
            megaraid_sas megasas | | /DEAD) - {t} | it says "{1}" (DEAD)
            megaraid_sas megasas | W | /CRIT) - {t} | it says "{1}" (CRIT)
            """,
        CausedBy = ["pcie-link-lost", "storage-controller-failed"],
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Read the whole event log of the controller, and the state of its drives", "storcli64 /c0 show events; storcli64 /c0 show"),
            new("Replace the drives that it reports as failed or predicted to fail; do not force an offline drive online while its data " +
                "matters", null, "a forced drive may hold old data"),
        ],
        Origin = "drivers/scsi/megaraid/megaraid_sas_base.c megasas_decode_evt(), format_class()",
    };

    public static readonly DeviceFamily Failed = new("storage-controller-failed", "the storage controller {device} failed")
    {
        Area = Area.Hardware,
        Cause = "The controller does not work, or its driver gave it up. All disks behind it stop with it. " +
            "Their errors, and those of file systems and swap on them, are consequences and say nothing about the disks.",
        Words = """
            ata | | exception Emask {w} SAct {w} SErr 0xffffffff | every bit of the link's error register is set: the controller no longer answers and reads as ones (card, slot, power), which says nothing of disk and cable
            ata | + | SError: *RecovData RecovComm UnrecovData Persist Proto HostInt | all errors at once, which is no real value
            hpsa | | Controller lockup detected: {w} after | its firmware locked up (code {1}); every logical drive behind it goes offline
            hpsa | | ontroller lockup detected | its firmware locked up; every logical drive behind it goes offline
            hpsa | + | failed {w} commands in fail_all | {1} open commands failed
            - | | ^cciss {d}: * controller lockup | its firmware locked up
            smartpqi | | controller is offline: status code {w} | it went offline (status {1}); every disk behind it is gone
            smartpqi | | controller offline | it went offline; every disk behind it is gone
            smartpqi | | failed to allocate {t} | it got no memory that its DMA can reach ({1}), so it was not started and every disk behind it is missing
            smartpqi | | failed to set DMA mask | it cannot do DMA here, so it was not started and every disk behind it is missing
            hpsa | | failed to allocate {t} | it got no memory ({1}), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate memory for producer, consumer | it got no memory (memory for producer, consumer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate event detail buffer | it got no memory (event detail buffer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate ioc init request | it got no memory (ioc init request), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate targetid list buffer | it got no memory (targetid list buffer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate PD list buffer | it got no memory (PD list buffer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate controller info buffer | it got no memory (controller info buffer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate LD list buffer | it got no memory (LD list buffer), so it was not started and every disk behind it is missing
            megaraid_sas megasas | | Failed to allocate LD targetid list buffer | it got no memory (LD targetid list buffer), so it was not started and every disk behind it is missing
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | pci_alloc_consistent failed | it got no memory that its DMA can reach, so it was not started and every disk behind it is missing
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | dma_pool_create failed | it got no memory that its DMA can reach, so it was not started and every disk behind it is missing
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | no suitable DMA mask for {w} | it cannot do DMA here, so it was not started and every disk behind it is missing
            aacraid | | unable to create mapping | it got no memory that its DMA can reach, so it was not started and every disk behind it is missing
            smartpqi | | no heartbeat detected | its heartbeat stopped
            smartpqi | | firmware panic | its firmware stopped
            smartpqi | | controller not ready after | it did not become ready
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | fault_state({w})! | its firmware stopped with fault {1}
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | coredump_state({w})! | its firmware stopped and wrote a dump ({1})
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm mptbase | | SAS host is non-operational | it is not operational any more
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | hard reset: failed | its reset failed
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | _base_event_notification: timeout | its firmware did not answer while it was set up, or the answer's interrupt did not arrive (a card passed through to a guest)
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | failure at *_scsih_probe()! | the driver could not start it: every disk behind it is missing
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | | diag reset: FAILED | its reset failed
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | ~ | diag reset: SUCCESS | it came back by a reset
            mpt3sas mpt2sas mpt3sas_cm mpt2sas_cm | WL | sending diag reset | its driver reset the whole controller
            mptbase mptscsih ioc | | IOC is in FAULT state | its firmware stopped
            - | | ^mptbase: {w}: *IOC is in FAULT state | its firmware stopped
            - | | ^mptbase: {w}: *Diagnostic reset FAILED! (ffffffff | its reset failed, and its registers read as ones: no power, no link, or dead
            - | | ^mptbase: {w}: *Diagnostic reset FAILED | its reset failed
            - | | ^mptbase: {w}: *didn't initialize properly | it could not be started
            - | | ^mptbase: {w}: *did not come READY after reset | it did not become ready after a reset
            - | | ^mptbase: {w}: *ailed to come READY after reset | it did not become ready after a reset
            - | | ^mptbase: {w}: *Cannot recover rc = | the driver gave it up
            - | | ^mptbase: {w}: *FAULT code = {t} | its firmware stopped with fault {2}
            megaraid_sas megasas | | FW in FAULT state Fault code:{w} subcode:{w} | its firmware stopped (fault {1}, {2})
            megaraid_sas megasas | | Found FW in FAULT state | its firmware stopped
            megaraid_sas megasas | | FW in FAULT state | its firmware stopped
            megaraid_sas megasas | | Adapter is DEAD | the driver gave it up
            megaraid_sas megasas | | dapter is dead | the driver gave it up
            megaraid_sas megasas | | kill adapter | the driver gave it up
            megaraid_sas megasas | | Controller in fault | its firmware stopped
            megaraid_sas megasas | | Controller in crit error | its firmware reports a critical error
            megaraid_sas megasas | | cannot recover from previous reset failures | its reset failed
            megaraid_sas megasas | | Init cmd return status FAILED | it could not be started
            megaraid_sas megasas | ~ | Reset successful for scsi{w} | the driver's reset of it succeeded
            aacraid | | Host adapter dead {w} | the driver gave it up ({1})
            aacraid | | controller hang detected | it hangs
            hisi_sas pm80xx mvsas isci | | internal task abort: timeout and not done | it does not even answer an abort
            hisi_sas | | controller reset failed | its reset failed
            qla2xxx | W | MBX Command timeout for cmd {w} | its firmware did not answer mailbox command {1}
            aacraid | | Adapter kernel panic'd {w} | its firmware stopped (code {1})
            aacraid | | IOP reset failed | its reset failed
            aacraid | | Host adapter is dead | it is dead
            aacraid | | Adapter self-test failed | its self-test failed
            arcmsr | | wait 'abort all outstanding command' timeout | it does not answer
            arcmsr | | hardware monitor * reset failed | its reset failed
            mpi3mr | | controller is in fault | its firmware stopped
            mpi3mr | | controller faulted due to | its firmware stopped
            mpi3mr | | unrecoverable controller | the driver gave it up
            pm80xx pm8001 | | Firmware * crashed | its firmware crashed
            pm80xx pm8001 | | mpi fatal error | its firmware crashed
            hisi_sas | | controller reset failed | its reset failed
            isci | | controller * timed out | it does not answer
            qla2xxx | | ISP System Error | its firmware stopped and is started anew
            qla2xxx | | Unrecoverable Hardware Error: adapter marked OFFLINE | it is broken or gone: taken offline
            qla2xxx | | No valid firmware image found | there is no valid firmware for it, in the card or as a file
            qla2xxx | + | Disabling the board | it was switched off
            qla2xxx | | MPI Heartbeat stop | its management processor stopped
            qla2xxx | W | Performing ISP error recovery | the driver restarts it
            qla2xxx | + | Firmware dump saved | a dump of its firmware was kept
            lpfc | | Adapter heartbeat failure, taking this port offline | its heartbeat stopped: the port was taken offline
            lpfc | | 0459 Adapter heartbeat | its heartbeat stopped
            lpfc | | Port Status Event: port status reg {w} | its port reports an error (status {1})
            lpfc | | Hardware Error | a hardware error
            lpfc | | Adapter failed to init | it could not be started
            lpfc | | Adapter failed to restart | it could not be started
            qedf qedi bnx2fc bnx2i | | Recovery triggered | it is recovered after an error
            ahci ahci-imx sata_nv | | controller can't do 64bit DMA, forcing 32bit | it cannot reach memory above 4 GiB
            ahci | | failed to start port {w} (errno={w}) | port {1} could not be started ({2})
            ahci | | controller reset failed ({w}) | its reset failed ({1})
            ahci | | COMRESET failed | its port could not be reset
            """,
        CausedBy = ["pcie-link-lost", "pci-reset-failed"],
        CausedNearBy = ["pcie-link-down"],
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Update the controller's firmware; look at its own log with its vendor's tool (ssacli, storcli, arcconf, sas3flash)"),
            new("The old megacli or megaclisas-status can stop newer firmware: use storcli", Drivers: "megaraid_sas"),
            new("If it happens again with new firmware, check its cooling and seat, then replace it"),
        ],
        Origin = "drivers/scsi: hpsa.c, smartpqi, mpt3sas, megaraid, aacraid, qla2xxx, lpfc and others; drivers/message/fusion; " +
            "drivers/ata/ahci.c",
    };

    public static readonly DeviceFamily Reset = new("storage-controller-reset",
        "the storage controller {device} resets devices that do not answer")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "Commands took too long, so the controller or one of its drives was reset. A single successful reset ends the wait. " +
            "Repeated resets mean that the controller, a drive or a cable is failing.",
        Words = """
            -- | 2 | ^pm80xx {w} {w}:task abort failed status {w} | the controller pm80xx could not take a command back ({1}, status {3})
            -- | + | ^pm80xx pm8001_abort_task {w}:rc= {w} | the abort ended with {2}
            hpsa | | scsi {d}: reset *completed successfully | drive {1} was reset
            hpsa | | scsi {d}: resetting {w} | drive {1} is reset
            hpsa | E | scsi {d}: reset {w} *failed | the reset of drive {1} failed
            hpsa | W | aborted: LUN | a command was aborted
            smartpqi | | resetting scsi {d} due to cmd {w} | disk {1} is reset
            smartpqi | | waiting {w} seconds for LUN reset | a disk is reset
            smartpqi | E | reset of scsi {d}: FAILED | the reset of disk {1} failed
            mpt3sas mpt2sas | W5 | log_info({w}): originator({w}), | firmware notes {1} from {2} (PL: link or disk; IOP: itself)
            mpt3sas_cm mpt2sas_cm mpt2sas mpt3sas | + | log_info({w}): originator | its firmware notes {1}
            -- | + | log_info({w}): originator({w}) | firmware notes {1}
            mptbase | + | LogInfo({w}) | its firmware notes {1}
            - | W5 | ^mptbase: {w}: LogInfo({w}) | its firmware notes {2}
            mpt3sas mpt2sas | | attempting task abort | a command is aborted
            - | | ^mptscsih: {w}: attempting task abort | a command is aborted (in a guest of VMware: the host's storage is too slow)
            - | | ^mptscsih: {w}: attempting target reset | a disk is reset
            - | | ^mptscsih: {w}: attempting bus reset | the bus is reset
            - | | ^mptscsih: {w}: attempting host reset | the whole controller is reset
            sd mpt3sas mpt2sas scsi | | attempting host reset | the whole controller is reset
            sd mpt3sas mpt2sas scsi | | attempting target reset | a disk is reset
            sd mpt3sas mpt2sas scsi | | attempting device reset | a disk is reset
            sd scsi | | attempting task abort | a command is aborted
            -- | | attempting task abort! scmd({w}) | a command is aborted
            megaraid_sas megasas | | resetting fusion adapter scsi{w} | it is reset
            megaraid_sas megasas | | waiting for {w} commands to complete | {1} commands are waited for
            megaraid_sas megasas | | pending commands remain after waiting | commands were not answered
            - | | {w}: RESET cmd={w} retries | it is reset, for the SCSI command {2} was not answered
            -- | | ^megasas: RESET cmd= | it is reset
            megasas | | [ *]waiting for {w} commands | {1} commands are waited for
            - | + | ^{d}: Command found on device queue | the command had not been sent yet
            - | + | ^{d}: Command already completed | the command had ended meanwhile
            - | + | ^{d}: Cmd aborted from QINFIFO | the command had not been sent yet
            - | | ^{d}: ABORT operation started | a command is aborted: no answer in time
            - | | ^{d}: ABORT operation timed-out | aborting a command did not help
            - | | ^{d}: DEVICE RESET operation started | a disk is reset
            - | | ^{d}: BUS RESET operation started | the bus is reset
            - | | ^{d}: HOST RESET operation started | the whole controller is reset
            - | | ^3w-{e}: scsi{w}: *timed out, resetting card | a command did not end in time, and the controller is reset
            scsi sd | | Attempting to queue an ABORT | a command is aborted: no answer in time
            scsi sd | | Attempting to queue a TARGET RESET | a disk is reset
            scsi sd aic7xxx aic79xx | | Attempting to abort cmd | a command is aborted: no answer in time
            aacraid | | Host adapter abort request | a command is aborted
            aacraid | | Host bus reset request. SCSI hang | everything on it is reset
            aacraid | | Issuing IOP reset | the controller is reset
            aacraid | + | IOP reset succeeded | the reset succeeded
            aacraid | + | outstanding cmd: {t} | commands that are open: {1}
            hisi_sas | | controller resetting | it is reset
            hisi_sas | + | controller reset complete | the reset succeeded
            arcmsr | | abort device command of scsi id | a command is aborted
            arcmsr | | executing bus reset | everything on it is reset
            qla2xxx | | DEVICE RESET ISSUED nexus={d} | target {1} is reset
            qla2xxx | | Abort command issued nexus={d} | a command to {1} is aborted
            qla2xxx | W | ADAPTER RESET ISSUED | it is reset
            lpfc | | SCSI layer issued {w} Reset | {1} reset
            lpfc | | abort handler timed out | aborting a command did not help
            hv_storvsc storvsc | W20 | tag#{w} cmd {w} status: scsi {w} srb 0x4 hv {w} | the host refused command {2} (scsi {3}, srb 0x4)
            """,
        CausedBy = ["storage-controller-failed", "pcie-link-lost"],
        Ways =
        [
            new("Look at the controller's own log and its drives with the vendor's tool (ssacli, storcli, arcconf); update its firmware"),
            new("Look at the drives' error counters and at backplane and cables", "smartctl -a /dev/{disk}"),
        ],
        Origin = "drivers/scsi: hpsa.c, smartpqi, mpt3sas, megaraid, aacraid, qla2xxx, lpfc, aic7xxx, sym53c8xx_2; LSI MPI log info codes",
    };

    public static readonly DeviceFamily FabricLost = new("storage-path-lost", "a path to storage is lost at {device}")
    {
        AnySpeaker = true,
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The fabric, a target or a path to it went away. With multipath the other paths continue to work; " +
            "when no path is left, I/O fails or waits.",
        Words = """
            - | E | {d}: remaining active paths: 0 | no path is left
            - | + | {d}: remaining active paths: {w} | {2} paths are left
            - | | rport-{d}: blocked FC remote port time out | the target did not come back in time
            - | W | {d}: ping timeout of {w} secs expired | the iSCSI target did not answer in {2} s
            - | W | {d}: detected conn error ({w}) | the iSCSI connection broke ({2})
            - | E | {d}: session recovery timed out after {w} secs | the iSCSI target did not come back in {2} s
            qla2xxx | | LOOP DOWN detected | its fibre link is down
            qla2xxx | | Cable is unplugged | no cable
            qla2xxx | + | LOOP UP detected | its fibre link is up again
            lpfc | | Link Down Event | its fibre link is down
            lpfc | | Devloss timeout on WWPN {d} | target {1} did not come back in time
            nvme | W | starting error recovery | the connection to its target broke
            nvme | W | failed nvme_keep_alive_end_io | the target does not answer the keep-alive
            nvme | W | Reconnecting in {w} seconds | it is connected anew
            """,
        CausedBy = ["storage-controller-failed", "nic-link-flaps"],
        CausedNearBy = ["storage-controller-failed", "nic-firmware-failed", "nic-transmit-stuck"],
        Ways =
        [
            new("Check which paths are left", "multipath -ll"),
            new("Look at the fabric: the switch's log and ports, the target's own log"),
        ],
        Origin = "drivers/md/dm-mpath.c fail_path(); drivers/scsi/scsi_transport_fc.c, scsi_transport_iscsi.c, libiscsi.c; " +
            "drivers/nvme/host",
    };

    public static readonly DeviceFamily UsbDied = new("usb-controller-died", "the USB host controller {device} died")
    {
        Area = Area.Hardware,
        Milder = "the USB host controller {device} does not do all that it is asked for",
        Cause = "A USB controller that stops is given up: then every USB device behind it, disks too, is gone, " +
            "and their errors are consequences. A Host System Error is a PCIe or DMA access of the controller that failed.",
        Words = """
            xhci_hcd xhci-hcd | | HC died; cleaning up | it was given up
            xhci_hcd xhci-hcd | | xHCI host controller not responding, assume dead | it does not answer and is taken for dead
            xhci_hcd xhci-hcd | | WARNING: Host System Error | Host System Error: its access to memory failed
            xhci_hcd xhci-hcd | + | not responding to stop endpoint command | it does not stop an endpoint
            xhci_hcd xhci-hcd | + | Host halt failed, {w} | it does not stop ({1})
            xhci_hcd xhci-hcd | + | USBSTS: {t} | its status: {1}
            xhci_hcd xhci-hcd | W | Abort failed to stop command ring | it does not stop its command ring
            ehci-pci ehci_hcd ehci-platform uhci_hcd ohci ohci-pci | | HC died; cleaning up | it was given up
            ehci-pci ehci_hcd ehci-platform uhci_hcd ohci ohci-pci | | fatal error | a fatal error
            ehci-pci ehci_hcd ehci-platform uhci_hcd | | host system error, PCI problems? | its access to memory failed
            uhci_hcd ehci-pci | | host controller process error | it found a wrong schedule in memory
            """,
        CausedBy = ["pcie-link-lost"],
        CausedNearBy = ["pcie-link-down"],
        Ways =
        [
            new("Look for PCIe and IOMMU errors of it before that; update its firmware and the machine's"),
            new("Bind it again, which may bring its devices back",
                "echo {bdf} > /sys/bus/pci/drivers/xhci_hcd/unbind; echo {bdf} > /sys/bus/pci/drivers/xhci_hcd/bind", null, "xhci"),
            new("If disks are connected to it: check that they get enough power (a powered hub)"),
        ],
        Origin = "drivers/usb/host/xhci-ring.c, xhci.c; drivers/usb/core/hcd.c usb_hc_died()",
    };

    public static readonly DeviceFamily UsbSetup = new("usb-setup-fails", "the USB host controller {device} could not set up a device")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "The controller gives a new device its address and waits for the answer. None came: the device, its cable, the hub " +
            "before it or their power; if it is so with every device on every port, the controller or its firmware.",
        Words = """
            xhci_hcd xhci-hcd | | Timeout while waiting for setup device command | a device did not answer in time
            xhci_hcd xhci-hcd | | Timeout while waiting for address device command | a device did not answer in time
            xhci_hcd xhci-hcd | | Timeout while waiting for configure endpoint command | a device was not configured in time
            xhci_hcd xhci-hcd | | Timeout while waiting for evaluate context command | a device was not configured in time
            xhci_hcd xhci-hcd | | Error while assigning device slot ID | no slot was given for a device
            """,
        CausedNearBy = ["usb-controller-died", "pcie-link-lost"],
        Ways =
        [
            new("Try the device with another cable, at another port, without a hub, or behind one with a power supply of its own",
                "lsusb -t"),
        ],
        Origin = "drivers/usb/host/xhci.c xhci_setup_device(), xhci_configure_endpoint(), xhci_alloc_dev()",
    };

    public static readonly DeviceFamily UsbTransfers = new("usb-transfers-fail", "transfers to the USB device {device} fail")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "-71 (EPROTO) and -84 (EILSEQ): the answer on the cable was garbled or missing; -110: no answer in time; -32: " +
            "the device refused. Suspect cable, plug, hub, power and the device itself before the driver.",
        Words = """
            r8152 cdc_ncm cdc_ether rndis_host asix ax88179 smsc95xx smsc75xx lan78xx | W2 | Tx status -{w} | sending fails with -{1}
            r8152 cdc_ncm cdc_ether rndis_host asix ax88179 smsc95xx smsc75xx lan78xx | W2 | Rx status -{w} | receiving fails with -{1}
            r8152 | W2 | get_registers -{w} | its registers cannot be read (-{1})
            r8152 | W2 | set_registers -{w} | its registers cannot be written (-{1})
            r8152 | | Failed to read {w} bytes at {e} (-{w}) | its registers cannot be read (-{3})
            asix ax88179 smsc95xx smsc75xx | W2 | Failed to read reg index {w}: -{w} | its registers cannot be read (-{2})
            asix ax88179 smsc95xx smsc75xx | W2 | Failed to write reg index {w}: -{w} | its registers cannot be written (-{2})
            lan78xx | W2 | Failed to read register index {w}. ret = -{w} | its registers cannot be read (-{2})
            - | W3 | ^{w}: Non-zero status (-{w}) in video completion handler | pictures of a camera are lost (-{2})
            """,
        CausedBy = ["usb-controller-died"],
        Ways =
        [
            new("Try another cable and port, without a hub or behind one with its own power"),
            new("Test whether energy saving is the cause: keep the device awake", "echo on > /sys/bus/usb/devices/DEVICE/power/control"),
        ],
        Origin = "drivers/net/usb/r8152.c, asix_common.c, smsc95xx.c, lan78xx.c; Documentation/driver-api/usb/error-codes.rst",
    };

    public static readonly DeviceFamily UsbAnswers = new("usb-controller-answers-wrong",
        "the USB host controller {device} reports transfers that the driver did not request")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "An xHCI controller writes an event for each transfer that ended, " +
            "and the driver looks for the transfer that it belongs to. Here there is none: " +
            "the controller's firmware (or, in a virtual machine, its emulation) reports a transfer twice or too late, " +
            "the driver lacks a quirk for it, or the device on that endpoint was reset meanwhile. " +
            "Data of that device can be missing or late.",
        Words = """
            xhci_hcd xhci-hcd | | ERROR Transfer event TRB DMA ptr not part of current TD ep_index {w} comp_code {w} | an event (completion code {2}) of endpoint index {1} belongs to no current transfer
            xhci_hcd xhci-hcd | | Transfer event TRB DMA ptr not part of current TD | an event belongs to no current transfer
            xhci_hcd xhci-hcd | I | Event TRB for slot {w} ep {w} with no TDs queued | an event of slot {1}, endpoint {2}, where nothing was asked for
            xhci_hcd xhci-hcd | | Transfer event for disabled endpoint | an event of an endpoint that is switched off
            xhci_hcd xhci-hcd | | Transfer event for unknown stream ring | an event of a stream that is not known
            xhci_hcd xhci-hcd | | ERROR unknown event type {w} | an event of unknown type {1}
            xhci_hcd xhci-hcd | | mismatched command completion event | an answer to another command than the one that waits
            xhci_hcd xhci-hcd | I | buffer overrun event for slot {w} ep {w} | more data came from slot {1}, endpoint {2}, than there was room for
            xhci_hcd xhci-hcd | + | Looking for event-dma {w} | it looked for {1}
            """,
        CausedNearBy = ["pcie-link-lost"],
        Ways =
        [
            new("Find the device at that slot, and try it at another port or another controller", "lsusb -t"),
            new("Update the kernel, the firmware of controller and device; " +
                "in a virtual machine try another USB controller model, or pass the whole controller through"),
        ],
        Origin = "drivers/usb/host/xhci-ring.c handle_tx_event(), handle_cmd_completion()",
    };

    public static readonly DeviceFamily UsbDevice = new("usb-device-failed", "the USB device {device} does not work")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "The device does not answer on its port: cable, plug, power, or the device.",
        Words = """
            usb hub | W | over-current | the port draws too much current
            usb | W20 | device descriptor read | its description cannot be read
            usb | W2 | device not accepting address {w}, error {w} | it does not take its address (error {2})
            usb | I | unable to enumerate USB device | no device could be set up on the port
            usb | W5 | reset SuperSpeed | it is reset
            usb | W5 | reset high-speed USB device number | it is reset
            """,
        CausedNearBy = ["usb-controller-died"],
        Explains = ["usb-setup-fails"],
        Ways = [new("Replace cable and port, use an external power supply; find out which device it is", "lsusb -t")],
        Origin = "drivers/usb/core/hub.c",
    };
}
