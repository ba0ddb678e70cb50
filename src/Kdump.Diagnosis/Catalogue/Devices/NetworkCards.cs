namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>
/// Network cards: drivers/net/ethernet and net/sched/sch_generic.c. Wordings are those of the drivers' own messages, old and new.
/// </summary>
internal static class NetworkCards
{
    /// <summary>Drivers whose firmware devlink shows, and drivers whose firmware is a file of the distribution.</summary>
    private const string WithDevlink = "mlx bnxt ice i40e nfp qed hns3 hinic sfc liquidio", Wireless = "iwl ath mt7 mwifiex rtw brcm wil";

    public static readonly DeviceFamily TransmitStuck = new("nic-transmit-stuck", "the network card {device} stopped sending")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "Packets were handed to the card, but their completion did not arrive. Possible causes: " +
            "a lost interrupt, DMA that fails, or firmware that hangs.",
        Words = """
            - | | NETDEV WATCHDOG: {d} ({w}): transmit queue {w} timed out | its transmit queue {3} timed out (driver {2})
            - | | NETDEV WATCHDOG: {d}: transmit timed out | its transmit queue timed out
            - | | NETDEV WATCHDOG: {d}: timed out | its transmit queue timed out
            virtio_net qmi_wwan cdc_mbim cdc_ncm cdc_ether rndis_host r8152 asix ax88179 lan78xx smsc95xx | | NETDEV WATCHDOG: CPU: {w}: transmit queue {w} timed out | its transmit queue {2} timed out
            * | | NETDEV WATCHDOG: CPU: {w}: transmit queue {w} timed out | its transmit queue {2} timed out
            virtio_net | | TX timeout on queue: {w}, sq: {e}, | the host did not take the packets of queue {1}
            e1000e e1000 igb igbvf igc ixgb ixgbe | | Detected Hardware Unit Hang | its transmit ring stands still (hardware unit hang)
            igb igc ixgbe ixgb e1000 txgbe ngbe | | Detected Tx Unit Hang | its transmit ring stands still (Tx unit hang)
            - | | ^{w}: Detected Tx Hung | its transmit ring stands still (Tx hung)
            - | | ^{w}: Detected Hardware Unit Hang | its transmit ring stands still (hardware unit hang)
            ixgbe txgbe | | tx hang {w} detected on queue {w}, resetting | transmit queue {2} hangs
            ixgbe txgbe | | initiating reset due to tx timeout | a transmit queue stands still
            ixgbe txgbe | + | Fake Tx hang detected | the driver took a slow queue for a hanging one
            ixgbe txgbe | W3 | initiating reset to clear Tx work after link loss | it is reset: packets are left after the link was lost
            i40e ice iavf | | tx_timeout: VSI_*, Q {w}, | transmit queue {1} stands still
            -- | | tx_timeout: VSI_seid: *, Q {w}, NTC: | transmit queue {1} stands still
            -- | + | tx_timeout recovery level {w}, | the driver recovers at level {1} (1 function, 2 core, 3 whole card)
            i40e ice iavf | + | tx_timeout recovery level {w} | the driver recovers at level {1} (1 function, 2 core, 3 whole card)
            i40e ice | E | recovery unsuccessful | the reset did not help: the device is in a state that it cannot leave
            i40e ice | W | TX driver issue detected, PF reset issued | the card found a descriptor of the driver that is wrong
            i40e | W | TX driver issue detected on PF | the card found a descriptor of the driver that is wrong
            i40e ice ixgbe | W | Malicious Driver Detection event | the card found a descriptor that is wrong
            mlx5_core mlx4_en mlx4_core | | TX timeout detected | the driver saw a transmit queue that stands still
            mlx5_core | | TX timeout on queue: {w}, | transmit queue {1} stands still
            mlx4_en | | TX timeout on queue: {w}, | transmit queue {1} stands still
            bnxt_en | | TX timeout detected, starting reset task | a transmit queue stands still
            bnx2 | | NIC dump | the driver shows the state of a card that stands still
            tg3 | | transmit timed out, resetting | a transmit queue stands still
            tg3 | W | tg3_stop_block timed out | a part of the chip cannot be stopped
            - | | ^tg3: {w}: transmit timed out, resetting | a transmit queue stands still
            ena | | Found a Tx that wasn't completed on time | packets are not completed by the device
            ena | | lost tx completions is above the threshold | packets are not completed by the device
            gve gvnic | | TX timeout on queue | a transmit queue stands still
            gve gvnic | | imeout on tx queue | a transmit queue stands still
            qede | | TX timeout on queue {w} | transmit queue {1} stands still
            macb gem | | DMA bus error: HRESP not OK | its access to memory failed on the bus (HRESP not OK)
            ibmvnic | | tx timeout | a transmit queue stands still
            hns3 | | tx_timeout count: {w} | a transmit queue stands still
            hns3 hinic | | tx timeout | a transmit queue stands still
            ixgbevf igbvf | | Tx Unit Hang | its transmit ring stands still (Tx unit hang)
            ixgbevf igbvf | + | PF still in reset state | the physical function is still in reset
            ixgbevf igbvf | + | Reset adapter | the driver resets the virtual function
            hv_netvsc | | Ring buffer not empty after closing rndis | the host does not take what is in the ring
            hv_netvsc | | unable to close device (ret {w}) | it could not be stopped ({1}): the host does not empty the ring
            hv_netvsc | W | unable to teardown send buffer's gpadl | the host did not give the send buffer back
            vif | | xenvif: transmit queue stalled | the backend does not take packets
            net xen_netfront | | rx->offset: {w}, size: {w} | the backend answers with an error or a broken response (size {2})
            macb gem | W | halt_tx timed out | its transmitter could not be stopped
            macb gem | W | BUG: halt_tx timed out | its transmitter could not be stopped
            macb gem | + | inconsistent Rx descriptor chain | its receive descriptors are out of step
            - | | ^[qede_tx_timeout:*({w})]Tx timeout! | a transmit queue stands still
            - | + | ^[qede_recovery_handler:*({w})]Starting a recovery process | the driver starts a recovery
            atlantic | | Tx hang | a transmit queue stands still
            r8169 r8125 r8168 | E | rtl_rxtx_empty_cond == {w} (loop | the chip does not empty its queues
            r8169 r8125 r8168 | E | rtl_txcfg_empty_cond == {w} (loop | the chip does not empty its transmit queue
            r8169 r8125 r8168 | W | rtl_{w} == {w} (loop: | the chip does not answer in time ({1})
            vmxnet3 | | tx hang | the hypervisor did not take the packets
            sky2 skge | | tx timeout | a transmit queue stands still
            be2net | | TX Queue Timeout | a transmit queue stands still
            enic fnic | | Tx timeout | a transmit queue stands still
            sfc | | TX stuck with port_enabled | a transmit queue stands still
            nfp | | TX watchdog timeout on ring: {w} | transmit ring {1} stands still
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | | Reset adapter | the driver resets it
            e1000e e1000 igc | W | Reset adapter unexpectedly | the driver resets the card
            ixgbe igb e1000 e1000e igc | W | Reset adapter | the driver resets the card
            """,
        CausedBy = ["pcie-link-lost", "nic-firmware-failed", "smmu-fault", "interrupt-without-handler"],
        CausedNearBy = ["smmu-fault"],
        Explains = ["kernel-warning:dev_watchdog"],
        Ways =
        [
            new("Look for PCIe and IOMMU errors before it; update driver and firmware", "ethtool -i {name}"),
            new("The chip is known for hangs with segmentation offload: switch it off, and check whether the hangs end",
                "ethtool -K {name} tso off gso off", "more work for the CPU", "e1000e"),
            new("Test with the card's energy saving switched off", "ethtool --set-eee {name} eee off", null, "e1000e igb igc r8169 tg3"),
            new("It is a virtual device: " +
                "the host processes its packets; check the host (its load, vhost threads, the IOMMU it gives the guest)",
                Drivers: "virtio_net vmxnet3 hv_netvsc ena gve vif xen_netfront"),
            new("e1000 and e1000e in a virtual machine are emulated by the hypervisor " +
                "(VMware, VirtualBox, QEMU), as are pcnet32 and 8139cp: the hang is the hypervisor's, not a card's. " +
                "Give the guest a paravirtual card (vmxnet3, virtio-net), and look at the host's load", Drivers: "e1000 pcnet32 8139cp"),
            new("A virtual function depends on its physical one: read the host's log of that moment, " +
                "and its driver's settings (spoof check, VLAN, reset)", Drivers: "ixgbevf igbvf iavf i40evf"),
        ],
        Origin = "net/sched/sch_generic.c dev_watchdog(); the drivers in drivers/net/ethernet",
    };

    /// <summary>Embedded controllers: the MAC is in the SoC, the PHY is a chip beside it on the board.</summary>
    public static readonly DeviceFamily PhySilent = new("nic-phy-silent",
        "the network controller {device} cannot use its PHY")
    {
        Area = Area.Hardware,
        Cause = "The controller (MAC) needs the PHY's clock and its answers on MDIO. Possible causes: " +
            "the PHY has no power, clock or reset; its address or mode (phy-mode, delays) in the device tree is wrong; " +
            "or its driver is missing.",
        Words = """
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | | Failed to reset the dma | its DMA does not come out of reset: the receive clock of the PHY is missing
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | + | DMA engine initialization failed | so its DMA engine was not started
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | | cannot attach to PHY (error: {w}) | no PHY answers ({1})
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | | No phy found | no PHY answers
            stmmaceth dwmac stmmac rk_gmac imx-dwmac meson8b-dwmac socfpga-dwmac intel-eth-pci qcom-ethqos st_gmac tegra-mgbe | | no phy found | no PHY answers
            fec | | MDIO read timeout | the PHY's registers cannot be read (MDIO)
            fec | | MDIO write timeout | the PHY's registers cannot be written (MDIO)
            fec | | Unable to connect to phy | no PHY answers
            macb gem | | Could not attach to PHY ({w}) | no PHY answers ({1})
            bcmgenet bcmgenet.0 | | failed to connect to PHY | no PHY answers
            mvneta mvpp2 | | could not attach PHY: {w} | no PHY answers ({1})
            cpsw cpsw-switch am65-cpsw-nuss | | phy * not found on slave {w} | no PHY answers at port {1}
            mtk_soc_eth | | could not attach PHY: {w} | no PHY answers ({1})
            ravb sh-eth | | failed to connect PHY | no PHY answers
            """,
        Ways =
        [
            new("Check which PHY was found on the MDIO bus", "dmesg | grep -i -e phy -e mdio; ls /sys/bus/mdio_bus/devices"),
            new("Compare the board's device tree (phy-mode, reset GPIO, clocks, phy-supply) with one that works; " +
                "switch the board off and on"),
        ],
        Origin = "drivers/net/ethernet/stmicro/stmmac/stmmac_main.c, dwmac4_lib.c; freescale/fec_main.c; cadence/macb_main.c; " +
            "broadcom/genet",
    };

    public static readonly DeviceFamily FirmwareFailed = new("nic-firmware-failed", "the firmware of the network card {device} failed")
    {
        Area = Area.Hardware,
        Cause = "The card's own processor stopped, or reports a failure itself. Packets sent through it are lost until it is reset, " +
            "and a driver that continues can read invalid data from it.",
        Words = """
            mlx5_core | | device's health compromised | its health counter stands still
            mlx5_core | | Health issue observed, {e}, severity | it reports: {1}
            mlx5_core | | synd {w}: {t} | it reports syndrome {1}: {2}
            mlx5_core | + | ext_synd {w} | extended syndrome {1}
            mlx5_core | + | assert_var[0] {w} | assertion {1}
            mlx5_core | + | fw_ver {t} | firmware version {1}
            mlx5_core | | Fatal error {w} detected | a fatal error ({1}) was found
            mlx5_core | | firmware fatal error | a fatal error of the firmware
            mlx5_core | | handling bad device here | the driver gives the device up for the moment
            mlx5_core | E | NIC state still INITIALIZING | it did not come up again
            mlx5_core | E | health recovery failed | the recovery failed
            mlx5_core | + | health recovery succeeded | the recovery succeeded
            mlx5_core | W | Detected insufficient power on the PCIe slot | the slot gives too little power
            mlx5_core | W | High temperature on sensors | it is too hot
            mlx4_core | | Internal error detected | an internal error of the firmware
            mlx4_core | | command {w} timed out (go bit not cleared) | firmware command {1} was not taken
            mlx4_core | | command {w} timed out | firmware command {1} was not answered
            mlx4_core | + | device is going to be reset | the driver resets it
            mlx4_core mlx4_en | | Internal error mark was detected | an internal error was found on the device
            bnxt_en | | Firmware heartbeat stopped | its heartbeat stopped
            bnxt_en | | Firmware fatal reset event | it asks for a reset after a fatal error
            bnxt_en | W | Firmware non-fatal reset event | it asks for a reset
            bnxt_en | | Error (timeout: {w}) msg | a firmware command was not answered in {1} ms
            bnxt_en | | Firmware not responding | it does not answer
            bnxt_en | W | hwrm req_type {w} seq id {w} error {w} | firmware command {1} failed with {3}
            bnx2x | | MC assert! | an assertion of its processor
            - | | ^bnx2x: *({w})]MC assert! | an assertion of its processor
            bnx2 | | fw sync timeout | a firmware command was not answered
            i40e | | Admin Queue command {w} timeout | admin command {1} was not answered
            i40e ixgbe ice igb | | Firmware recovery mode detected | it is in recovery mode: without valid firmware it carries no traffic
            i40e | | Entering recovery mode due to repeated FW resets | it goes into recovery mode after repeated resets
            hfi1 | | Critical temperature reached | the card stopped itself because of heat
            i40e ice iavf | | critical hw error | a critical hardware error
            i40e ice | | ECC Error | memory of the card is corrupt (ECC)
            ice | | FW health event | it reports on its own health
            ice | E | Rebuild failed, unload and reload driver | the driver could not bring the card up again
            ice | | VF failed to | a virtual function was not brought up
            ice | | failed, possible FW crash | a firmware command failed: it may have crashed
            ice i40e | | FW crash | it crashed
            iavf i40evf | | Failed to init adminq: {w} | the physical function does not answer ({1}): reset, or its driver is not there
            iavf i40evf | | Reset never finished | the reset never ended
            iavf i40evf ixgbevf igbvf | W | Hardware reset detected | the physical function was reset
            ixgbe | | Detected ECC Error, resetting adapter | memory of the card is corrupt (ECC)
            ixgbe ixgb | | ECC Err - initiating reset | memory of the card is corrupt (ECC)
            ixgbe igb | | Hardware Error: {w} | starting it failed with {1}
            ixgbe | | Warning firmware error detected FWSM: {w} | it reports an error of its own (status register FWSM {1})
            ixgbe | | Adapter is overheated | the card switched itself off because of heat
            ixgbe igb | | has been stopped because it has over heated | the card switched itself off because of heat
            igb | | Network adapter is overheated | the card switched itself off because of heat
            ena | | Keep alive watchdog timeout | the device's keep-alive was not seen
            ena | + | Trigger reset is on | the driver resets it
            ena | + | wd_expired: {w} | its watchdog ran out {1} times
            ena | E | ENA admin queue is not in running state | the admin queue is closed
            ena | | The ena device didn't send a completion for the admin cmd {w} | admin command {1} was not completed
            ena | E | Failed to reset device | the reset failed
            ena | E | Reset attempt failed. Can not reset the device | the reset failed
            qede qed | | HW error occurred | a hardware error
            qede qed | | Unexpected fan failure | the fan of the card failed
            -- | | ^[qed_*]The MFW failed to respond to command {w} | management firmware does not answer command {1}
            enic | | evcmd {w} timed out | firmware command {1} was not answered
            atlantic | | FW kickstart failed | it did not start
            atlantic | | Boot code hanged | its boot code hangs
            atlantic | | FW load timed out | it was not loaded in time
            atlantic | | FW restart timed out | it did not start again
            bnxt_en | + | Resp cmpl intr err msg: {w} | the answer to command {1} did not come
            bnxt_en | + | hwrm_ring_free type {w} failed. rc:{w} err:{w} | ring of type {1} could not be freed
            bnxt_en | E | nable to allocate firmware | a firmware resource was refused
            - | | ^[qed_hw_err_notify:*({w})]HW error occurred [{e}] | a hardware error: {2}
            - | | ^[qed_*({w})]The MFW failed to respond | its management firmware does not answer
            ibmvnic | E | Adapter reset failed | the reset failed
            ibmvnic | | Login timed out | the hypervisor (VIOS) does not answer
            qed | | The MFW failed to respond to command {w} | management firmware does not answer command {1}
            qede qed | W | recovery process | it is recovered
            cxgb4 cxgb3 | | encountered fatal error, adapter stopped | a fatal error: the adapter was stopped
            cxgb4 | | firmware reports adapter error | an error of the adapter
            cxgb4 | | Firmware crash | it crashed
            be2net | | UE: {w} bit set | an unrecoverable error: {1}
            be2net | | Unrecoverable error detected in the adapter | an unrecoverable error
            be2net | | Error detected in the adapter | an error of the adapter
            be2net | | FW not responding | it does not answer
            hns3 | | {w} command timeout | a firmware command was not answered
            hns3 | | PF reset failed | the reset failed
            hns3 | W | IMP reset | its management processor is reset
            hinic | | chip heartbeat lost | its heartbeat stopped
            sfc | | MC event * reboot | its controller restarted
            sfc | | MCDI timed out | a firmware command was not answered
            sfc | W | MC (b)reboot | its controller restarted
            nfp | | NFP FW * not responding | it does not answer
            netxen qlcnic | | firmware hang detected | it hangs
            qlcnic netxen_nic | | Device is in FAILED state | it failed
            gve | W | Reset required | the device asks for a reset
            liquidio | | Octeon firmware * failed | it failed
            atlantic | | FW state change error | it does not change its state
            aq_nic | | FW state change error | it does not change its state
            iwlwifi | | Microcode SW error detected | it crashed
            iwlwifi | + | ADVANCED_SYSASSERT | it stopped itself at an assertion (ADVANCED_SYSASSERT)
            iwlwifi | + | NMI_INTERRUPT_{w} | it was stopped by an interrupt of its own (NMI_INTERRUPT_{1})
            iwlwifi | + | Loaded firmware version: {t} | firmware version {1}
            iwlwifi | W | Queue {w} is active on fifo {w} and stuck for {w} ms | transmit queue {1} stood still for {3} ms
            iwlwifi | W | Queue {w} is inactive on fifo {w} and stuck for {w} ms | transmit queue {1} stood still for {3} ms, switched off
            iwlwifi | W | Queue {w} is stuck {w} {w} | transmit queue {1} stood still
            iwlwifi | W | fail to flush all tx fifo queues | its transmit queues could not be emptied
            iwlwifi | | Timeout waiting for hardware access (CSR_GP_CNTRL | it does not wake: its registers cannot be reached
            iwlwifi | W | Failed to start RT ucode: {w} | it did not start ({1})
            iwlwifi | W | Failed to start INIT ucode: {w} | it did not start ({1})
            iwlwifi | W | Failed to run INIT ucode: {w} | it did not start ({1})
            iwlwifi | W | Error sending {w}: time out | command {1} was not answered
            iwlwifi | | Failed to send {w} (action:{w}): -5 | it no longer takes commands: {1} was refused (EIO)
            iwlwifi | W | Failed to send {w} command: -5 | it no longer takes commands: {1} was refused (EIO)
            iwlwifi | W | PHY ctxt cmd error | a command was refused
            iwlwifi | | HW error, resetting before reading | the hardware does not answer
            ath10k ath11k ath12k | | firmware crashed! | it crashed
            ath10k ath11k ath12k | + | 4294967295 4294967295 4294967295 | its registers read as all ones: it no longer answers on the bus
            ath10k | + | failed to reset chip: {w} | the chip could not be reset ({1})
            ath10k | | Cannot communicate with firmware | it does not answer: the driver lets it crash and starts it again
            ath10k | | failed to send * -143 | it is down (-143): commands no longer reach it
            ath10k | W3 | failed to send wmi | commands no longer reach it
            ath10k ath11k ath12k | ? | firmware register dump | it crashed, and its registers were printed
            ath10k ath11k ath12k | W | wmi command {w} timeout | command {1} was not answered
            ath10k ath11k ath12k | ~ | device successfully recovered | it was started again
            ath10k ath11k ath12k | + | restarting hardware | it is started again
            ath11k ath12k | W3 | failed to send WMI_{w} | commands no longer reach the firmware of its wireless part
            ath11k ath12k | W | failed to wait wmi unified ready | the firmware of its wireless part did not start
            ath11k ath12k | W | failed to receive control response completion, polling.. | it does not answer
            ath9k_htc | | Target is unresponsive | it does not answer
            mt76 mt79 mt7921e mt7925e mt7915e | | Message {w} (seq {w}) timeout | command {1} was not answered
            mt76 mt79 | W | Failed to get patch semaphore | it does not take its firmware
            mt76 mt79 | W | Timeout for driver own | it does not wake up
            mwifiex_ | | FW is in bad state | it is in a bad state
            mwifiex_ | | mwifiex_cmd_timeout_func: Timeout cmd id = {w} | command {1} was not answered
            rtw_ rtw88_ | W3 | failed to send h2c command | commands no longer reach it
            rtw_ rtw88_ rtw89_ | | mac power on failed | the card does not wake up: its power cannot be switched on
            rtw_8 rtw89_8 | W | firmware failed to leave lps state | the card did not leave its power saving in time
            rtw_ rtw88_ rtw89_ | W | failed to leave idle state | the card does not wake up from its idle state
            rtw_ rtw88_ | W | failed to get tx report from firmware | it does not say what became of a frame
            brcmfmac | | mailbox indicates firmware halted | it halted
            rtw89_ | W | SER catches error: {w} | it reports error {1} and is restarted
            wil6210 | | Firmware error detected | it crashed
            rtw_8 rtw89_8 | | firmware failed to | it does not work
            brcmfmac | | Firmware has halted or crashed | it crashed
            """,
        CausedBy = ["pcie-link-lost"],
        Explains = ["device-timeout:{0}", "driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Update the card's firmware, and its driver to fit; keep the lines for its vendor", "devlink dev info pci/{bdf}", null,
                WithDevlink),
            new("Update the card's firmware, and its driver to fit; keep the lines for its vendor", "ethtool -i {name}", null,
                $"!{WithDevlink} {Wireless} ena gve"),
            new("Update the firmware files of wireless cards (package linux-firmware; on Debian firmware-iwlwifi, firmware-atheros and " +
                "their like) together with the kernel; the driver's lines name the file that was loaded", "dmesg | grep -i firmware", null,
                Wireless),
            new("Read the firmware's own report", "devlink health dump show pci/{bdf} reporter fw_fatal", null, "mlx5_core bnxt_en"),
            new("The device belongs to the cloud's host: stop and start the instance, so that it gets another host; update the ena driver",
                Drivers: "ena gve"),
        ],
        Origin = "drivers/net/ethernet: " +
            "mellanox/mlx5/core/health.c, broadcom/bnxt, intel/i40e, intel/ice, amazon/ena, qlogic/qed and others",
    };

    public static readonly DeviceFamily BluetoothSilent = new("bluetooth-no-answer", "the Bluetooth adapter {device} does not answer")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The host sent the adapter a command, and no answer came within two seconds: " +
            "its firmware crashed or was not loaded, its bus (USB, serial line) lost data, or it did not wake up after a suspend.",
        Words = """
            - | W2 | ^Bluetooth: {w}: command {w} tx timeout | command {2} was not answered
            - | W2 | ^Bluetooth: {w} command {w} tx timeout | command {2} was not answered
            - | W2 | ^Bluetooth: {w}: command tx timeout | a command was not answered
            - | | ^Bluetooth: {w}: Opcode {w} failed: -110 | command {2} was not answered
            - | | ^Bluetooth: {w} sending initial HCI reset command failed ({w}) | its first reset was not answered ({2})
            - | | ^Bluetooth: {w}: sending initial HCI reset command failed ({w}) | its first reset was not answered ({2})
            - | | ^Bluetooth: {w}: RTL: {w}: Read reg16 failed ({w}) | a register of the Realtek chip could not be read ({3})
            - | | ^Bluetooth: {w}: Reading Intel version information failed ({w}) | its version could not be read ({2})
            - | | ^Bluetooth: {w}: Reading Intel version command failed ({w}) | its version could not be read ({2})
            - | | ^Bluetooth: {w}: Failed to send firmware data ({w}) | it did not take its firmware ({2})
            - | | ^Bluetooth: {w}: Hardware error {w} | it reports hardware error {2}
            - | | ^Bluetooth: {w}: BCM: Reset failed ({w}) | its reset failed ({2})
            - | + | ^Bluetooth: {w}: RTL: Failed to generate devcoredump | no dump of its firmware could be made
            """,
        Ways =
        [
            new("Power-cycle the adapter: unplug it, or switch the machine off (an internal adapter stays powered during a restart)"),
            new("Update linux-firmware and the kernel; if it happens after suspend or when idle, try without USB autosuspend",
                "echo 'options btusb enable_autosuspend=0' > /etc/modprobe.d/btusb.conf"),
        ],
        Origin = "net/bluetooth/hci_core.c hci_cmd_timeout(), drivers/bluetooth/btrtl.c, btintel.c, btbcm.c",
    };

    public static readonly DeviceFamily FunctionRefused = new("nic-function-refused",
        "the physical function does not do what the virtual function {device} asks for")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "A virtual function (SR-IOV) sets up its addresses, queues and VLANs by messages to its physical function. What " +
            "is refused " +
            "does not work: mostly no packet arrives. Possible causes: the physical function is being reset or configured at that " +
            "moment, " +
            "does not trust the virtual one (a MAC address of its own), or is of another version. The other side's log, on the host, " +
            "says why.",
        Words = """
            iavf i40evf | | PF returned error {w} ({w}) to our request {w} | the physical function refused request {3} ({2})
            iavf i40evf | | Failed to add MAC filter, error {t} | no filter for its MAC address could be set ({1})
            iavf i40evf | | Failed to delete MAC filter, error {t} | a filter for a MAC address could not be removed ({1})
            iavf i40evf | W3 | Reset indication received from the PF | the physical function resets it
            iavf i40evf | | PF has been reset but VF did not come up | it did not come up after a reset of the physical function
            iavf i40evf | | Unable to communicate with PF | the physical function does not answer
            ice i40e | | VF {w} failed opcode {w}, retval: {w} | request {2} of its virtual function {1} was refused ({3})
            """,
        Ways =
        [
            new("On the host, read what the physical function's driver says at that moment", "dmesg | grep -e ice -e i40e -e ixgbe"),
            new("Check the virtual function's settings there (trust, MAC address, VLAN)", "ip link show"),
            new("Use versions of both drivers and of the card's firmware that belong together", "ethtool -i {name}"),
        ],
        Origin = "drivers/net/ethernet/intel: iavf/iavf_virtchnl.c, iavf_main.c; ice/ice_virtchnl.c, i40e/i40e_virtchnl_pf.c",
    };

    public static readonly DeviceFamily NvmInvalid = new("nic-nvm-invalid", "the NVM (EEPROM) of the network card {device} is not valid")
    {
        Area = Area.Hardware,
        Cause = "The checksum of the card's NVM (EEPROM) is wrong, so the driver does not start the card. " +
            "The content is damaged or was written only in part, or it cannot be read: " +
            "a hypervisor does not pass the device on completely, or the device does not answer.",
        Words = """
            igb igc e1000e e1000 ixgbe ixgb txgbe ngbe i40e | | NVM Checksum Is Not Valid | the checksum of its NVM (EEPROM) is not valid
            igb igc e1000e e1000 ixgbe ixgb txgbe ngbe | | EEPROM Checksum Is Not Valid | the checksum of its EEPROM is not valid
            ixgbe ixgb txgbe ngbe | | EEPROM CheckSum Is Not Valid | the checksum of its EEPROM is not valid
            e1000 e1000e | W | EEPROM checksum | the checksum of its EEPROM is not valid
            - | | ^{w}: The NVM Checksum Is Not Valid | the checksum of its NVM (EEPROM) is not valid
            igb igc e1000e e1000 ixgbe | | NVM Read Error | its NVM (EEPROM) cannot be read
            igb igc e1000e e1000 ixgbe tg3 bnxt_en | | Invalid MAC Address | it has no valid MAC address
            tg3 bnx2 | | Could not obtain valid ethernet address | it has no valid MAC address
            i40e | W | NVM image version detected was newer | its NVM is newer than the driver
            """,
        Explains = ["driver-probe-failed:{bdf}"],
        Ways =
        [
            new("Read the NVM on the machine itself, without passthrough; compare with another card of the kind", "ethtool -e {name}"),
            new("Write it again with the vendor's tool (eeupdate, bootutil, nvmupdate) or replace the card",
                Risk: "a wrong image makes the card unusable"),
        ],
        Origin = "drivers/net/ethernet/intel: igb_main.c igb_probe(), e1000e/netdev.c e1000_probe(), ixgbe_main.c",
    };

    public static readonly DeviceFamily LinkFlaps = new("nic-link-flaps", "the network link of {device} goes down again and again")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The connection to the other end is lost and comes back: cable, transceiver, the switch's port, or energy saving.",
        Words = """
            * | W5 | Link is Down | the link went down
            * | W5 | Link is down | the link went down
            * | W5 | link down | the link went down
            mlx5_core mlx4_en cxgb4 ena virtio_net | W5 | Link Down | the link went down
            mlx5_core | W | Cable error | its transceiver or cable reports an error
            """,
        CausedBy = ["nic-firmware-failed", "nic-transmit-stuck", "pcie-link-lost"],
        Ways =
        [
            new("Replace cable or transceiver, try another port of the switch; check the counters", "ethtool -S {name}"),
            new("Check the values that the transceiver measures", "ethtool -m {name}"),
        ],
        Origin = "the drivers in drivers/net/ethernet, drivers/net/phy/phy.c phy_print_status()",
    };
}
