#!/bin/sh
# Prints on the console, each line marked "LAB name|" so that tests/lab can take it out again:
# /proc/interrupts, the PCI devices with driver and MSI vectors, memory, what the probe cost, its report as JSON.
bb=/usr/lib/lab/busybox
show() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '\r\033[KLAB %s|%s\n' "$1" "$line" > /dev/console
    done
}

# wait for the end of the probe's watch, at most three minutes
i=0
while [ $i -lt 180 ]; do
    case $(systemctl show -p ExecMainExitTimestampMonotonic kdump-probe.service) in
        *=0 | *=) ;;
        *) break ;;
    esac
    sleep 1
    i=$((i + 1))
done
$bb sleep 1

systemctl show -p ExecMainStartTimestampMonotonic -p ExecMainExitTimestampMonotonic -p ExecMainStatus \
    -p CPUUsageNSec kdump-probe.service kdump-probe.timer 2>&1 | show unit
show interrupts < /proc/interrupts
for dev in /sys/bus/pci/devices/*; do
    driver=none
    [ -e "$dev/driver" ] && driver=$($bb basename "$($bb readlink "$dev/driver")")
    msi=0
    [ -d "$dev/msi_irqs" ] && msi=$($bb ls "$dev/msi_irqs" | $bb wc -l)
    echo "${dev##*/} class=$($bb cat "$dev/class") driver=$driver msi=$msi"
done | show pci
$bb cat /proc/cmdline | show cmdline
$bb cat /proc/meminfo | show meminfo
$bb ls -l /dev/disk/by-uuid 2>&1 | show by-uuid
$bb time -v /usr/bin/kdump-probe --json < /dev/null > /run/lab.json 2> /run/lab.cost
show report.json < /run/lab.json
show cost < /run/lab.cost
echo "done" | show end
poweroff -f
