#!/bin/sh
# Prints on the console, each line marked "LAB name|" so that tests/lab can take it out again:
# /proc/interrupts, the PCI devices with driver and MSI vectors, memory, what the probe cost, its report as JSON.
bb=/usr/lib/lab/busybox
show() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '\r\033[KLAB %s|%s\n' "$1" "$line" > /dev/console
    done
}

# wait until the drivers are through, then for the end of a watch since, at most five minutes each
i=0
until [ -e /run/lab-drivers ] || [ $i -gt 300 ]; do
    $bb sleep 1
    i=$((i + 1))
done
ready=$(cut -d. -f1 /proc/uptime)
spoken() {
    if [ -e /run/systemd/system ]; then
        ended=$(systemctl show -p ExecMainExitTimestampMonotonic kdump-probe.service)
        ended=${ended#*=}
        [ $((${ended:-0} / 1000000)) -ge "$ready" ]
    else
        [ -e /run/kdump-probe.started ] && ! $bb pidof kdump-probe > /dev/null
    fi
}
i=0
until spoken || [ $i -gt 300 ]; do
    $bb sleep 1
    i=$((i + 1))
done
$bb sleep 1
# a watch that ends with 0 has seen the target: the dump is at work, and switches the machine off itself
if [ -e /run/systemd/system ]; then
    case $(systemctl show -p ExecMainStatus kdump-probe.service) in
        *=0) exit 0 ;;
    esac
fi

# nor does a probe that cannot run (one cut short, one of another machine) end the run: the dump has to come all the same
/usr/bin/kdump-probe --version > /dev/null 2>&1 || exit 0

[ ! -e /run/systemd/system ] || systemctl show -p ExecMainStartTimestampMonotonic -p ExecMainExitTimestampMonotonic -p ExecMainStatus \
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
# some busyboxes count the peak in pages and call it kB: the reader compares with what the kernel says of cat
$bb time -v $bb cat /proc/self/status 2>&1 | show calibrate
$bb time -v /usr/bin/kdump-probe --json < /dev/null > /run/lab.json 2> /run/lab.cost
show report.json < /run/lab.json
show cost < /run/lab.cost
echo "done" | show end
$bb sleep 1
$bb poweroff -f
