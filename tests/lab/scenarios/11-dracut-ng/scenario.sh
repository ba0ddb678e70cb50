#!/bin/bash
# The machine of 01 and an image that sid's dracut-ng builds, with sid's systemd and hook folders; the kernel stays that of the suite.

if [ "$(id -u)" != 0 ]; then
    echo "skip  $LAB_NAME: sid's dracut runs in a root of sid, which needs root"
    return 0
fi
suite_image sid virtio_blk
note "built by $(cat "$KDUMP_IMG.builder")"
disk_image "$TARGET"
vector_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
note_cost
