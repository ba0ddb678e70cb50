#!/bin/bash
# The two images of a run: kdump.img, built by the host's dracut with our module in it, and a busybox initramfs
# for the first kernel, which is only there to load the other and to crash.

# Modules of a q35 machine's disks and of the lab's fillers; what is built in is skipped by dracut.
LAB_DRIVERS="virtio_pci virtio_net nvme xhci_pci ext4"

dracut_tree() { # the host's dracut, seen through links, with two more modules; the host's folder stays as it is
    local tree=$1 f
    rm -rf "$tree"
    mkdir -p "$tree/modules.d" "$tree/conf.d"
    for f in /usr/lib/dracut/*; do [ "${f##*/}" = modules.d ] || ln -s "$f" "$tree/"; done
    for f in /usr/lib/dracut/modules.d/*; do ln -s "$f" "$tree/modules.d/"; done
    cp -r "$LAB_REPO/dracut/50kdump-probe" "$LAB_HERE/dracut/99lab-kdump" "$tree/modules.d/"
}

kdump_image() { # DRIVERS…: sets KDUMP_IMG; built once for the same kernel, probe, modules and drivers. INIT=plain: without systemd
    local drivers="$LAB_DRIVERS $*" modules="bash base udev-rules fs-lib kernel-modules shutdown kdump-probe lab-kdump" key tree
    [ "${INIT-}" = plain ] || modules+=" systemd systemd-initrd dracut-systemd"
    [ -x "$KDUMP_PROBE" ] || die "no probe at $KDUMP_PROBE: make publish first, or set KDUMP_PROBE"
    key=$( (echo "$KVER $drivers $modules $TARGET"; dpkg-query -W dracut-core systemd makedumpfile
        cat "$KDUMP_PROBE" "$LAB_HERE/image.sh" "$LAB_REPO"/dracut/50kdump-probe/* "$LAB_HERE"/dracut/99lab-kdump/*) | sha256sum | cut -c1-16)
    KDUMP_IMG=$KDUMP_LAB/images/kdump-$KVER-$key.img
    [ -e "$KDUMP_IMG" ] && return
    echo "lab: dracut builds ${KDUMP_IMG##*/}" >&2
    mkdir -p "$KDUMP_LAB/images"
    tree=$KDUMP_LAB/images/tree.$$
    dracut_tree "$tree"
    # --drivers: these and what they need, and nothing else, as a host-only kdump image holds little more
    dracutbasedir=$tree IN_KDUMP=1 LAB_TARGET=$TARGET LAB_BUSYBOX=$(command -v busybox) KDUMP_PROBE=$KDUMP_PROBE \
        dracut --force --no-hostonly --no-early-microcode --reproducible --zstd --conf /dev/null --confdir "$tree/conf.d" \
        --kver "$KVER" --kmoddir "$KROOT/lib/modules/$KVER" --tmpdir "$KDUMP_LAB/images" \
        --modules "$modules" \
        --drivers "$drivers" "$KDUMP_IMG.new" > "$KDUMP_IMG.log" 2>&1 || die "dracut failed, see $KDUMP_IMG.log"
    rm -rf "$tree"
    mv "$KDUMP_IMG.new" "$KDUMP_IMG"
}

first_image() { # OUT: busybox, kexec, the kernel and kdump.img
    local t bin lib
    t=$(mktemp -d "$KDUMP_LAB/first.XXXXXX")
    mkdir -p "$t"/{bin,proc,sys,dev,kdump}
    for bin in "$(command -v busybox)" "$(PATH=$PATH:/usr/sbin command -v kexec)"; do
        cp -L "$bin" "$t/bin/"
        { ldd "$bin" 2> /dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r lib; do
            mkdir -p "$t${lib%/*}"
            cp -L "$lib" "$t$lib"
        done
    done
    cp "$LAB_HERE/first-init" "$t/init"
    cp "$KROOT/boot/vmlinuz-$KVER" "$t/kdump/vmlinuz"
    cp "$KDUMP_IMG" "$t/kdump/initrd"
    (cd "$t" && find . | cpio -o -H newc --quiet) > "$1"
    rm -rf "$t"
}
