#!/bin/sh
# dracut's pre-trigger hook (sourced): fixes the order in which the machine's drivers take their interrupt
# vectors, so that a run means the same each time: the NVMe first, then the many, USB and the virtio disk last.
modprobe nvme 2> /dev/null
lab_i=0
# its probe is asynchronous: wait for the disk where there is such a device
while grep -q '^0x010802' /sys/bus/pci/devices/*/class && [ ! -e /sys/block/nvme0n1 ] && [ $lab_i -lt 50 ]; do
    sleep 0.2
    lab_i=$((lab_i + 1))
done
for lab_module in virtio_pci virtio_net xhci_pci virtio_blk; do
    modprobe $lab_module 2> /dev/null
done
: > /run/lab-drivers # the observer counts from here
