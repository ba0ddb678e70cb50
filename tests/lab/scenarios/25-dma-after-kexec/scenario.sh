#!/bin/bash
# A network card goes on receiving after the crash. The first kernel ran without the IOMMU, the crash kernel switches it on.

EXTRA=$LAB_WORK/extra
mkdir -p "$EXTRA"/{bin,late,kdump}
for m in e1000e; do
    modprobe -n --show-depends -d "$KROOT" -S "$KVER" "$m" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | while read -r f; do
        b=${f##*/}; b=${b%.xz}; b=${b%.zst}
        case $f in *.xz) xz -dc "$f" > "$EXTRA/late/$b" ;; *.zst) zstd -dcq "$f" > "$EXTRA/late/$b" ;; *) cp "$f" "$EXTRA/late/$b" ;; esac
        echo "$b" >> "$EXTRA/late/modules"
    done
done
hardware_image
mv "$LAB_WORK/guest.img" "$EXTRA/kdump/initrd"
cp "$KROOT/boot/vmlinuz-$KVER" "$EXTRA/kdump/vmlinuz"
kexec=$(PATH=$PATH:/usr/sbin command -v kexec)
cp -L "$kexec" "$EXTRA/bin/"
ldd "$kexec" | grep -o '/[^ ]*' | while read -r lib; do mkdir -p "$EXTRA${lib%/*}"; cp -L "$lib" "$EXTRA$lib"; done
hardware_image
port=$((20000 + RANDOM % 20000))
hardware_boot "loglevel=7 crashkernel=256M intel_iommu=off" -machine q35,kernel-irqchip=split -cpu max,vendor=GenuineIntel -smp 2 -device intel-iommu,intremap=on \
    -device pcie-root-port,id=rp0,chassis=1,addr=4.0 -netdev "user,id=n0,hostfwd=udp:127.0.0.1:$port-10.0.2.15:9" -device e1000e,id=nic,bus=rp0,netdev=n0
# packets to the discard port, from before the crash until the end
(while kill -0 "$HARDWARE_PID" 2> /dev/null; do echo packet > "/dev/udp/127.0.0.1/$port"; sleep 0.5; done) 2> /dev/null &
wait_mark 'LAB mark|capture'
hardware_end
rm -rf "$EXTRA"
expect "$LAB_DIR/expect.txt"
