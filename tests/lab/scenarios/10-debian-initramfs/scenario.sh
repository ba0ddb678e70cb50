#!/bin/bash
# The machine of 01 and the image that Debian's kdump-tools makes: initramfs-tools waits for the root disk, then panics.

if [ "$(id -u)" != 0 ]; then
    echo "skip  $LAB_NAME: mkinitramfs runs in a chroot over an overlay, which needs root"
    return 0
fi
debian_image virtio_blk
check "the image holds the probe" grep -qx 'usr/bin/kdump-probe' "$KDUMP_IMG.list"
check "an image for normal boots does not" test -s "$KDUMP_IMG.normal" -a "$(grep -c usr/bin/kdump-probe "$KDUMP_IMG.normal")" = 0
disk_image "$TARGET"
vector_machine
crash nr_cpus=1 "root=UUID=$TARGET ro systemd.unit=kdump-tools-dump.service"
expect "$LAB_DIR/expect.txt"
