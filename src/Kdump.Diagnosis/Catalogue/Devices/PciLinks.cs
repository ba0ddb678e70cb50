namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>PCI functions that no longer answer, ports whose link went down, functions that do not come back from a reset.</summary>
internal static class PciLinks
{
    public static readonly DeviceFamily Lost = new("pcie-link-lost", "{device} no longer answers on PCIe")
    {
        Area = Area.Hardware,
        Cause = "Every read of it returns all ones: the link is down, the device has no power, " +
            "or it did not come back from a sleep state. Later errors of its driver are consequences.",
        Words = """
            igb igc igbvf e1000e | | PCIe link lost | its PCIe link was lost
            ixgbe txgbe | | Adapter removed | the driver reads all ones and takes the adapter for removed
            ice i40e iavf | | PCI device is removed | the driver takes it for removed
            igc igb | + | Failed to read reg {w} | register {1} cannot be read
            -- | + | igc: Failed to read reg {w} | register {1} cannot be read
            r8169 | | PCIe device lost | it is gone
            r8169 r8168 r8125 8139cp | | PCI error (cmd = 0xffff, status = 0xffff) | its command and status registers read as all ones
            e100 tg3 bnx2 bnx2x | | register reads as all ones | its registers read as all ones
            mlx5_core | | PCI slot is unavailable | its slot does not answer
            mlx5_core mlx4_core | | device's PCI channel is offline | its PCI channel is offline
            bnxt_en | | Device is gone | it is gone
            * | | nable to change power state from {w} to D0, device inaccessible | it did not come back from {1}
            * | | nable to change power state from {w} to {w}, device inaccessible | it did not go from {1} to {2}: it does not answer
            * | | can't change power state from {w} to {w} (config space inaccessible) | it did not go from {1} to {2}: it does not answer
            * | W | Refused to change power state, currently in D3 | it did not come back from D3
            * | W | refused to change power state from {w} to {w} | it did not go from {1} to {2}
            iwlwifi | | Read failed at {w} | register {1} cannot be read
            megaraid_sas | | PCI device * is dead | it is gone
            qla2xxx | | PCI/Register disconnect | its registers are gone
            qla2xxx | | PCI disconnect detected | it is gone
            lpfc | | PCI error: * permanent failure | it is given up
            xhci_hcd | + | PCI device * removed | it is gone
            xhci_hcd | + | Host not accessible, reset failed | it cannot be reached for a reset
            thunderbolt | | disabling interrupt at register {w} bit {w} (0xffffffff -> | its registers read as all ones
            """,
        CausedNearBy = ["pcie-link-down"],
        Explains =
        [
            "kernel-warning:igc_rd32", "kernel-warning:igb_rd32", "device-timeout:{0}", "driver-probe-failed:{bdf}",
        ],
        Ways =
        [
            new("Check the link's state: speed, width, its port's error bits", "lspci -vvv -s {bdf}"),
            new("To test whether power saving of the link is the cause, boot with pcie_aspm=off pcie_port_pm=off; " +
                "update the machine's firmware (BIOS)", Risk: "the machine draws more"),
            new("Reseat it, try another slot; check its power and its cooling"),
            new("vfio-pci lets an idle device sleep in D3cold; if it does not wake up, load the module with disable_idle_d3=1",
                "echo options vfio-pci disable_idle_d3=1 > /etc/modprobe.d/vfio-idle.conf", "the device draws power while it is idle",
                "vfio-pci"),
        ],
        Origin = "drivers/pci/pci.c pci_power_up(); igb_main.c igb_rd32(), igc_main.c igc_rd32(), ixgbe_main.c ixgbe_remove_adapter()",
    };

