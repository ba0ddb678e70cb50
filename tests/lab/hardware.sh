#!/bin/bash
# Machines whose hardware fails on request: QEMU's monitor injects the error, a busybox guest (the scenario's "guest" script)
# arranges what it must hit, and what the kernel says of it is real. No crash kernel is involved unless the guest loads one.

hardware_image() { # MODULES…: $LAB_WORK/guest.img, with kdt's and kexec's files where EXTRA (a folder) holds some
    local t m f b
    t=$(mktemp -d "$KDUMP_LAB/guest.XXXXXX")
    mkdir -p "$t"/{bin,proc,sys,dev,mod,tmp}
    cp "$(command -v busybox)" "$t/bin/busybox"
    cp "$LAB_HERE/hardware-init" "$t/init"
    cp "$LAB_DIR/guest" "$t/guest"
    [ -z "${EXTRA-}" ] || cp -r "$EXTRA/." "$t/"
    : > "$t/modules"
    for m in "$@"; do
        modprobe -n --show-depends -d "$KROOT" -S "$KVER" "$m" 2> /dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p' | while read -r f; do
            b=${f##*/}; b=${b%.xz}; b=${b%.zst}
            ! grep -qx "$b" "$t/modules" || continue
            case $f in *.xz) xz -dc "$f" > "$t/mod/$b" ;; *.zst) zstd -dcq "$f" > "$t/mod/$b" ;; *) cp "$f" "$t/mod/$b" ;; esac
            echo "$b" >> "$t/modules"
        done
    done
    (cd "$t" && find . | cpio -o -H newc --quiet) > "$LAB_WORK/guest.img"
    rm -rf "$t"
}

hardware_boot() { # KERNEL-ARGUMENTS QEMU-ARGUMENTS…: starts the machine; hmp and wait_mark talk to it, hardware_end waits for its end
    local arguments=$1
    shift
    rm -f "$LAB_WORK"/mon.in "$LAB_WORK"/mon.out
    mkfifo "$LAB_WORK/mon.in" "$LAB_WORK/mon.out"
    cat "$LAB_WORK/mon.out" > "$LAB_WORK/monitor" &
    exec 7<> "$LAB_WORK/mon.in"
    : > "$LAB_WORK/console.log"
    SECONDS=0
    timeout "${LIMIT:-600}" "${QEMU:-qemu-system-x86_64}" -accel "${LAB_ACCEL:-tcg,thread=multi}" -m 1024M -display none -no-reboot -nodefaults -no-user-config \
        -serial "file:$LAB_WORK/console.log" -chardev "pipe,id=monitor,path=$LAB_WORK/mon" -mon chardev=monitor \
        -kernel "$KROOT/boot/vmlinuz-$KVER" -initrd "$LAB_WORK/guest.img" -append "console=ttyS0,115200 no_timer_check panic=-1 $arguments" \
        "$@" 2> "$LAB_WORK/qemu.err" &
    HARDWARE_PID=$!
}

hmp() { echo "$*" >&7; }

wait_mark() { # TEXT: until the console holds it
    local n
    for n in $(seq 1200); do
        grep -aq -- "$1" "$LAB_WORK/console.log" && return
        kill -0 "$HARDWARE_PID" 2> /dev/null || break
        sleep 0.5
    done
    fail "the console never held: $1 ($n half seconds)"
    return 1
}

hardware_end() {
    wait "$HARDWARE_PID" || [ $? -ne 124 ] || note "the machine ran into the limit of ${LIMIT:-600} s"
    exec 7>&-
    note "machine time $SECONDS s"
    rm -f "$LAB_WORK/guest.img" "$LAB_WORK"/mon.in "$LAB_WORK"/mon.out
    split_console
}

# An emulator that forwards errors of devices as the specification has it, and has a card with SR-IOV (igb): QEMU 8 or newer. The host's own,
# or trixie's, unpacked into the cache like the kernels. Sets QEMU; fails, with a note, where neither can be had.
new_qemu() {
    local root=$KDUMP_LAB/qemu-trixie/root
    QEMU=qemu-system-x86_64
    ! "$QEMU" -device help 2> /dev/null | grep -q '"igb"' || return 0
    [ -e "$root/usr/bin/qemu-system-x86_64" ] || unpack_qemu "$root" || { note "no QEMU 8 or newer: skipped"; return 1; }
    QEMU=$KDUMP_LAB/qemu-trixie/qemu
    cat > "$QEMU" <<END
#!/bin/bash
export QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu
exec $root/usr/lib64/ld-linux-x86-64.so.2 --library-path $root/usr/lib/x86_64-linux-gnu $root/usr/bin/qemu-system-x86_64 -L $root/usr/share/qemu -L $root/usr/share/seabios -L $root/usr/lib/ipxe/qemu "\$@"
END
    chmod +x "$QEMU"
    "$QEMU" --version > /dev/null 2>&1 || { note "trixie's QEMU does not run here: skipped"; return 1; }
}

unpack_qemu() { # ROOT: the emulator, its firmware and every library it names
    local wanted=(qemu-system-x86) seen=" " p next
    echo "lab: unpacking QEMU of trixie" >&2
    mkdir -p "$1"
    while [ ${#wanted[@]} -gt 0 ]; do
        next=()
        for p in "${wanted[@]}"; do
            [[ $seen != *" $p "* ]] || continue
            seen+="$p "
            mkdir -p "$1.debs"
            (cd "$1.debs" && { ls "${p}"_*.deb || apt_private apt-get download "$p/trixie"; }) > /dev/null 2>&1 || continue
            dpkg-deb -x "$1.debs/$p"_*.deb "$1"
            mapfile -t -O ${#next[@]} next < <(depends_of "$p" trixie | grep -E '^(lib|qemu-system-(common|data)|seabios|ipxe-qemu)')
        done
        wanted=("${next[@]}")
    done
    [ -e "$1/usr/bin/qemu-system-x86_64" ]
}
