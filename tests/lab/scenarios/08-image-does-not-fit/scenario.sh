#!/bin/bash
# Too little memory, told otherwise: the root file system in memory holds half of what is left, and kdump.img is larger.

kdump_image virtio_blk
disk_image "$TARGET"
small_machine
LIMIT=150 CRASHKERNEL=128M crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
check "no dump was written" test ! -s "$LAB_WORK/dump"