    public static readonly DeviceFamily Down = new("pcie-link-down", "the PCIe link below port {bdf} went down")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The hot-plug driver saw the link of its slot go down and removed what was behind it. The slot's button was not pressed: " +
            "the device lost power or was removed, its firmware was reloaded, or the link failed.",
        Words = """
            pcieport pciehp | | lot({e}): Link Down | slot {1}: link down
            pcieport pciehp | | lot({e}): Card not present | slot {1}: card not present
            pcieport pciehp | | Card not present on Slot({e}) | slot {1}: card not present
            pcieport pciehp | E | lot({e}): Power fault | slot {1}: power fault
            pcieport pciehp | E | ower fault on Slot({e}) | slot {1}: power fault
            pcieport pciehp | | lot({e}): Latch open | slot {1}: its latch was opened
            pcieport pciehp | | annot train link: status {w} | the link does not train (status {1})
            pcieport pciehp | W | ailed to check link status | the link did not come up again
            pcieport pciehp | I | lot({e}): Attention button pressed | slot {1}: somebody pressed the button
            pcieport pciehp | + | Timeout on hotplug command {w} | the slot did not carry out command {1} in time
            pcieport pciehp | + | pciehp_unconfigure_device: domain:bus:dev = {d} | device {1} was removed
            pcieport pciehp | + | lot({e}): Link Up | slot {1}: the link came up again
            pcieport pciehp | + | lot({e}): Card present | slot {1}: a card is there again
            pcieport pciehp | + | lot({e}): Link Down/Up ignored | slot {1}: link down and up, ignored
            pcieport pci | W | broken device, retraining non-functional downstream link | the link below does not work and is trained again
            pcieport | W | ata Link Layer Link Active not set in {w} msec | the link did not come up within {1} ms
            """,
        Explains = ["hard-lockup:qi_submit_sync", "soft-lockup:qi_submit_sync"],
        Ways =
        [
            new("Check the device in that slot: its seating or cable, its power, and whether its firmware was reloaded at that time",
                "lspci -vvv -s {bdf}"),
        ],
        Origin = "drivers/pci/hotplug/pciehp_ctrl.c, pciehp_hpc.c",
    };

    public static readonly DeviceFamily SlotPower = new("pci-slot-power-fault", "a hot-plug slot of {device} lost its power")
    {
        Area = Area.Hardware,
        Cause = "The controller of the PCI slots detected a power fault: the card draws too much power, has a short circuit, " +
            "or is badly seated. Later errors of its driver, and of code that reads from the card, are consequences.",
        Words = """
            cpqphp | | ower fault | power fault
            shpchp | | lot({e}): Power fault | slot {1}: power fault
            shpchp ibmphp | | ower fault | power fault
            pciehp_hpc | | ower fault | power fault
            """,
        Explains = ["nmi-system-error", "nmi-unknown-reason"],
        Ways =
        [
            new("Find the card in that slot; reseat it, try it in another slot and without its neighbours", "lspci -vt"),
            new("Check the machine's power supplies"),
        ],
        Origin = "drivers/pci/hotplug/cpqphp_ctrl.c handle_power_fault(), shpchp_ctrl.c",
    };

    public static readonly DeviceFamily ResetFailed = new("pci-reset-failed",
        "{device} does not come back from a reset or a change of its power state")
    {
        Area = Area.Hardware,
        Cause = "After a reset, a resume or another change of power the function must answer its configuration space " +
            "within a minute. " +
            "If it does not, neither a guest nor its driver can use it again until the machine has been switched off.",
        Words = """
            * | | not ready {w} after {e}; giving up | it was not ready {1} after {2}
            * | W | not ready {w} after {e}; waiting | it was not ready {1} after {2} and is waited for
            * | + | ready {w} after {t} | it was ready {1} after {2}
            vfio-pci vfio_pci | W | vfio_bar_restore: reset recovery | its BARs were lost: it was reset, or lost power, without the driver
            vfio-pci vfio_pci | W | reset recovery - restoring | its BARs were lost: it was reset, or lost power, without the driver
            vfio-pci vfio_pci | W | invalid power transition | a change of its power state failed
            vfio-pci vfio_pci | W | timed out waiting for pending transaction; performing | it still had requests
            * | W | timed out waiting for pending transaction; performing function level reset anyway | it still had requests
            vfio-pci vfio_pci | | VFIO * reset failed | the reset failed
            nvme | | failed to reset | the reset failed
            """,
        CausedBy = ["pcie-link-lost"],
        CausedNearBy = ["pcie-link-down"],
        Ways =
        [
            new("Check which reset methods it has; a bus reset, if it is the only one, resets all functions of the slot",
                "cat /sys/bus/pci/devices/{bdf}/reset_method"),
            new("Check the device's power, cable and cooling: a device that lost power forgets its BARs without any reset", null, null,
                "vfio"),
            new("Update its firmware; switch the machine off and on, not only restart it"),
        ],
        Origin = "drivers/pci/pci.c pci_dev_wait(), pcie_flr(); drivers/vfio/pci/vfio_pci_config.c vfio_bar_restore()",
    };

    public static readonly DeviceFamily NoResources = new("pci-resources-missing", "there is not enough address space for {device}")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The bridges above it have no window that is large enough, or no bus numbers left. Firmware assigns both. " +
            "The shortage is of address space, not of interrupt vectors.",
        Words = """
            * | E | not enough MMIO resources for SR-IOV | the memory windows do not hold its virtual functions
            * | E | SR-IOV: bus number out of range | the bus numbers do not reach its virtual functions
            * | E | can't enable {w} VFs (bus {e} out of range of | bus numbers do not reach {1} virtual functions
            """,
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Switch on Above 4G Decoding and SR-IOV support in the BIOS; or let the kernel reassign the windows: " +
                "boot with pci=realloc (bus numbers: pci=assign-busses)", Risk: "with pci=realloc some machines do not find other devices"),
            new("Ask for fewer virtual functions", "cat /sys/bus/pci/devices/{bdf}/sriov_totalvfs"),
        ],
        Origin = "drivers/pci/iov.c sriov_enable(); drivers/pci/setup-res.c; drivers/pci/probe.c",
    };

    public static readonly DeviceFamily SriovRefused = new("sriov-refused",
        "virtual functions (SR-IOV) of {device} could not be switched on")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The driver or the kernel refused the virtual functions that were asked for. " +
            "The lines before it, or the error number, show what is missing (memory windows, bus numbers, MSI-X vectors of the card, " +
            "its firmware's settings): -12 no window, -19 no such device, -28 no vectors, -22 more than it has.",
        Words = """
            * | | Failed to enable SR-IOV: {w} | it was refused ({1})
            * | | failed to enable SRIOV | it was refused
            * | | Failed to enable PCI sriov: {w} | it was refused ({1})
            * | | pci_enable_sriov failed : {w} | it was refused ({1})
            """,
        CausedBy = ["pci-resources-missing", "pci-msix-short"],
        Ways =
        [
            new("Check how many the card has, and whether the BIOS allows them (SR-IOV, Above 4G Decoding, ARI)",
                "cat /sys/bus/pci/devices/{bdf}/sriov_totalvfs; lspci -vvv -s {bdf}"),
        ],
        Origin = "drivers/pci/iov.c sriov_enable(); the drivers in drivers/net/ethernet",
    };

    public static readonly DeviceFamily NoMsix = new("pci-msix-short", "{device} has too few MSI-X vectors of its own")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The card's own MSI-X table, or the part of it that its physical function keeps for virtual functions, " +
            "is too small for what was asked for. This is a limit of the card, not of the CPUs' interrupt vectors: more CPUs do not help.",
        Words = """
            igbvf ixgbevf | E | Failed to initialize MSI-X interrupts | the virtual function got no MSI-X vectors
            ixgbevf | E | Unable to allocate MSI-X interrupts | the virtual function got no MSI-X vectors
            iavf i40evf | | ot enough MSI-X vectors | the virtual function got too few MSI-X vectors
            i40e ice iavf idpf | | ot enough device MSI-X vectors, requested = {w}, available = {w} | {1} were requested, {2} are available
            i40e ice iavf idpf | | ot enough device MSI-X vectors. wanted = {w}, available = {w} | {1} were wanted, {2} are available
            i40e | | ot enough MSI-X vectors | the driver left features off for it
            ice | E | Only {w} MSI-X interrupts available for SR-IOV. Not enough to support minimum of {w} MSI-X interrupts per VF for {w} VFs | {1} are left for virtual functions, too few for {3} of them
            hns3 | E | Just {w} msi resources available, not enough for vf(min:{w}) | {1} are available, a virtual function needs {2}
            qede qed | | Trying to enable MSI-X with less vectors ({w} out of {w}) | {1} of {2} were given
            bnxt_en | E | Not enough MSI-X | the firmware gives it too few
            """,
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Use fewer queues, or fewer virtual functions", "cat /sys/bus/pci/devices/{bdf}/sriov_numvfs; ethtool -l {name}"),
            new("See the size of its table (MSI-X: Count=), and what its physical function's settings keep for each function",
                "lspci -vv -s {bdf} | grep MSI-X"),
        ],
        Origin = "drivers/net/ethernet/intel (igbvf, ixgbevf, i40e, ice, iavf), hisilicon/hns3, qlogic/qede",
    };

    public static readonly DeviceFamily NoWindow = new("pci-bar-unassigned", "a memory window (BAR) of {device} has no address")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "No window of the bridges above the device is free and large enough for it, so its driver cannot reach it. " +
            "Firmware assigns the windows, and the kernel tries again with the space that is left. " +
            "The shortage is of address space, not of interrupt vectors.",
        Words = """
            * | | ^BAR {w}: failed to assign [mem {e}] | BAR {1} [{2}] was not placed
            * | | ^BAR {w} [mem {e}]: failed to assign | BAR {1} [{2}] was not placed
            * | | ^BAR {w}: no space for [mem {e}] | BAR {1} [{2}] found no space
            * | | ^BAR {w} [mem {e}]: can't assign; no space | BAR {1} [{2}] found no space
            * | - | ^BAR {w}: assigned [mem | BAR {1} was placed
            * | - | ^BAR {w} [mem {e}]: assigned | BAR {1} was placed
            """,
        Code = 1,
        // BAR 6 is the expansion ROM; 7 and above are virtual functions and bridge windows. A machine works without them.
        Holds = taken => taken.Count > 0 && taken[0] is ['0' or '1' or '2' or '3' or '4' or '5'],
        Explains = ["driver-probe-failed:{bdf}", "gpu-driver-failed:{0}"],
        Ways =
        [
            new("Switch on Above 4G Decoding (and Resizable BAR only if all cards fit) in the BIOS; " +
                "or let the kernel reassign the windows: " +
                "boot with pci=realloc", Risk: "with pci=realloc some machines do not find other devices"),
            new("List the windows and their sizes", "lspci -vv -s {bdf}"),
        ],
        Origin = "drivers/pci/setup-res.c pci_assign_resource(), drivers/pci/setup-bus.c",
    };

    public static readonly DeviceFamily Eeh = new("pci-eeh-frozen", "EEH froze PCI devices of PE {device}")
    {
        Area = Area.Hardware,
        Cause = "On POWER the hardware isolates a device after an error (as a PE, a unit of isolation); " +
            "reads return all ones until the kernel has reset it. After several errors within an hour the kernel gives it up.",
        Words = """
            - | | EEH: Frozen PE#{w} on PHB#{w} detected | PE {1} of PHB {2} is frozen
            - | | EEH: Frozen PHB#{e}-PE#{w} detected | PE {2} of PHB {1} is frozen
            -- | E | EEH: Unable to recover from failure | the recovery failed: the device is given up
            -- | E | EEH: * has failed {w} times in the last hour and has been permanently disabled | it failed {1} times and was given up
            -- | + | EEH: PE location: {t} | its place: {1}
            -- | + | EEH: Notify device driver to resume | the recovery succeeded
            -- | + | EEH: Recovery successful | the recovery succeeded
            """,
        Ways = [new("Look at the card in that place: seat, firmware, driver", "lspci -nnk"), new("Read the service processor's error log")],
        Origin = "arch/powerpc/kernel/eeh.c, eeh_driver.c",
    };

    public static readonly DeviceFamily HostBridgeFenced = new("pci-host-bridge-fenced", "the PCI host bridge PHB {device} was fenced off")
    {
        Area = Area.Hardware,
        Cause = "On POWER the hardware cuts off a whole host bridge (PHB) after an error of its own or of a card below it: every device " +
            "there reads as all ones until firmware and kernel have reset it. Often a card that was reset or reprogrammed, or left the " +
            "bus, is the reason; else the bridge or the processor. The bridge's diagnostic data below, and firmware's log, tell more.",
        Words = """
            - | | EEH: Fenced PHB#{w} detected | it is cut off with every device below it
            - | | EEH: dead PHB#{w} detected | it is dead
            - | | EEH: PHB#{w} failure detected | it failed
            -- | + | EEH: This PCI device has failed {w} times in the last hour | a device failed {1} times within an hour
            -- | + | EEH: Notify device drivers to shutdown | the drivers of its devices are told to stop
            -- | + | reflashing, so opting out of EEH | an accelerator card (cxl) is being reprogrammed and takes no part in the recovery
            -- | E | EEH: Not recovered | it was not recovered
            """,
        Ways =
        [
            new("Read firmware's log, and the service processor's, for the reason", "cat /sys/firmware/opal/msglog"),
            new("Find the cards below it; check their seat, firmware and driver", "lspci -tnn"),
        ],
        Origin = "arch/powerpc/platforms/powernv/eeh-powernv.c pnv_eeh_next_error(), arch/powerpc/kernel/eeh_driver.c",
    };
}
