#!/bin/bash
# One thing broken at a time in images that others built, or on the machine they are for. See judge.sh for fault and its words.
# shellcheck disable=SC2016,SC2154 # the scripts are expanded where they run

# --- modules
fault driver-left-out b-dracut-zstd "driver-missing-in-image" "virtio_blk.ko removed" <<< 'rm $M/drivers/block/virtio_blk.ko'
fault bus-driver-left-out b-dracut-zstd "driver-missing-in-image" "virtio_pci.ko removed" <<< 'rm $M/drivers/virtio/virtio_pci.ko'
fault file-system-left-out b-dracut-xz "driver-missing-in-image" "ext4.ko removed" <<< 'rm $M/fs/ext4/ext4.ko'
fault packed-driver-left-out t-dracut-zstd "driver-missing-in-image" "virtio_blk.ko.xz removed" <<< 'rm $M/drivers/block/virtio_blk.ko.xz'
fault dependency-left-out b-dracut-zstd "module-dependency-missing" "virtio_ring.ko removed" <<< 'rm $M/drivers/virtio/virtio_ring.ko'
fault file-system-dependency-left-out b-dracut-lz4 "module-dependency-missing" "jbd2.ko removed" <<< 'rm $M/fs/jbd2/jbd2.ko'
fault soft-dependency-left-out b-dracut-zstd "module-dependency-missing" "both modules that offer crc32c removed; ext4 asks for it by a soft dependency" <<< 'rm $M/crypto/crc32c_generic.ko $M/arch/x86/crypto/crc32c-intel.ko'
fault other-release b-dracut-zstd "image-kernel-mismatch" "the modules stand below another release" <<< 'mv $I/usr/lib/modules/$K $I/usr/lib/modules/6.1.0-1-other'
fault one-module-of-another-kernel b-dracut-zstd "image-kernel-mismatch" "mbcache.ko of Debian 13" <<< 'rm $M/fs/mbcache.ko; xz -dc "$KDUMP_LAB"/kernels/trixie/lib/modules/*/kernel/fs/mbcache.ko.xz > $M/fs/mbcache.ko'
fault module-cut-short b-dracut-zstd "program-damaged-in-image" "jbd2.ko cut to 40000 bytes" <<< 'cut_at $M/fs/jbd2/jbd2.ko 40000'
fault packed-module-cut-short t-dracut-zstd "program-damaged-in-image" "jbd2.ko.xz cut to 20000 bytes" <<< 'cut_at $M/fs/jbd2/jbd2.ko.xz 20000'
fault module-empty b-dracut-zstd "program-damaged-in-image" "virtio_ring.ko has no bytes" <<< 'cut_at $M/drivers/virtio/virtio_ring.ko 0'
fault module-index-left-out b-dracut-zstd "module-index-missing" "modules.dep and modules.dep.bin removed" <<< 'rm $I/usr/lib/modules/$K/modules.dep $I/usr/lib/modules/$K/modules.dep.bin'
fault module-not-in-index b-dracut-zstd "module-index-missing" "depmod ran before virtio_blk.ko was added" <<< 'mv $M/drivers/block/virtio_blk.ko $I/late.ko; depmod -b $I/usr $K; mv $I/late.ko $M/drivers/block/virtio_blk.ko'
fault module-packing-unreadable t-dracut-zstd "library-missing-in-image module-compression-unsupported" "liblzma removed, which kmod opens to unpack .ko.xz and others are linked to; the kernel cannot unpack modules" <<< 'rm $I/usr/lib/x86_64-linux-gnu/liblzma.so*; edit $R/boot/config-$K "s/^CONFIG_MODULE_DECOMPRESS=y/# CONFIG_MODULE_DECOMPRESS is not set/"'
fault module-signature-stripped b-dracut-zstd "module-signature-missing" "virtio_blk.ko stripped, and the kernel is locked down" <<< 'own $M/drivers/block/virtio_blk.ko; strip -g $M/drivers/block/virtio_blk.ko; echo "none [integrity] confidentiality" | put $R/sys/kernel/security/lockdown'
fault graphics-driver b-dracut-zstd "driver-wastes-memory" "amdgpu and what it needs added, on a machine that has such a card" <<< '
for f in $(modprobe -d $KROOT -S $K --show-depends amdgpu | awk "/^insmod/ { print \$2 }"); do p=${f#*/kernel/}; mkdir -p "$M/${p%/*}"; cp -n "$f" "$M/$p"; done
put $I/usr/lib/modules/$K/modules.dep < $KROOT/lib/modules/$K/modules.dep; echo live | put $R/sys/module/amdgpu/initstate'

# --- programs
fault library-left-out b-dracut-zstd "library-missing-in-image" "libz.so.1.2.13 removed" <<< 'rm $I/usr/lib/x86_64-linux-gnu/libz.so.1.2.13'
fault library-link-left-out b-dracut-zstd "library-missing-in-image" "the link libz.so.1 removed" <<< 'rm $I/usr/lib/x86_64-linux-gnu/libz.so.1'
fault library-of-another-machine b-dracut-zstd "library-missing-in-image" "e_machine of libz says arm64" <<< 'f=$I/usr/lib/x86_64-linux-gnu/libz.so.1.2.13; own $f; printf "\267" | dd of=$f bs=1 seek=18 conv=notrunc status=none'
fault library-opened-later-left-out t-dracut-zstd "library-missing-in-image" "libkmod removed, which udevd opens by dlopen and says so in .note.dlopen" <<< 'rm $I/usr/lib/x86_64-linux-gnu/libkmod.so*'
fault dynamic-linker-left-out b-dracut-zstd "interpreter-missing-in-image library-missing-in-image" "ld-linux-x86-64.so.2 removed" <<< 'rm $I/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'
fault shell-left-out b-dracut-zstd "interpreter-missing-in-image" "bash removed, to which sh leads" <<< 'rm $I/usr/bin/bash'
fault makedumpfile-left-out b-dracut-zstd "configured-program-missing" "makedumpfile removed" <<< 'rm $I/usr/bin/makedumpfile'
fault makedumpfile-cut-short b-dracut-zstd "program-damaged-in-image" "makedumpfile cut to 200000 bytes" <<< 'cut_at $I/usr/bin/makedumpfile 200000'
fault probe-left-out b-dracut-zstd "probe-missing-in-image" "kdump-probe removed, its unit and hook left" <<< 'rm $I/usr/bin/kdump-probe'
fault probe-cut-short b-dracut-zstd "probe-damaged-in-image" "kdump-probe cut to a million bytes" <<< 'cut_at $I/usr/bin/kdump-probe 1000000'
fault probe-of-another-machine b-dracut-zstd "probe-damaged-in-image" "e_machine of kdump-probe says arm64" <<< 'f=$I/usr/bin/kdump-probe; own $f; printf "\267" | dd of=$f bs=1 seek=18 conv=notrunc status=none'
fault unit-program-left-out b-dracut-zstd "unit-program-missing" "lab-kdump removed, which lab-kdump.service starts" <<< 'rm $I/usr/bin/lab-kdump'
fault udev-left-out b-dracut-zstd "unit-program-missing" "udevadm removed, to which systemd-udevd leads" <<< 'rm $I/usr/bin/udevadm'
fault hook-not-executable b-dracut-zstd "hook-not-executable" "etc/kdump/emergency.d/50-kdump-probe without execute permission" <<< 'own $I/etc/kdump/emergency.d/50-kdump-probe; chmod 644 $I/etc/kdump/emergency.d/50-kdump-probe'
fault hook-interpreter-left-out b-dracut-zstd "interpreter-missing-in-image" "a hook for python3" <<< 'printf "#!/usr/bin/python3\n" | put $I/etc/kdump/pre.d/20.py; chmod 755 $I/etc/kdump/pre.d/20.py'
fault init-left-out b-dracut-zstd "image-init-missing" "/init removed" <<< 'rm $I/init'
fault init-leads-nowhere b-dracut-zstd "image-init-missing" "/init leads to a systemd that is not there" <<< 'rm $I/usr/lib/systemd/systemd'

# --- configuration
fault directive-misspelt b-dracut-zstd "kdump-conf-invalid" "final_acton in kdump.conf" <<< 'configure final_acton poweroff'
fault two-targets b-dracut-zstd "configured-program-missing kdump-conf-invalid" "a second target, nfs, for which mount.nfs is not in the image" <<< 'configure nfs server:/export'
fault failure-action-unknown b-dracut-zstd "kdump-conf-invalid" "failure_action restart" <<< 'configure failure_action restart'
fault mount-may-fail b-dracut-zstd "kdump-conf-invalid" "nofail in the fstab of the image" <<< 'edit $I/etc/fstab "s/defaults,/defaults,nofail,/"'
fault extra-bin-left-out b-dracut-zstd "configured-program-missing" "extra_bins /usr/bin/lspci" <<< 'configure extra_bins /usr/bin/lspci'
fault extra-module-left-out b-dracut-zstd "configured-module-missing" "extra_modules megaraid_sas" <<< 'configure extra_modules megaraid_sas'
fault collector-option-unknown b-dracut-zstd "core-collector-invalid" "makedumpfile -l -d 64" <<< 'for f in $I $R; do edit $f/etc/kdump.conf "s/-d 31/-d 64/"; done'
fault collector-not-flattened b-dracut-net "core-collector-invalid" "ssh target with makedumpfile -l -d 31, without -F" <<< 'ssh_over bond0.7; for f in $I $R; do edit $f/etc/kdump.conf "s/-F -l/-l/"; done'
fault ssh-left-out b-dracut-zstd "configured-program-missing" "ssh target, and the image has no ssh" <<< 'ssh_over eth1'
fault conf-changed b-dracut-zstd "image-stale" "another core_collector on the machine" <<< 'edit $R/etc/kdump.conf "s/-d 31/-d 1/"'
fault conf-touched b-dracut-zstd "image-stale" "kdump.conf of the machine is newer than the image" <<< 'own $R/etc/kdump.conf; touch -d "+2 hours" $R/etc/kdump.conf'
fault kernel-reinstalled b-dracut-zstd "image-stale" "modules.dep of the machine is newer than the image" <<< 'own $R/usr/lib/modules/$K/modules.dep; touch -d "+2 hours" $R/usr/lib/modules/$K/modules.dep'
fault ssh-key-changed b-dracut-zstd "image-stale" "the machine's key for kdump is newer than the image" <<< 'echo key | WHEN="+2 hours" put $R/root/.ssh/kdump_id_rsa'

# --- target
fault disk-formatted-anew b-dracut-zstd "dump-target-wrong-id" "another UUID on the machine" <<< 'edit $R/blkid "s/5eed0004-0000/99990004-0000/"'
fault bond-driver-left-out b-dracut-net "driver-missing-in-image" "ssh over the bond, and bonding.ko removed" <<< 'ssh_over bond0.7; rm $M/drivers/net/bonding/bonding.ko'
fault card-below-bond-left-out b-dracut-net "driver-missing-in-image" "ssh over the bond, and e1000e.ko removed" <<< 'ssh_over bond0.7; rm $M/drivers/net/ethernet/intel/e1000e/e1000e.ko'
TG3='ssh_over bond0.7
d=$R/sys/devices/pci0000:00/0000:00:08.0; rm $d/driver; mkdir -p $R/sys/bus/pci/drivers/tg3 $R/sys/module/tg3; ln -s ../../../../module/tg3 $R/sys/bus/pci/drivers/tg3/module; ln -s ../../../bus/pci/drivers/tg3 $d/driver; echo live > $R/sys/module/tg3/initstate
mkdir -p $d/mdio_bus/tg3/phy:01 "$R/sys/bus/mdio_bus/drivers/Broadcom BCM5720C" $R/sys/module/broadcom; echo live > $R/sys/module/broadcom/initstate; ln -s ../../../../module/broadcom "$R/sys/bus/mdio_bus/drivers/Broadcom BCM5720C/module"; ln -s "../../../../../../bus/mdio_bus/drivers/Broadcom BCM5720C" $d/mdio_bus/tg3/phy:01/driver; ln -s ../../mdio_bus/tg3/phy:01 $d/net/eth1/phydev'
fault firmware-left-out b-dracut-net "firmware-missing-in-image" "a tg3 card on the machine, whose firmware the image lacks" <<< "$TG3"'; echo x | put $R/usr/lib/firmware/tigon/tg3.bin'
fault phy-driver-left-out b-dracut-net "driver-missing-in-image" "a tg3 card whose PHY has the driver broadcom; broadcom.ko removed" <<< "$TG3"'; rm $M/drivers/net/phy/broadcom.ko'
fault no-room-on-target b-dracut-zstd "no-space-on-target" "256 GB of memory in use by the kernel, 940 MB free on the target" <<< 'edit $R/proc/meminfo -e "s/^MemTotal: .*/MemTotal: 268435456 kB/" -e "s/^Slab: .*/Slab: 120000000 kB/" -e "s/^SUnreclaim: .*/SUnreclaim: 110000000 kB/"; printf "Filesystem     1K-blocks  Used Available Use%% Mounted on\n/dev/vda1        1009132    24    940500   1%% /\n" | put $R/df'

# --- size and command line
fault reservation-too-small b-dracut-zstd "crashkernel-too-small" "80 MB reserved" <<< 'echo 83886080 | put $R/sys/kernel/kexec_crash_size'
fault no-reservation b-dracut-zstd "crashkernel-not-reserved" "nothing reserved" <<< 'echo 0 | put $R/sys/kernel/kexec_crash_size'
fault parameter-misspelt b-dracut-zstd "cmdline-parameter-unknown" "pcie_port=compat" <<< 'edit $R/etc/sysconfig/kdump "s/pcie_ports=/pcie_port=/"'
fault parameter-misspelt-2 b-dracut-zstd "cmdline-parameter-unknown" "transparent_hugepages=never" <<< 'edit $R/etc/sysconfig/kdump "s/transparent_hugepage=/transparent_hugepages=/"'
fault module-parameter-misspelt b-dracut-zstd "cmdline-parameter-unknown" "virtio_blk.num_request_queue=1" <<< 'edit $R/etc/sysconfig/kdump "s/pcie_ports=compat/virtio_blk.num_request_queue=1/"'
fault dracut-parameter-misspelt b-dracut-zstd "cmdline-parameter-unknown" "rd.shel=0" <<< 'edit $R/etc/sysconfig/kdump "s/pcie_ports=compat/rd.shel=0/"'
fault maxcpus b-dracut-zstd "cmdline-parameter-harmful" "maxcpus=1 for nr_cpus=1" <<< 'edit $R/etc/sysconfig/kdump "s/nr_cpus=1/maxcpus=1/"'
fault huge-pages-inherited b-dracut-zstd "cmdline-parameter-harmful" "hugepages=1024 on the machine, not removed" <<< 'edit $R/proc/cmdline "s/quiet/quiet hugepages=1024/"; edit $R/etc/sysconfig/kdump "s/REMOVE=\"hugepages /REMOVE=\"/"'
fault log-buffer-inherited b-dracut-zstd "cmdline-parameter-harmful" "log_buf_len=64M on the machine, not removed" <<< 'edit $R/proc/cmdline "s/quiet/quiet log_buf_len=64M/"; edit $R/etc/sysconfig/kdump "s/ log_buf_len / /"'

# --- the archive itself
fault xz-check b-dracut-xz "image-refused-by-kernel" "packed by plain xz: CRC64" <<< 'after() { xz -dc | xz -1 -T2; }'
fault lz4-frame b-dracut-lz4 "image-refused-by-kernel" "packed by plain lz4: the frame format" <<< 'after() { lz4 -dc | lz4 -q -1; }'
fault zstd-window b-dracut-zstd "image-refused-by-kernel initramfs-unpack-failed" "packed with a window of 512 MB" <<< 'after() { zstd -dc | zstd -q -1 --long=29 --zstd=wlog=29; }'
fault decompressor-left-out b-dracut-zstd "image-refused-by-kernel" "the kernel was built without CONFIG_RD_ZSTD" <<< 'edit $R/boot/config-$K "s/^CONFIG_RD_ZSTD=y/# CONFIG_RD_ZSTD is not set/"'
fault image-cut-short b-dracut-zstd "initramfs-unpack-failed" "cut to nine million bytes" <<< 'after() { cat > $copy/whole; head -c 9000000 $copy/whole; }'
fault image-damaged b-dracut-xz "initramfs-unpack-failed" "a sector overwritten in its middle" <<< 'after() { cat > $copy/whole; dd if=/dev/urandom of=$copy/whole bs=512 seek=9000 count=1 conv=notrunc status=none; cat $copy/whole; }'
fault junk-behind b-dracut-zstd "initramfs-unpack-failed" "a line of text appended" <<< 'after() { cat; echo "appended by mistake"; }'
fault folder-left-out b-dracut-zstd "image-entry-lost" "a second archive with a file and without its folder" <<< 'after() { cat; mkdir -p $copy/x/gone; echo 1 > $copy/x/gone/file; (cd $copy/x; echo gone/file | cpio -o -H newc --quiet | zstd -q); }'
fault old-cpio b-dracut-zstd "initramfs-unpack-failed" "written by cpio -H odc" <<< 'after() { cat > /dev/null; (cd $copy/outer && find . | cpio -o -H odc --quiet | zstd -q -1); }'

# --- images with a root inside, and others
fault squash-program-left-out b-dracut-squash "configured-program-missing" "makedumpfile removed inside squash-root.img" <<< 'rm $I/usr/bin/makedumpfile'
fault squash-driver-left-out t-dracut-squash "driver-missing-in-image" "virtio_blk.ko removed inside squashfs-root.img" <<< 'rm $(find $I -name virtio_blk.ko)'
fault busybox-without-mount s-dracut-erofs "configured-program-missing" "as dracut 112 builds it with sid's busybox, which has no applet mount" <<< ':'
fault squash-loader-left-out b-dracut-squash "driver-missing-in-image" "squashfs.ko removed outside, which mounts squash-root.img" <<< 'rm $(find $O -name squashfs.ko)'
fault squash-damaged b-dracut-squash "program-damaged-in-image" "sectors of squash-root.img overwritten, in which a program lies" <<< 'after() { cat > $copy/whole; dd if=/dev/urandom of=$copy/whole bs=4096 seek=2000 count=4 conv=notrunc status=none; cat $copy/whole; }'
fault initramfs-driver-left-out b-initramfs "driver-missing-in-image" "virtio_blk.ko removed from an image of initramfs-tools" <<< 'rm $(find $I -name virtio_blk.ko)'
fault initramfs-script-not-executable b-initramfs "hook-not-executable" "scripts/local-block/kdump-probe without execute permission" <<< 'own $I/scripts/local-block/kdump-probe; chmod 644 $I/scripts/local-block/kdump-probe'
fault initramfs-library-left-out b-initramfs "library-missing-in-image" "libkmod removed" <<< 'rm $(find $I -name "libkmod.so.2*")'
fault initramfs-init-left-out b-initramfs-ucode "image-init-missing" "/init removed" <<< 'rm $I/init'
