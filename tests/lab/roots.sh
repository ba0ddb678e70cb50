#!/bin/bash
# Root folders of Debian suites under $KDUMP_LAB/roots: packages and what they need, resolved by apt, unpacked and never installed.
# A suite's own compiler builds the lab's module for its kernel, its own makedumpfile writes the dumps, and sid has the debuggers.

suite_root() { # SUITE NAME PACKAGES…: sets SUITE_ROOT
    local suite=$1 name=$2 dir key
    shift 2
    apt_update
    SUITE_ROOT=$KDUMP_LAB/roots/$suite-$name
    key="$suite $*"
    [ "$(cat "$SUITE_ROOT/complete" 2> /dev/null)" = "$key" ] && return
    echo "lab: unpacking $* of $suite" >&2
    rm -rf "$SUITE_ROOT"
    dir=$KDUMP_LAB/debs/$suite-$name
    mkdir -p "$SUITE_ROOT" "$dir/partial"
    : > "$dir/none-installed"
    apt_private apt-get -o Dir::State::status="$dir/none-installed" -o Dir::Cache::archives="$dir" -o Debug::NoLocking=1 -t "$suite" \
        --no-install-recommends -y --download-only install dash coreutils sed grep mawk findutils "$@" > "$dir/log" 2>&1 || die "cannot download $* of $suite, see $dir/log"
    # /bin, /lib and the like are links in some packages and folders in others: they are made first, and kept
    mkdir -p "$SUITE_ROOT"/usr/{bin,sbin,lib,lib64} "$SUITE_ROOT"/{proc,dev,tmp,work}
    for link in bin sbin lib lib64; do ln -sfn "usr/$link" "$SUITE_ROOT/$link"; done
    for deb in "$dir"/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar x --keep-directory-symlink --no-same-owner -C "$SUITE_ROOT" || die "cannot unpack $deb"
    done
    [ ! -e "$SUITE_ROOT/usr/bin/mawk" ] || ln -sf mawk "$SUITE_ROOT/usr/bin/awk"
    rm -rf "$dir"
    echo "$key" > "$SUITE_ROOT/complete"
}

# The debugging symbols of a suite's kernel: a gigabyte, of which vmlinux and what the lab's machines load are kept. Sets VMLINUX and VMMODULES.
debug_kernel() { # SUITE, after kernel
    local suite=$1 t path
    VMLINUX=$KDUMP_LAB/debug/vmlinux-$KVER VMMODULES=$KDUMP_LAB/debug/lib/modules/$KVER
    [ -s "$VMLINUX" ] && [ -d "$VMMODULES" ] && return
    echo "lab: fetching vmlinux with debugging symbols of $KVER" >&2
    mkdir -p "$KDUMP_LAB/debug"
    t=$(mktemp -d "$KDUMP_LAB/debug/get.XXXXXX")
    (cd "$t" && apt_private apt-get download "linux-image-$KVER-dbg/$suite") || die "cannot download linux-image-$KVER-dbg"
    # up to 6.12 in /usr/lib/debug/boot, in newer packages beside the modules
    dpkg-deb --fsys-tarfile "$t"/*.deb | tar x -C "$t" --wildcards '*/vmlinux*' '*/drivers/nvme/*' '*/drivers/md/*' '*/fs/xfs/*' '*/fs/ext4/*' '*/fs/jbd2/*' \
        '*/drivers/net/virtio_net*' '*/drivers/virtio/*' '*/usb/host/xhci*' 2> "$t/log" || true
    for path in "$t/usr/lib/debug/boot/vmlinux-$KVER" "$t/usr/lib/debug/lib/modules/$KVER/vmlinux"; do [ ! -s "$path" ] || mv "$path" "$VMLINUX"; done
    [ -s "$VMLINUX" ] || die "linux-image-$KVER-dbg holds no vmlinux"
    rm -rf "$VMMODULES"
    mkdir -p "${VMMODULES%/*}"
    mv "$t/usr/lib/debug/lib/modules/$KVER" "$VMMODULES"
    rm -rf "$t"
}
