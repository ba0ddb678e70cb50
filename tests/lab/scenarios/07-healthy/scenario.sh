#!/bin/bash
# Everything is as it should be: the dump is written, and the probe neither speaks nor costs anything.

kdump_image virtio_blk
disk_image "$TARGET"
small_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"
check_vmcore
check "the probe has not spoken" test ! -s "$LAB_WORK/report"
note "dump: $(grep -o 'uptime.*' "$LAB_WORK/dump" | tr '\n' ' ') probe: $(grep '^probe' "$LAB_WORK/dump" | tr '\n' ' ')"
