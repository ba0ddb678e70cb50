#!/bin/bash
# Too little memory: the crash kernel inherited hugepages= from the first kernel, as kdump-utils' crash kernels did until it
# took the parameter out, and the reservation cannot pay for it. Nothing in user space gets to run; kdt reads the console.

kdump_image virtio_blk
disk_image "$TARGET"
small_machine
LIMIT=150 CRASHKERNEL=192M crash nr_cpus=1 hugepages=512
expect "$LAB_DIR/expect.txt"
