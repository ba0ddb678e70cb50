#!/bin/bash
# One crash of one kernel: the module that breaks it, two busybox images, the machine, and the dumps off its disk.

build_module() { # after kernel: sets LAB_MODULE
    local t
    suite_root "$1" "kernel${LAB_FLAVOUR:+-$LAB_FLAVOUR}" make gcc libc6-dev "linux-headers-$KVER" makedumpfile kexec-tools
    KERNEL_ROOT=$SUITE_ROOT
    LAB_MODULE=$KDUMP_LAB/images/kdt_lab-$KVER-$(cat "$LAB_HERE"/module/* | sha256sum | cut -c1-12).ko
    [ -e "$LAB_MODULE" ] && return
    mkdir -p "$KDUMP_LAB/images"
    t=$(mktemp -d "$KDUMP_LAB/images/module.XXXXXX")
    cp "$LAB_HERE"/module/* "$t/"
    "$LAB_HERE/in-root" "$KERNEL_ROOT" "$t" make -C "/lib/modules/$KVER/build" M=/work modules > "$LAB_MODULE.log" 2>&1 || die "the module was not built, see $LAB_MODULE.log"
    mv "$t/kdt_lab.ko" "$LAB_MODULE"
    rm -rf "$t"
}

build_tasks() { # after build_module: sets LAB_TASKS, a static program of the suite's own compiler
    local t
    LAB_TASKS=$KDUMP_LAB/images/odd-tasks-$1-$(sha256sum < "$LAB_HERE/vmcore/odd-tasks.c" | cut -c1-12)
    [ -e "$LAB_TASKS" ] && return
    t=$(mktemp -d "$KDUMP_LAB/images/tasks.XXXXXX")
    cp "$LAB_HERE/vmcore/odd-tasks.c" "$t/"
    "$LAB_HERE/in-root" "$KERNEL_ROOT" "$t" gcc -O1 -Wall -static -pthread -o odd-tasks odd-tasks.c -lrt > "$LAB_TASKS.log" 2>&1 || die "odd-tasks was not built, see $LAB_TASKS.log"
    mv "$t/odd-tasks" "$LAB_TASKS"
    rm -rf "$t"
}

image_start() { # sets IMAGE
    IMAGE=$(mktemp -d "$KDUMP_LAB/image.XXXXXX")
    mkdir -p "$IMAGE"/{bin,proc,sys,dev,mods,tmp}
    cp -L "${LAB_BUSYBOX:-$(command -v busybox)}" "$IMAGE/bin/busybox"
    cp "$1" "$IMAGE/init"
}

image_modules() { # LIST MODULES…: with what they need, in order; what is built in is skipped
    local list=$1 module file name
    shift
    : > "$IMAGE/mods/$list"
    for module; do
        { modprobe -d "$KROOT" -S "$KVER" --show-depends "$module" 2> /dev/null || true; } | awk '/^insmod/{print $2}' | while read -r file; do
            name=$(basename "$file") name=${name%.xz} name=${name%.zst}
            case $file in
                *.xz) xz -dc "$file" > "$IMAGE/mods/$name" ;;
                *.zst) zstd -qdc "$file" > "$IMAGE/mods/$name" ;;
                *) cp "$file" "$IMAGE/mods/$name" ;;
            esac
            grep -qx "$name" "$IMAGE/mods/$list" || echo "$name" >> "$IMAGE/mods/$list"
        done
    done
}

image_program() { # ROOT PROGRAM: a program of a suite, with its libraries
    # shellcheck disable=SC2016 # the shell in the root expands it
    "$LAB_HERE/in-root" "$1" "$IMAGE" sh -c 'cp -L "$1" /work/bin/
        for file in $(/lib64/ld-linux-x86-64.so.2 --list "$1" | grep -o "/[^ ]*") /lib64/ld-linux-x86-64.so.2; do
            mkdir -p "/work${file%/*}" && cp -L "$file" "/work$file"
        done' - "$2"
}

image_end() { (cd "$IMAGE" && find . | cpio -o -H newc --quiet | gzip -1) > "$1"; rm -rf "$IMAGE"; }

dump_images() { # OUT: the first kernel's image, with the crash kernel and its image inside
    image_start "$LAB_HERE/vmcore/capture-init"
    image_modules capture virtio_pci virtio_blk ext4
    image_program "$KERNEL_ROOT" /usr/bin/makedumpfile
    image_end "$1.capture"
    image_start "$LAB_HERE/vmcore/first-init"
    image_modules first virtio_pci nvme virtio_net xhci_pci qemu_fw_cfg raid1 dm_mod ext4 xfs
    image_program "$KERNEL_ROOT" /usr/sbin/kexec
    # sid's, and last: its libraries are the newest
    for program in mdadm dmsetup mkfs.ext4; do image_program "$DISKS" "/usr/sbin/$program"; done
    cp "$LAB_MODULE" "$IMAGE/mods/kdt_lab.ko"
    cp "$LAB_TASKS" "$IMAGE/bin/odd-tasks"
    mkdir "$IMAGE/kdump"
    cp "$KROOT/boot/vmlinuz-$KVER" "$IMAGE/kdump/vmlinuz"
    mv "$1.capture" "$IMAGE/kdump/initrd"
    image_end "$1"
}

# QEMU's monitor on its standard input: an NMI when the guest has asked for one.
nmi_when_wanted() {
    until grep -aq 'LAB wants|nmi' "$LAB_WORK/console.log" 2> /dev/null; do sleep 1; done
    sleep 1
    echo nmi
    sleep 5
}

dump_machine() { # CRASH
    local monitor=(-monitor none) keys=/dev/null disk=$LAB_WORK/disk.img name namespaces=(-device nvme,serial=disks,id=disks,addr=6.0)
    for name in half1 half2 xfs; do
        namespaces+=(-drive "file=$LAB_WORK/$name.img,format=raw,if=none,id=$name,cache=unsafe" -device "nvme-ns,drive=$name,bus=disks")
    done
    rm -f "$disk"
    truncate -s 4G "$disk"
    mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "$disk"
    truncate -s 16M "$LAB_WORK"/{nvme,half1,half2}.img
    truncate -s 320M "$LAB_WORK/xfs.img"
    "$LAB_HERE/in-root" "$DISKS" "$LAB_WORK" mkfs.xfs -q -f -c options=/usr/share/xfsprogs/mkfs/lts_5.10.conf xfs.img || die "no xfs"
    : > "$LAB_WORK/console.log"
    if [ "$1" = nmi ]; then monitor=(-monitor stdio); keys=$LAB_WORK/keys; rm -f "$keys"; mkfifo "$keys"; nmi_when_wanted > "$keys" & fi
    timeout "${LIMIT:-600}" qemu-system-x86_64 -machine q35 -accel "${LAB_ACCEL:-tcg,thread=multi}" -cpu max -smp 2 -m "${LAB_MEMORY:-448M}" \
        -display none "${monitor[@]}" -serial "file:$LAB_WORK/console.log" -no-reboot -nodefaults -no-user-config \
        -kernel "$KROOT/boot/vmlinuz-$KVER" -initrd "$LAB_WORK/first.img" \
        -append "console=ttyS0,115200 no_timer_check loglevel=4 panic=-1 crashkernel=192M lab.crash=$1 lab.fill=${LAB_FILL:-0}" \
        -drive "file=$disk,format=raw,if=none,id=disk,cache=unsafe" -drive "file=$LAB_WORK/nvme.img,format=raw,if=none,id=nvme,cache=unsafe,throttling.iops-total=2" \
        -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -device pcie-root-port,id=rp1,chassis=2,addr=5.0 \
        "${namespaces[@]}" -device virtio-net-pci,disable-legacy=on,romfile= -device qemu-xhci,bus=rp0 -device nvme,serial=lab,bus=rp1,drive=nvme \
        -device virtio-blk-pci,disable-legacy=on,drive=disk,addr=1e.0 < "$keys" > "$LAB_WORK/qemu.out" 2>&1
    rm -f "$LAB_WORK/keys"
    mkdir -p "$LAB_WORK/dumps"
    debugfs -R "rdump / $LAB_WORK/dumps" "$disk" > /dev/null 2>&1
    rm -f "$disk" "$LAB_WORK"/{nvme,half1,half2,xfs}.img
    rm -rf "$LAB_WORK/dumps/lost+found"
}
