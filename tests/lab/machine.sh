#!/bin/bash
# The machines, in QEMU, and one whole life of a kdump: boot, load, crash, capture.

# What kdump-utils puts on the crash kernel's command line, less pcie_ports=compat, which is newer than the story told here.
CAPTURE_ARGS="irqpoll reset_devices cgroup_disable=memory mce=off numa=off udev.children-max=2 panic=10 acpi_no_memhotplug transparent_hugepage=never nokaslr hest_disable novmcoredd"

ROOT_PORTS=48      # pcie-root-port functions: the kernel's pcieport driver takes one vector each
FILLERS=54         # virtio network cards: three vectors each

disk_image() { # UUID: a fresh dump target
    rm -f "$LAB_WORK/target.img"
    truncate -s 256M "$LAB_WORK/target.img"
    mkfs.ext4 -q -U "$1" -L dump "$LAB_WORK/target.img"
    [ -e "$LAB_WORK/nvme.img" ] || truncate -s 16M "$LAB_WORK/nvme.img"
}

# The order of slots is the order of probing: root ports, fillers, xHCI and NVMe behind ports, the dump target last.
# The target stands in a slot above 24, whose INTx pins none of the fillers share (q35 routes them apart).
vector_machine() {
    local slot fn n=0
    MACHINE=(-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off)
    for slot in 1 2 3 4 5 6 7; do for fn in 0 1 2 3 4 5 6 7; do
        [ $n -lt $ROOT_PORTS ] || break 2
        MACHINE+=(-device "pcie-root-port,id=rp$n,chassis=$((n + 1)),addr=$slot.$fn,io-reserve=0$([ $fn = 0 ] && echo ,multifunction=on)")
        n=$((n + 1))
    done; done
    n=0
    for slot in $(seq 8 24); do for fn in 0 1 2 3 4 5 6 7; do
        [ $n -lt $FILLERS ] || break 2
        MACHINE+=(-device "virtio-net-pci,disable-legacy=on,romfile=,addr=$(printf %x "$slot").$fn$([ $fn = 0 ] && echo ,multifunction=on)")
        n=$((n + 1))
    done; done
    MACHINE+=(-device "qemu-xhci,bus=rp8" -device "nvme,serial=lab,bus=rp1,drive=nvme")
    MACHINE+=(-device "virtio-blk-pci,disable-legacy=on,drive=target,addr=1e.0")
}

small_machine() {
    MACHINE=(-device "pcie-root-port,id=rp0,chassis=1,addr=4.0" -device "pcie-root-port,id=rp1,chassis=2,addr=5.0")
    MACHINE+=(-device "qemu-xhci,bus=rp0" -device "nvme,serial=lab,bus=rp1,drive=nvme")
    MACHINE+=(-device "virtio-blk-pci,disable-legacy=on,drive=target,addr=1e.0")
}

# A machine crashes and its crash kernel runs until it switches the power off.
# CRASHKERNEL and LIMIT (seconds) may be set before; the console is $LAB_WORK/console.log, its input $LAB_WORK/keys if that is a fifo.
crash() { # CAPTURE-ARGUMENTS...
    local keys=/dev/null
    [ -p "$LAB_WORK/keys" ] && keys=$LAB_WORK/keys
    first_image "$LAB_WORK/first.img"
    SECONDS=0
    # a first kernel that never got to its crash is a hiccup of the emulation on a busy host, not a result
    boot "$keys" "$@"
    if ! grep -aq 'Trigger a crash' "$LAB_WORK/console.log"; then
        note "the first kernel did not come up; once more"
        boot "$keys" "$@"
    fi
    note "machine time $SECONDS s"
    rm -f "$LAB_WORK/first.img"
    split_console
}

boot() { # KEYS CAPTURE-ARGUMENTS...
    local keys=$1
    shift
    timeout "${LIMIT:-900}" qemu-system-x86_64 -machine q35 -accel "${LAB_ACCEL:-tcg,thread=multi}" -cpu max -smp 4 -m 1280M \
        -display none -monitor none -serial stdio -no-reboot -nodefaults -no-user-config \
        -kernel "$KROOT/boot/vmlinuz-$KVER" -initrd "$LAB_WORK/first.img" \
        -append "console=ttyS0,115200 no_timer_check loglevel=4 panic=-1 crashkernel=${CRASHKERNEL:-256M} -- lab.capture console=ttyS0,115200 no_timer_check $CAPTURE_ARGS $*" \
        -drive "file=$LAB_WORK/target.img,format=raw,if=none,id=target,cache=unsafe" \
        -drive "file=$LAB_WORK/nvme.img,format=raw,if=none,id=nvme,cache=unsafe" \
        "${MACHINE[@]}" < "$keys" > "$LAB_WORK/console.log" 2> "$LAB_WORK/qemu.err"
    local status=$?
    [ $status -eq 124 ] && note "the machine ran into the limit of ${LIMIT:-900} s"
}

# The vmcore on the target disk, taken out without mounting it, and judged by makedumpfile.
check_vmcore() {
    rm -f "$LAB_WORK/vmcore"
    debugfs -R "dump /var/crash/lab/vmcore $LAB_WORK/vmcore" "$LAB_WORK/target.img" > /dev/null 2>&1
    check "a vmcore lies on the target" test -s "$LAB_WORK/vmcore"
    check "it is kdump-compressed" grep -aq '^KDUMP' "$LAB_WORK/vmcore"
    check "makedumpfile reads its log" makedumpfile --dump-dmesg -f "$LAB_WORK/vmcore" "$LAB_WORK/vmcore-dmesg"
    check "the log tells of the crash" grep -q 'sysrq: Trigger a crash' "$LAB_WORK/vmcore-dmesg"
    check "makedumpfile can read and write it again, page by page" makedumpfile -c -d 31 -f "$LAB_WORK/vmcore" "$LAB_WORK/vmcore-again"
    note "vmcore $(stat -c %s "$LAB_WORK/vmcore" 2> /dev/null) bytes"
    rm -f "$LAB_WORK/vmcore-again"
}
