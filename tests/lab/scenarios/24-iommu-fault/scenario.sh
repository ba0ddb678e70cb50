#!/bin/bash
# A device reads and writes memory that was never mapped for it, and the IOMMU is on.

hardware_image
hardware_boot "loglevel=7 intel_iommu=on" -machine q35,kernel-irqchip=split -cpu max,vendor=GenuineIntel -smp 2 -device intel-iommu,intremap=on -device edu,addr=6.0
wait_mark 'LAB mark|done'
hardware_end
expect "$LAB_DIR/expect.txt"
