#!/bin/bash
# Two machines that should be alike: the second has a root port without ACS, another network card, an older BIOS and another command line.

[ -x "$KDT" ] || { note "no kdt at $KDT: skipped"; return 0; }
EXTRA=$LAB_WORK/extra
mkdir -p "$EXTRA/bin"
cp "$KDT" "$EXTRA/bin/kdt"
ldd "$KDT" | grep -o '/[^ ]*' | while read -r lib; do mkdir -p "$EXTRA${lib%/*}"; cp -L "$lib" "$EXTRA$lib"; done

machine() { # NAME BIOS ARGUMENTS QEMU…
    local name=$1 bios=$2 arguments=$3
    shift 3
    hardware_image virtio_pci virtio_blk e1000e nvme virtio_net
    truncate -s 32M "$LAB_WORK/$name.tar"
    [ -e "$LAB_WORK/nvme.img" ] || truncate -s 16M "$LAB_WORK/nvme.img"
    hardware_boot "loglevel=4 $arguments" -machine q35,kernel-irqchip=split -cpu max,vendor=GenuineIntel -smp 2 -device intel-iommu,intremap=on -smbios "type=0,vendor=Lab,version=$bios,date=01/01/2020" \
        -drive "file=$LAB_WORK/$name.tar,format=raw,if=none,id=out,cache=unsafe" -device virtio-blk-pci,drive=out,addr=1e.0,disable-legacy=on \
        -drive "file=$LAB_WORK/nvme.img,format=raw,if=none,id=nvme,cache=unsafe,readonly=on" -netdev user,id=n0 "$@"
    wait_mark 'LAB mark|collected'
    hardware_end
    mv "$LAB_WORK/console.txt" "$LAB_WORK/$name.console"
}
machine good 2.5 "intel_iommu=on" -device pcie-root-port,id=rp0,chassis=1,addr=4.0,multifunction=on -device pcie-root-port,id=rp1,chassis=2,addr=4.1 \
    -device nvme,serial=lab,bus=rp1,drive=nvme -device e1000e,bus=rp0,netdev=n0
# one more port in front shifts all bus numbers
machine bad 2.4 "intel_iommu=on iommu=pt" -device pcie-root-port,id=rp9,chassis=9,addr=3.0 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0,multifunction=on,disable-acs=on -device pcie-root-port,id=rp1,chassis=2,addr=4.1,disable-acs=on \
    -device nvme,serial=lab,bus=rp1,drive=nvme -device virtio-net-pci,disable-legacy=on,romfile=,bus=rp0,netdev=n0
"$KDT" host diff "$LAB_WORK/good.tar" "$LAB_WORK/bad.tar" > "$LAB_WORK/diff" 2> "$LAB_WORK/diff.err"
"$KDT" host diff --json "$LAB_WORK/good.tar" "$LAB_WORK/bad.tar" > "$LAB_WORK/diff.json"
rm -rf "$EXTRA"
expect "$LAB_DIR/expect.txt"
check "the missing ACS comes first" grep -q '^\[acs\]' <(sed -n 2p "$LAB_WORK/diff")
