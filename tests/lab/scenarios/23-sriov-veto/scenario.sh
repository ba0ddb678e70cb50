#!/bin/bash
# The same card with two virtual functions in use: an error at the physical one, and what becomes of them.

new_qemu || return 0
hardware_image igb igbvf
hardware_boot "loglevel=7 pcie_ports=native" -machine q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -cpu max,vendor=GenuineIntel -smp 2 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -netdev user,id=n0 -device igb,id=nic,bus=rp0,netdev=n0
wait_mark 'LAB mark|ready'
hmp "pcie_aer_inject_error nic COMP_ABORT"
wait_mark 'recovery successful\|recovery failed'
sleep 5
hmp quit
hardware_end
expect "$LAB_DIR/expect.txt"
