#!/bin/sh
# dracut's pre-trigger hook (sourced): fixes the order in which the machine's drivers take their interrupt
# vectors, so that a run means the same each time: the NVMe first, then the many, the rest as udev finds it.
modprobe nvme 2> /dev/null
lab_i=0
while [ -e /sys/class/nvme/nvme0 ] && [ ! -e /sys/block/nvme0n1 ] && [ $lab_i -lt 50 ]; do
    sleep 0.2
    lab_i=$((lab_i + 1))
done
modprobe virtio_pci 2> /dev/null
modprobe virtio_rng 2> /dev/null
