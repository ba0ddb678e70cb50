#!/bin/bash
# The machine of 01 and an image without systemd: dracut's own init waits in its initqueue, whose hook starts the watch.

INIT=plain kdump_image virtio_blk
disk_image "$TARGET"
vector_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
note_cost
