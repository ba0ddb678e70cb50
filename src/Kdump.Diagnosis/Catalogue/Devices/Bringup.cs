namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>What a device needs before it works: its firmware file, and for a network interface queues, memory and interrupts.</summary>
internal static class Bringup
{
    public static readonly DeviceFamily FirmwareFile = new("firmware-file-missing",
        "{device} was not started: its firmware file is missing")
    {
        Area = Area.Hardware,
        Milder = "{device}: a firmware file is missing",
        In = Life.First,
        Cause = "The driver loads this file into the device, and it is not in /lib/firmware (or not in the initramfs, if the driver " +
            "starts there). The package with the firmware is not installed, or older than the kernel: a newer driver asks for a newer " +
            "file. The device itself is not at fault.",
        Words = """
            bnx2 | | an't load firmware file {t} | the driver asks for {1}
            bnx2 | + | Error loading firmware | the driver could not load it
            bnx2 | + | HW init failed, aborting | the interface was not started
            bnx2 | + | Firmware loading failed | the driver could not load it
            iwlwifi | | no suitable firmware found | no file that this driver takes is there
            iwlwifi | + | minimum version required: {t} | the oldest file that it takes is {1}
            iwlwifi | + | maximum version supported: {t} | the newest file that it takes is {1}
            ath6kl ath10k ath11k ath12k | | could not fetch firmware files (-2) | no file of this chip is there
            ath6kl ath10k ath11k ath12k | + | could not probe fw (-2) | the chip was not started
            rtw_ rtw88_ rtw89_ | | failed to request firmware | the file could not be read
            amdgpu radeon | | ailed to load firmware "{e}" | the driver asks for {1}
            tg3 e100 | W | ailed to load firmware "{e}" | the driver asks for {1}
            qla2xxx | | Failed to load firmware image ({e}) | the driver asks for {1}
            xhci_hcd xhci-pci-renesas | | failed to load firmware {w}.{w}: -2 | the driver asks for {1}.{2}
            ice | W | The DDP package file was not found or could not be read | without its DDP package the card works in safe mode only
            """,
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Install the firmware package that fits the kernel, then rebuild the initramfs and load the driver anew",
                "dnf install linux-firmware && dracut -f   # Debian: apt install firmware-linux; Ubuntu: apt install linux-firmware; " +
                "then update-initramfs -u"),
            new("Until then start the older kernel, whose driver asks for an older file"),
        ],
        Origin = "drivers/base/firmware_loader/main.c and the drivers' own words: broadcom/bnx2.c, bnx2x; intel/iwlwifi, ath10k, rtw88, " +
            "amdgpu, qla2xxx, ice",
    };

    public static readonly DeviceFamily NotOpened = new("nic-not-opened", "the network interface {device} could not be brought up")
    {
        Area = Area.Hardware,
        Cause = "When an interface is brought up, its driver asks the kernel and the card for queues, memory and interrupts; " +
            "one of them was refused, and the number tells why: -12 (ENOMEM), -28 (ENOSPC) no interrupt or ring is left, " +
            "-22 (EINVAL) a value is out of range for this kernel or firmware (rings, channels, MTU, XDP) or the driver has a fault. " +
            "If it began with a new kernel, that is the first suspect, not the card.",
        Words = """
            bnxt_en | | bnxt_alloc_mem err: {w} | its queues and buffers were refused ({1})
            bnxt_en | | bnxt_init_nic err: {w} | its queues could not be set up ({1})
            bnxt_en | | bnxt_init_int_mode err: {w} | it got no interrupts ({1})
            bnxt_en | | bnxt_request_irq err: {w} | it got no interrupts ({1})
            bnxt_en | | bnxt_reserve_rings err: {w} | its firmware has no rings left ({1})
            bnxt_en | | nic open fail (rc: {w}) | its driver gave up ({1})
            vmxnet3 | | ailed to activate dev: error {w} | the hypervisor did not start it (error {1})
            hv_netvsc | | unable to establish receive buffer's gpadl | the host took no receive buffer
            hv_netvsc | | unable to establish send buffer's gpadl | the host took no send buffer
            hns3 | | net up fail, ret={w} | its driver gave up ({1})
            -- | + | ^page_pool_create_percpu() gave up with errno {w} | the kernel refused it a pool of pages ({1})
            """,
        CausedBy = ["pcie-link-lost", "nic-firmware-failed"],
        Ways =
        [
            new("If it worked with another kernel, start that one; then report it, or take a kernel in which it is mended",
                "uname -r; journalctl --list-boots"),
            new("Check rings, channels and MTU against what the card can do", "ethtool -g {name}; ethtool -l {name}; ip link show {name}"),
        ],
        Origin = "drivers/net/ethernet/broadcom/bnxt/bnxt.c __bnxt_open_nic(); vmxnet3_drv.c; hns3_enet.c; net/core/page_pool.c",
    };
}
