#!/bin/bash
# A network card behind a root port: corrected errors, a completion timeout, then a malformed packet. The errors are the kernel's own
# injection (aer_inject), the recovery is real.

hardware_image e1000e aer_inject
hardware_boot "loglevel=7 pcie_ports=native" -machine q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -cpu max,vendor=GenuineIntel -smp 2 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -netdev user,id=n0 -device e1000e,id=nic,bus=rp0,netdev=n0
hardware_end
expect "$LAB_DIR/expect.txt"
