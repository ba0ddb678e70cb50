#!/bin/bash
# A network card behind a root port: corrected errors, a completion timeout, then a fatal malformed packet; the kernel recovers it twice.

new_qemu || return 0
hardware_image igb
hardware_boot "loglevel=7 pcie_ports=native" -machine q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -cpu max,vendor=GenuineIntel -smp 2 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -device pcie-root-port,id=rp1,chassis=2,addr=5.0 \
    -netdev user,id=n0 -device igb,id=nic,bus=rp0,netdev=n0
wait_mark 'LAB mark|ready'
hmp "pcie_aer_inject_error nic RCVR"
wait_mark 'RxErr'
hmp "pcie_aer_inject_error nic BAD_TLP"
wait_mark 'BadTLP'
hmp "pcie_aer_inject_error nic COMP_TIME"
wait_mark 'recovery successful\|recovery failed'
sleep 3
hmp "pcie_aer_inject_error nic MALF_TLP 0x60000025 0x040006ff 0x61ac11d1 0x86c00110"
wait_mark 'MalfTLP'
sleep 10
hmp quit
hardware_end
expect "$LAB_DIR/expect.txt"
