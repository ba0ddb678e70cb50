#!/bin/bash
# The image was built without the dump disk's driver.

kdump_image # no virtio_blk
disk_image "$TARGET"
small_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
note_cost
