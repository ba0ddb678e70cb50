#!/bin/bash
# Debian's second phase: kdump-tools' initramfs finds the root, and the dump is written from there by kdump-tools-dump.service. First with
# everything in its place, then with /var/crash on a disk that is not there.

if [ "$(id -u)" != 0 ]; then
    echo "skip  $LAB_NAME: a root of ${LAB_SUITE##*/} is made by mmdebstrap, which needs root"
    return 0
fi
debian_root "${LAB_SUITE##*/}"
small_machine
[ -e "$LAB_WORK/nvme.img" ] || truncate -s 16M "$LAB_WORK/nvme.img"
export CRASHKERNEL=384M
on_root() { debugfs -R "$1" "$LAB_WORK/target.img" 2> /dev/null; }

cp --sparse=always "$KDUMP_ROOT" "$LAB_WORK/target.img"
crash nr_cpus=1 "root=UUID=$TARGET ro systemd.unit=kdump-tools-dump.service"
e2fsck -fy "$LAB_WORK/target.img" > "$LAB_WORK/fsck" 2>&1 # plays the journal back
day=$(on_root 'ls -p /var/crash' | cut -d/ -f6 | grep -E '^[0-9]{12}$' | head -1)
check "kdump-tools wrote its dump with the probe on the root (${day:-none})" test -n "$day"
on_root "dump /var/crash/$day/dump.$day $LAB_WORK/vmcore" > /dev/null
# kdump-tools writes it flattened
check "it is whole" "$KDT" vmcore verify "$LAB_WORK/vmcore"
check "makedumpfile puts it in order" makedumpfile -R "$LAB_WORK/vmcore-again" < "$LAB_WORK/vmcore"
check "and reads its log" makedumpfile --dump-dmesg -f "$LAB_WORK/vmcore-again" "$LAB_WORK/vmcore-dmesg"
check "the probe was silent" test ! -s "$LAB_WORK/report"
mv "$LAB_WORK/console.log" "$LAB_WORK/console-healthy.log"
rm -f "$LAB_WORK/vmcore" "$LAB_WORK/vmcore-again"

cp --sparse=always "$KDUMP_ROOT" "$LAB_WORK/target.img"
on_root 'cat /etc/fstab' > "$LAB_WORK/fstab"
echo "UUID=$WRONG_TARGET /var/crash ext4 defaults 0 2" >> "$LAB_WORK/fstab"
debugfs -w -R 'rm /etc/fstab' "$LAB_WORK/target.img" > /dev/null 2>&1
debugfs -w -R "write $LAB_WORK/fstab /etc/fstab" "$LAB_WORK/target.img" > /dev/null 2>&1
LIMIT=400 crash nr_cpus=1 "root=UUID=$TARGET ro systemd.unit=kdump-tools-dump.service"
expect "$LAB_DIR/expect.txt"
rm -f "$LAB_WORK/target.img"
