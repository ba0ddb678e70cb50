#!/bin/bash
# What the probe may cost a crash kernel, measured on the published program: probe-budget.sh OUT/kdump-probe
# Size, static linking, no compression library, an empty chroot and resident memory (the last two as root), a small address space.
set -eu
probe=${1:?usage: $0 OUT/kdump-probe}
max_bytes=4000000
max_packed_bytes=1600000
max_resident_kb=8192
max_address_kb=100000
failed=0
say() { printf '%-8s %s\n' "$1" "$2"; [ "$1" = ok ] || failed=1; }

bytes=$(stat -c %s "$probe")
if [ "$bytes" -le $max_bytes ]; then say ok "$bytes bytes of $max_bytes"; else say FAILED "$bytes bytes, $max_bytes allowed"; fi

if command -v zstd > /dev/null; then
    packed=$(zstd -19 -q -c "$probe" | wc -c)
    if [ "$packed" -le $max_packed_bytes ]; then say ok "$packed bytes packed, of $max_packed_bytes"; else say FAILED "$packed bytes packed, $max_packed_bytes allowed"; fi
else
    say ok "(packed size: needs zstd, not tried)"
fi

# A program interpreter or a needed library is what an initramfs may lack.
if readelf -lW "$probe" | grep -q INTERP || readelf -dW "$probe" | grep -q NEEDED; then say FAILED "not static"; else say ok "static"; fi

if strings "$probe" | grep -Eq 'lib(zstd|lzma|lz4|lzo|snappy|bz2|z)\.so'; then say FAILED "names a compression library"; else say ok "names no compression library"; fi

code=0; "$probe" --version > /dev/null || code=$?
if [ $code = 0 ]; then say ok "runs"; else say FAILED "--version exits $code"; fi

code=0; (ulimit -v $max_address_kb; "$probe" --no-kmsg > /dev/null) || code=$?
if [ $code -le 1 ]; then say ok "runs in $max_address_kb KiB of address space"; else say FAILED "exits $code in $max_address_kb KiB of address space"; fi

if [ "$(id -u)" = 0 ]; then
    room=$(mktemp -d)
    trap 'rm -rf "$room"' EXIT
    cp "$probe" "$room/kdump-probe"
    code=0; chroot "$room" /kdump-probe --no-kmsg > /dev/null || code=$?
    if [ $code = 2 ]; then say ok "an empty chroot: nothing could be read, and it says so"; else say FAILED "exits $code in an empty chroot, 2 expected"; fi
else
    say ok "(empty chroot: needs root, not tried)"
fi

# The high-water mark, as the kernel tells the program itself at its end (VmHWM).
peak=$("$probe" --no-kmsg --peak 2>&1 > /dev/null | sed -n 's/.*VmHWM: *\([0-9]*\) kB.*/\1/p')
if [ -n "$peak" ] && [ "$peak" -le $max_resident_kb ]; then say ok "$peak KiB resident at most, of $max_resident_kb"; else say FAILED "${peak:-unknown} KiB resident, $max_resident_kb allowed"; fi
exit $failed
