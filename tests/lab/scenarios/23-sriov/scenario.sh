#!/bin/bash
# A card with two virtual functions in use has an error at its physical function: what becomes of them.

new_qemu || return 0
hardware_image igb igbvf aer_inject
hardware_boot "loglevel=7 pcie_ports=native" -machine q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -cpu max,vendor=GenuineIntel -smp 2 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -netdev user,id=n0 -device igb,id=nic,bus=rp0,netdev=n0
hardware_end
expect "$LAB_DIR/expect.txt"
