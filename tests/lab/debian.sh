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

# A whole Debian with kdump-tools and our part on an ext4 file system, which boots after a crash as kdump-tools has it.
debian_root() { # SUITE: sets KDUMP_ROOT, a disk image whose UUID is TARGET, and KDUMP_IMG, kdump-tools' initramfs of that root
    local suite=$1 key work
    suite_root "$suite"
    key=$( (echo "$KVER $suite $TARGET"; cat "$SUITE_ROOT/var/lib/dpkg/status" "$KDUMP_PROBE" "$LAB_HERE"/debian.sh "$LAB_HERE"/debian-root
        find "$LAB_REPO/dracut" -type f -print0 | sort -z | xargs -0 cat) | sha256sum | cut -c1-16)
    KDUMP_ROOT=$KDUMP_LAB/images/root-$suite-$KVER-$key.img KDUMP_IMG=$KDUMP_LAB/images/root-$suite-$KVER-$key.initrd
    [ -e "$KDUMP_ROOT" ] && return
    echo "lab: a root of $suite with kdump-tools, ${KDUMP_ROOT##*/}" >&2
    work=$(mktemp -d "$KDUMP_LAB/root.XXXXXX")
    mkdir -p "$KDUMP_LAB/images" "$work/out"
    cp "$KDUMP_PROBE" "$work/out/"
    in_suite "$suite" "$work" env KVER="$KVER" TARGET="$TARGET" bash -euo pipefail /repo/tests/lab/debian-root > "$KDUMP_ROOT.log" 2>&1 ||
        die "the root was not made, see $KDUMP_ROOT.log"
    mv "$work/initrd" "$KDUMP_IMG"
    mv "$work/root.img" "$KDUMP_ROOT"
    rm -rf "$work"
}
