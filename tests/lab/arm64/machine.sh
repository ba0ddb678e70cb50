#!/bin/bash
# What is arm64's own of a crash in QEMU: packages of that architecture, the module by a cross compiler, the machine, its hypervisor's dumps.
# The rest is ../vmcore/machine.sh's.

CROSS=aarch64-linux-gnu-

arm_tools() { # SUITE: sets LAB_BUSYBOX, ARM_TOOLS and DISKS
    LAB_FLAVOUR=arm64 suite_root "$1" arm64-tools busybox-static makedumpfile kexec-tools
    ARM_TOOLS=$SUITE_ROOT DISKS=$SUITE_ROOT
    LAB_BUSYBOX=$(readlink -f "$ARM_TOOLS/bin/busybox")
}

# The headers' own programs must run here: this machine's build of the same version goes over them. Debian has them in linux-kbuild, Ubuntu in the
# headers of the kernel for amd64; its compiler is sid's, as newer suites of Ubuntu have other basic tools.
build_module() { # SUITE, after kernel: sets LAB_MODULE
    local suite=$1 t parts kbuild common root package headers
    LAB_MODULE=$KDUMP_LAB/images/kdt_lab-$KVER-$(cat "$LAB_HERE"/module/* | sha256sum | cut -c1-12).ko
    [ -e "$LAB_MODULE" ] && return
    parts=$(depends_of "linux-headers-$KVER" "$suite")
    kbuild=$(grep '^linux-kbuild-' <<< "$parts" | head -1) common=$(grep -E '^linux-headers-(.*-common|[0-9.]*-[0-9]*$)' <<< "$parts" | head -1)
    if [ -n "${LAB_UBUNTU:-}" ]; then
        LAB_UBUNTU='' LAB_FLAVOUR=amd64 suite_root sid "cross-$KVER" make gcc libc6-dev gcc-aarch64-linux-gnu libelf1t64 libdw1t64 zlib1g libssl3t64
    else
        LAB_FLAVOUR=amd64 suite_root "$suite" "cross-$KVER" make gcc libc6-dev gcc-aarch64-linux-gnu "$kbuild"
    fi
    root=$SUITE_ROOT
    mkdir -p "$KDUMP_LAB/images"
    t=$(mktemp -d "$KDUMP_LAB/images/module.XXXXXX")
    for package in "linux-headers-$KVER" "$common"; do
        (cd "$t" && apt_private apt-get download "$package/$suite") || die "cannot download $package"
    done
    for package in "$t"/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar x --keep-directory-symlink --no-same-owner -C "$root"; done
    rm -f "$t"/*.deb
    if [ -n "${LAB_UBUNTU:-}" ]; then
        headers=linux-headers-${KVER%-64k}
        (cd "$t" && export LAB_FLAVOUR=amd64 && apt_update && apt_private apt-get download "$headers/$suite") || die "cannot download $headers of amd64"
        dpkg-deb --fsys-tarfile "$t"/*.deb | tar x -C "$t" "./usr/src/$headers/scripts"
        (cd "$t/usr/src/$headers" && find scripts -type f -perm -u+x -print0 | xargs -0 cp --parents -t "$root/usr/src/linux-headers-$KVER")
        rm -rf "$t"/*
    fi
    cp "$LAB_HERE"/module/* "$t/"
    "$LAB_HERE/in-root" "$root" "$t" make -C "/lib/modules/$KVER/build" M=/work ARCH=arm64 CROSS_COMPILE=$CROSS modules > "$LAB_MODULE.log" 2>&1 || die "the module was not built, see $LAB_MODULE.log"
    mv "$t/kdt_lab.ko" "$LAB_MODULE"
    rm -rf "$t"
}

build_tasks() { # sets LAB_TASKS
    LAB_TASKS=$KDUMP_LAB/images/odd-tasks-arm64-$(sha256sum < "$LAB_HERE/vmcore/odd-tasks.c" | cut -c1-12)
    [ -e "$LAB_TASKS" ] && return
    mkdir -p "$KDUMP_LAB/images"
    ${CROSS}gcc -O1 -Wall -static -pthread -o "$LAB_TASKS" "$LAB_HERE/vmcore/odd-tasks.c" > "$LAB_TASKS.log" 2>&1 || die "odd-tasks was not built, see $LAB_TASKS.log"
}

# The suite's program with its libraries, of whatever root: all are in one. mdadm and the like are not there, as the machine has no such disks.
image_program() { # ROOT PROGRAM
    local loader=/lib/ld-linux-aarch64.so.1 file
    [ -e "$ARM_TOOLS$2" ] || return 0
    cp -L "$ARM_TOOLS$2" "$IMAGE/bin/"
    for file in $(qemu-aarch64-static -L "$ARM_TOOLS" "$ARM_TOOLS/$(readlink -f "$ARM_TOOLS$loader" | sed "s|^$ARM_TOOLS||")" \
        --library-path "$ARM_TOOLS/usr/lib/aarch64-linux-gnu" --list "$ARM_TOOLS$2" | grep -o '/[^ ]*') $loader; do
        file=${file#"$ARM_TOOLS"}
        mkdir -p "$IMAGE${file%/*}" && cp -L "$ARM_TOOLS$file" "$IMAGE$file"
    done
}

# QEMU's monitor on its standard input: when the guest has crashed, its memory in QEMU's own forms.
dump_when_wanted() {
    until grep -aq 'end Kernel panic' "$LAB_WORK/console.log" 2> /dev/null; do sleep 1; done
    sleep 1
    echo "dump-guest-memory $LAB_WORK/dumps/plain"
    echo "dump-guest-memory -z $LAB_WORK/dumps/z0"
    echo quit
    sleep 5
}

# The kernel as QEMU and kexec of every suite load it: out of the section of an EFI program and out of zboot, in which Ubuntu packs it.
plain_kernel() { # after kernel
    local file=$KROOT/boot/vmlinuz-$KVER
    [ "$(head -c 2 "$file")" = MZ ] || return 0
    python3 "$LAB_HERE/arm64/plain-kernel.py" "$file" "$file.plain" || die "no kernel found in $file"
    mv "$file.plain" "$file"
}

dump_machine() { # CRASH
    local monitor=(-monitor none) keys=/dev/null disk=$LAB_WORK/disk.img own=() panic=panic=-1
    rm -f "$disk"
    truncate -s 6G "$disk"
    mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "$disk"
    truncate -s 16M "$LAB_WORK/nvme.img"
    : > "$LAB_WORK/console.log"
    mkdir -p "$LAB_WORK/dumps"
    if [ -n "$LAB_HYPERVISOR" ]; then
        monitor=(-monitor stdio -device vmcoreinfo) keys=$LAB_WORK/keys panic=panic=0 own=(lab.dump=hypervisor)
        rm -f "$keys"
        mkfifo "$keys"
        dump_when_wanted > "$keys" &
    fi
    nice -n 5 timeout "${LIMIT:-900}" qemu-system-aarch64 -machine virt,gic-version=3 -accel "${LAB_ACCEL:-tcg,thread=multi}" -cpu "${LAB_CPU:-max,pauth-impdef=on}" \
        -smp 2 -m "${LAB_RAM:-768M}" -display none "${monitor[@]}" -serial "file:$LAB_WORK/console.log" -no-reboot -nodefaults -no-user-config \
        -kernel "$KROOT/boot/vmlinuz-$KVER" -initrd "$LAB_WORK/first.img" \
        -append "console=ttyAMA0 loglevel=4 $panic crashkernel=${LAB_CRASHKERNEL:-320M} lab.crash=$1 ${own[*]}" \
        -drive "file=$disk,format=raw,if=none,id=disk,cache=unsafe" -drive "file=$LAB_WORK/nvme.img,format=raw,if=none,id=nvme,cache=unsafe,throttling.iops-total=2" \
        -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -device pcie-root-port,id=rp1,chassis=2,addr=5.0 \
        -device virtio-net-pci,disable-legacy=on,romfile= -device qemu-xhci,bus=rp0 -device nvme,serial=lab,bus=rp1,drive=nvme \
        -device virtio-blk-pci,disable-legacy=on,drive=disk,addr=1e.0 < "$keys" > "$LAB_WORK/qemu.out" 2>&1
    rm -f "$LAB_WORK/keys"
    [ -n "$LAB_HYPERVISOR" ] || debugfs -R "rdump / $LAB_WORK/dumps" "$disk" > /dev/null 2>&1
    rm -f "$disk" "$LAB_WORK/nvme.img"
    rm -rf "$LAB_WORK/dumps/lost+found"
}
