#!/bin/bash
# The machine of 01 with rd.break=initqueue: a shell over the serial line, and the experiments of the field in it.
# (kdump-utils replaces dracut's emergency service by its own, so its images give no such shell; see README.md.)

kdump_image virtio_blk
disk_image "$TARGET"
vector_machine
mkfifo "$LAB_WORK/keys"
exec 7<> "$LAB_WORK/keys" # keeps the fifo open on both sides
crash nr_cpus=1 rd.break=initqueue rd.shell rd.timeout=600 &
machine=$!

# the console, live
console() { tr -d '\r' < "$LAB_WORK/console.log" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g'; }
await() { # ERE SECONDS
    local end=$((SECONDS + $2))
    until console 2> /dev/null | grep -aEq -- "$1"; do
        [ $SECONDS -lt $end ] && kill -0 $machine 2> /dev/null || return 1
        sleep 1
    done
}
say() { printf '%s\n' "$*" >&7; }
shell() { # NAME COMMAND: runs it in the shell, its output goes to the file NAME
    say "echo BEGIN-$1; $2; echo END-$1 \$?"
    await "^END-$1 [0-9]" 90 || fail "the shell did not finish: $2"
    console | sed -n "/^BEGIN-$1\$/,/^END-$1 /p" > "$LAB_WORK/$1"
}

if await 'Press Enter for maintenance|press Control-D|:/root# |:/# ' 240; then
    ok "rd.break=initqueue gives a shell on the serial line"
    say ''
    sleep 3
    say 'PS1=; dmesg -n 1'
    sleep 2
    shell settle 'udevadm settle --timeout=80' # the break comes before udev is through
    shell hand 'kdump-probe'
    # shellcheck disable=SC2016 # it is for the other shell
    shell finddisks 'echo; for d in /sys/bus/pci/devices/*; do c=$(cat $d/class); case $c in 0x010000|0x010802) echo "DISK $c ${d##*/}";; esac; done'
    blk=$(sed -n 's/^DISK 0x010000 //p' "$LAB_WORK/finddisks")
    nvme=$(sed -n 's/^DISK 0x010802 //p' "$LAB_WORK/finddisks")
    check "the shell names the virtio disk (${blk:-none}) and the NVMe (${nvme:-none})" test -n "$blk" -a -n "$nvme"
    shell rebind-failing "kdump-probe rebind $blk --yes"
    shell rebind-working "kdump-probe rebind $nvme --yes"
    shell trace "kdump-probe trace request_threaded_irq --bind $blk --yes"
    shell refused "kdump-probe rebind $blk < /dev/null"
    say 'poweroff -f'
else
    fail "rd.break=initqueue gives a shell on the serial line"
fi
wait $machine
exec 7>&-
rm -f "$LAB_WORK/keys"
expect "$LAB_DIR/expect.txt"
