#!/bin/bash
# The file system was made anew, or the machine cloned: the image asks for a UUID which no disk has.

kdump_image virtio_blk
disk_image "$WRONG_TARGET"
small_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
note_cost
