#!/bin/bash
# A network card and a disk, each with two virtual functions, have errors at their physical function: what becomes of those.

new_qemu || return 0
hardware_image igb igbvf nvme aer_inject
truncate -s 16M "$LAB_WORK/nvme.img"
hardware_boot "loglevel=7 pcie_ports=native" -machine q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -cpu max,vendor=GenuineIntel -smp 2 \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -netdev user,id=n0 -device igb,id=nic,bus=rp0,netdev=n0 \
    -device pcie-root-port,id=rp1,chassis=2,addr=5.0 -device nvme-subsys,id=subsystem -device nvme,serial=lab,bus=rp1,subsys=subsystem,max_ioqpairs=8,msix_qsize=9,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2 \
    -drive "file=$LAB_WORK/nvme.img,format=raw,if=none,id=disk,cache=unsafe" -device nvme-ns,drive=disk
hardware_end
expect "$LAB_DIR/expect.txt"

# The functions that the verdict names, from the console alone, are those that sysfs links to.
for card in 0000:01:00.0 0000:02:00.0; do
    named=$(tr -d '\n' < "$LAB_WORK/explain.json" | grep -o "\"id\": *\"vf-not-recovered\", *\"subject\": *\"$card\", *\"title\": *\"[^\"]*\"" | grep -o '0000:[0-9a-f:]*\.[0-7]' | sort -u | grep -v "^$card\$")
    check "the virtual functions of $card are sysfs's" test "$named" = "$(sed -n "s,.*/$card/virtfn[0-9]* -> \.\./,,p" "$LAB_WORK/links" | sort)" -a -n "$named"
done
# A recovery that the kernel calls successful leaves them silent: what the finding claims.
check "they answered before and are silent after" test "$(grep -c 'before eth[12] answered' "$LAB_WORK/reach") $(grep -c 'after MalfTLP eth[12] silent' "$LAB_WORK/reach")" = "2 2"
