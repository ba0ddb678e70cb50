#!/bin/bash
# Root file systems of Debian suites with the tools that make images, and work done inside one of them: in a mount namespace, over an
# overlay that takes every change and is thrown away.

SUITE_PACKAGES=dracut-core,kmod,zstd,xz-utils,lz4,gzip,bzip2,lzop,cpio,squashfs-tools,erofs-utils,makedumpfile,systemd,systemd-sysv,udev,initramfs-tools-core,busybox-static,e2fsprogs,util-linux,iproute2,xfsprogs,lvm2,binutils

suite_root() { # SUITE: sets SUITE_ROOT
    local suite=$1 packages=$SUITE_PACKAGES mirror
    SUITE_ROOT=$KDUMP_LAB/suites/$suite
    [ -e "$SUITE_ROOT.done" ] && return
    "$LAB_REPO/tests/need" mmdebstrap || exit 2
    echo "lab: mmdebstrap makes a root of $suite" >&2
    mkdir -p "$KDUMP_LAB/suites"
    rm -rf "$SUITE_ROOT"
    apt_update
    mirror=$(awk '{print $3; exit}' "$KDUMP_LAB/apt/sources")
    [ "$suite" = sid ] && packages+=,3cpio
    mmdebstrap --mode=root --variant=apt --include="$packages" --components='main non-free-firmware' --skip=cleanup/apt \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        "$suite" "$SUITE_ROOT" "$mirror" > "$SUITE_ROOT.log" 2>&1 || die "mmdebstrap failed, see $SUITE_ROOT.log"
    touch "$SUITE_ROOT.done"
}

# Runs a script in a suite: /work is a folder that stays, /kernel the unpacked kernel, /repo ours.
in_suite() { # SUITE WORK SCRIPT ARGUMENTS...
    local suite=$1 work=$2
    shift 2
    suite_root "$suite"
    lower=$SUITE_ROOT work=$work kroot=$KROOT repo=$LAB_REPO unshare -m bash -eu "$LAB_HERE/suite-chroot" "$@"
}

suite_image() { # SUITE DRIVERS…: sets KDUMP_IMG, built by the dracut of that suite, and KDUMP_IMG.builder, its name and version
    local suite=$1 key work drivers=()
    shift
    suite_root "$suite"
    key=$( (echo "$KVER $suite $*"; cat "$SUITE_ROOT/var/lib/dpkg/status" "$KDUMP_PROBE" "$LAB_HERE/images/build" "$LAB_REPO"/dracut/50kdump-probe/* \
        "$LAB_HERE"/dracut/99lab-kdump/*) | sha256sum | cut -c1-16)
    KDUMP_IMG=$KDUMP_LAB/images/kdump-$suite-$KVER-$key.img
    [ -e "$KDUMP_IMG" ] && return
    echo "lab: $suite's dracut builds ${KDUMP_IMG##*/}" >&2
    work=$(mktemp -d "$KDUMP_LAB/suite.XXXXXX")
    mkdir -p "$KDUMP_LAB/images" "$work/out"
    cp "$KDUMP_PROBE" "$work/out/"
    for driver; do drivers+=(--driver "$driver"); done
    in_suite "$suite" "$work" env KVER="$KVER" TARGET="$TARGET" PROBE=/work/out/kdump-probe bash /repo/tests/lab/images/build dracut kdump systemd "${drivers[@]}" --zstd \
        > "$KDUMP_IMG.log" 2>&1 || die "dracut failed, see $KDUMP_IMG.log"
    in_suite "$suite" "$work" dpkg-query -W -f '${Package} ${Version}' dracut-core > "$KDUMP_IMG.builder"
    mv "$work/kdump.img" "$KDUMP_IMG"
    rm -rf "$work"
}
