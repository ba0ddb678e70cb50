#!/bin/bash
# Too little memory: the crash kernel inherited hugepages= from the first kernel, as kdump-utils' crash kernels did until it
# took the parameter out, and the reservation cannot pay for that and for user space too.

kdump_image virtio_blk
disk_image "$TARGET"
small_machine

# How much this kernel has left of the reservation, from a boot that ends at once; then as many huge pages as leave 30 MB beside
# the unpacked image. That is too little for user space everywhere, and on some kernels already for the unpacking.
LIMIT=150 CRASHKERNEL=192M crash nr_cpus=1 rdinit=/usr/bin/sync
left=$(grep -a 'Memory: .*available' "$LAB_WORK/console.txt" | tail -1 | sed 's/.*Memory: \([0-9]*\)K.*/\1/')
pages=$(((${left:-0} + 16000 - $(zstdcat "$KDUMP_IMG" | wc -c) / 1024 - 30000) / 2048))
note "the kernel has $left kB of 192 MB; hugepages=$pages"
LIMIT=240 CRASHKERNEL=192M crash nr_cpus=1 "hugepages=$pages"
expect "$LAB_DIR/expect.txt"
check "no dump was written" test ! -s "$LAB_WORK/dump"
