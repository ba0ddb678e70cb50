#!/bin/bash
# The machine of 01, with the CPU count that the probe recommended there: the dump is written, and is whole.

first=$LAB_SUITE/01-vector-exhaustion/report
cpus=$(recommended_cpus "$first")
if [ -z "$cpus" ]; then
    fail "scenario 01 has left no recommendation in its report"
    return 0
fi
kdump_image virtio_blk
disk_image "$TARGET"
vector_machine
crash "nr_cpus=$cpus"
expect "$LAB_DIR/expect.txt"
check_vmcore
