#!/bin/bash
# The image of Debian's kdump-tools: mkinitramfs with kdump-tools' copy of /etc/initramfs-tools. It runs in a chroot over
# this machine's root, which takes every change and is thrown away; dracut/install puts our part into it.

debian_image() { # DRIVERS…: sets KDUMP_IMG, with KDUMP_IMG.list, and KDUMP_IMG.normal for an image that is not kdump's
    local key over
    key=$( (echo "$KVER $*"; cat "$KDUMP_PROBE" "$LAB_HERE/debian.sh"; find "$LAB_REPO/dracut" -type f -print0 | sort -z | xargs -0 cat) | sha256sum | cut -c1-16)
    KDUMP_IMG=$KDUMP_LAB/images/debian-$KVER-$key.img
    [ -e "$KDUMP_IMG" ] && return
    echo "lab: mkinitramfs builds ${KDUMP_IMG##*/}" >&2
    mkdir -p "$KDUMP_LAB/images"
    over=$(mktemp -d "$KDUMP_LAB/overlay.XXXXXX")
    mkdir "$over"/{upper,work,root,out}
    cp "$KDUMP_PROBE" "$over/out/kdump-probe"
    over=$over kroot=$KROOT kver=$KVER drivers="nvme virtio_pci virtio_net $* ext4" repo=$LAB_REPO \
        unshare -m bash -e "$LAB_HERE/debian-chroot" > "$KDUMP_IMG.log" 2>&1 || die "mkinitramfs failed, see $KDUMP_IMG.log"
    mv "$over/out/list" "$KDUMP_IMG.list"
    mv "$over/out/normal" "$KDUMP_IMG.normal"
    mv "$over/out/initrd" "$KDUMP_IMG"
    rm -rf "$over"
}
