#!/bin/bash
# Shared by tests/lab/run, its scenarios and harvest: the cache, the tools, what is expected and how it is counted.

LAB_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_REPO=$(cd "$LAB_HERE/../.." && pwd)
KDUMP_LAB=${KDUMP_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/kdump-lab}
KDUMP_PROBE=$(realpath -m "${KDUMP_PROBE:-$LAB_REPO/out/kdump-probe}")
KDT=$(realpath -m "${KDT:-$LAB_REPO/out/kdt}")
# The dump target. Any UUID does; this one is the lab's own.
export TARGET=5eed0004-0000-4000-8000-0123456789ab
export WRONG_TARGET=bad00005-0000-4000-8000-0123456789ab

# shellcheck source=/dev/null
. "$LAB_HERE/kernel.sh"
# shellcheck source=/dev/null
. "$LAB_HERE/image.sh"
# shellcheck source=/dev/null
. "$LAB_HERE/debian.sh"
# shellcheck source=/dev/null
. "$LAB_HERE/suite.sh"
# shellcheck source=/dev/null
. "$LAB_HERE/machine.sh"
# shellcheck source=/dev/null
. "$LAB_HERE/hardware.sh"

die() { echo "lab: $*" >&2; exit 2; }

need_tools() {
    "$LAB_REPO/tests/need" qemu-system-x86_64:qemu-system-x86 busybox:busybox-static makedumpfile kexec:kexec-tools cpio depmod:kmod \
        xz:xz-utils zstd dracut:dracut-core systemctl:systemd udevadm:udev mkfs.ext4:e2fsprogs debugfs:e2fsprogs || exit 2
}

# ok and FAIL lines; a scenario runs in a subshell, so the counts live in files
ok() { echo "ok    $LAB_NAME: $*"; echo "$*" >> "$LAB_WORK/passed"; }
fail() { echo "FAIL  $LAB_NAME: $*"; echo "$*" >> "$LAB_WORK/failed"; }
note() { echo "      $LAB_NAME: $*"; echo "$*" >> "$LAB_WORK/results"; }
check() { # TEXT COMMAND...: one expectation
    local text=$1; shift
    if "$@" > /dev/null 2>&1; then ok "$text"; else fail "$text"; fi
}

# Takes the console apart: what the lab printed, what the probe said by itself, and the console as a person would have it.
split_console() {
    local name plain=$LAB_WORK/console.plain
    tr -d '\r' < "$LAB_WORK/console.log" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\x1b[()][A-Z0-9]//g' > "$plain"
    for name in $(grep -ao 'LAB [a-z.-]*|' "$plain" | cut -c5- | tr -d '|' | sort -u); do
        sed -n "s/.*LAB $name|//p" "$plain" > "$LAB_WORK/$name"
    done
    grep -av 'LAB [a-z.-]*|' "$plain" > "$LAB_WORK/console.txt"
    rm -f "$plain"
    grep -ao 'kdump-probe\[[0-9]*\]: .*' "$LAB_WORK/console.txt" | sed 's/^[^:]*: //' > "$LAB_WORK/report" || true
}

# expect.txt: "FILE has ERE", "FILE lacks ERE", "FILE finding ID" (or "ID|ID"), "FILE root ID", "explain …" for kdt's verdict on the console.
expect() {
    local file verb text json
    while read -r file verb text || [ -n "$file" ]; do
        case $file in '' | '#'*) continue ;; esac
        text=${text//@TARGET@/$TARGET}
        text=${text//@WRONG@/$WRONG_TARGET}
        if [ "$file" = explain ]; then explain; file=explain.json; fi
        file=$LAB_WORK/$file
        [ -e "$file" ] || { fail "${file##*/} $verb $text (there is no ${file##*/})"; continue; }
        json=$(tr -d ' \n' < "$file")
        case $verb in
            has) check "${file##*/} has $text" grep -aEq -- "$text" "$file" ;;
            lacks) if grep -aEq -- "$text" "$file"; then fail "${file##*/} lacks $text"; else ok "${file##*/} lacks $text"; fi ;;
            finding) check "${file##*/} finding $text" grep -Eq "\"id\":\"($text)\"" <<< "$json" ;;
            root) check "${file##*/} root cause $text" grep -Eq "\"rootCauses\":\[[^]]*\"$text\"" <<< "$json" ;;
            *) die "$LAB_NAME/expect.txt: unknown word $verb" ;;
        esac
    done < "$1"
}

explain() {
    [ -e "$LAB_WORK/explain.json" ] && return
    [ -x "$KDT" ] || return 0
    local files=("$LAB_WORK/console.txt")
    [ ! -s "$LAB_WORK/interrupts" ] || files+=("$LAB_WORK/interrupts")
    "$KDT" explain --json "${files[@]}" > "$LAB_WORK/explain.json" 2> "$LAB_WORK/explain.err" || true
}

# The probe's own price inside the crash kernel: time and peak memory of one whole look, CPU time of the watch.
note_cost() {
    local wall peak truth counted
    wall=$(sed -n 's/.*Elapsed.*: //p' "$LAB_WORK/cost" 2> /dev/null)
    [ -n "$wall" ] || { note "probe cost: not measured"; return; }
    peak=$(sed -n 's/.*Maximum resident set size (kbytes): //p' "$LAB_WORK/cost")
    truth=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "$LAB_WORK/calibrate")
    counted=$(sed -n 's/.*Maximum resident set size (kbytes): //p' "$LAB_WORK/calibrate")
    [ "${truth:-0}" -gt 0 ] && [ "$counted" -gt $((truth * 3)) ] && peak=$((peak / 4))
    note "probe cost: $wall, peak $peak kB; watch: $(sed -n 's/^CPUUsageNSec=//p' "$LAB_WORK/unit" 2> /dev/null | head -1) ns of CPU"
}

# The CPU count that a report recommends: the first nr_cpus= that is not what the crash kernel had.
recommended_cpus() { grep -aEo 'nr_cpus=[0-9]+' "$1" 2> /dev/null | cut -d= -f2 | grep -vx 1 | head -1; }
