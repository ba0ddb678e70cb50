#!/bin/bash
# Too little memory is reserved for the crash kernel: it runs out while the image's programs start.
# The probe may live long enough to speak; kdt reads the console either way.

kdump_image virtio_blk
disk_image "$TARGET"
small_machine
CRASHKERNEL=$(too_small_crashkernel)
note "crashkernel=$CRASHKERNEL"
LIMIT=150 crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
