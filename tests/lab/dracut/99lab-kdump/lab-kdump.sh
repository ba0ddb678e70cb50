#!/bin/sh
# Writes the dump as kdump-utils does: by the core_collector of /etc/kdump.conf, to a name that says
# "incomplete" until it is whole. Then the machine goes off, where the real thing would reboot.
dir=/kdumproot/mnt/dump/var/crash/lab
say() { echo "LAB dump|$*" > /dev/console; }

say "start uptime $(cut -d' ' -f1 /proc/uptime)"
mkdir -p "$dir"
collector=$(sed -n 's/^core_collector *//p' /etc/kdump.conf)
if $collector /proc/vmcore "$dir/vmcore-incomplete"; then
    mv "$dir/vmcore-incomplete" "$dir/vmcore"
    say "saved uptime $(cut -d' ' -f1 /proc/uptime)"
else
    say "failed with status $?"
fi
for f in ExecMainStartTimestampMonotonic ActiveState Result CPUUsageNSec; do
    say "probe $(systemctl show -p $f kdump-probe.service)"
done
umount /kdumproot/mnt/dump
sync
poweroff -f
