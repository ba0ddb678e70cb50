#!/bin/bash
# What kdt says of an image, and whether that is what must be said.

count() { cat "$work/$1" 2> /dev/null | wc -l; }

selected() { [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]; }

# Ids of findings above info, sorted, one line: of the image, which the check of the whole machine must say as well.
verdict_of() { # IMAGE ROOT
    local image host
    image=$(ids_of image check --json "$1" --root "$2")
    host=$(ids_of host check --json --image "$1" --root "$2")
    [ "$image" = "$host" ] && echo "$image" || echo "image check: '$image', host check: '$host'"
}

ids_of() { # ARGS…
    "$KDT" "$@" > "$work/check.json" 2> "$work/check.err"
    [ $? -le 1 ] || { echo "failed: $(head -c 300 "$work/check.err")"; return; }
    # "severity" stands behind the "id" of its finding
    tr -d '\n' < "$work/check.json" | grep -o '"findings": *\[.*' | grep -oE '"(id|severity)": *"[^"]*"' | sed 's/.*: *"//; s/"$//' |
        paste - - | awk '$2 != "info" { print $1 }' | sort -u | paste -sd' ' -
}

declare -A versions # apt is asked once for each suite

machine_for() { # SUITE: sets ROOT, a root that is made once for each kernel
    if [ -z "${versions[$1]-}" ]; then
        kernel "$1"
        versions[$1]=$KVER
    fi
    KROOT=$KDUMP_LAB/kernels/$1 KVER=${versions[$1]}
    ROOT=$work/root-$KVER
    [ -d "$ROOT" ] && return
    machine_root "$ROOT" "$LAB_REPO/fixtures/trees/kdump-guest-6.1.tree" "$KVER"
    dress_root "$ROOT" "$KROOT" "$KVER"
}

# The base of a fault, unpacked once.
base_of() { # NAME: sets BASE
    BASE=$work/base-$1
    [ -d "$BASE" ] || unpack_image "$KDUMP_LAB/images/$1.img" "$BASE"
}

# fault NAME IMAGE IDS WHAT: the script on standard input breaks one thing. It sees I (the tree that programs of the image see), O (the outer tree),
# M (the modules in it), R (the root), K (the release), and may define after(), a filter for the finished image.
fault() {
    local name=$1 image=$2 ids=$3 what=$4 script copy got
    script=$(cat)
    selected "$name" || return 0
    echo "$name" >> "$work/faults"
    machine_for "$(kernel_of "$image")"
    base_of "$image"
    copy=$work/fault
    rm -rf "$copy"
    cp -al "$BASE" "$copy"
    cp -al "$ROOT" "$copy/machine"
    (
        set -e
        O=$copy/outer I=$copy/outer R=$copy/machine K=$KVER
        [ ! -d "$copy/root" ] || I=$copy/root
        M=$I/usr/lib/modules/$K/kernel
        [ -d "$M" ] || M=$I/lib/modules/$K/kernel
        after() { cat; }
        eval "$script"
        pack_image "$copy" | after > "$work/$name.img"
    ) || { echo "FAIL  $name: the fault could not be planted"; return; }
    got=$(verdict_of "$work/$name.img" "$copy/machine")
    printf '%s|%s|%s|%s|%s\n' "$name" "$image" "$what" "$ids" "$got" >> "$work/table"
    if [ "$got" = "$ids" ]; then
        echo "ok    $name: $got"
        echo "$name" >> "$work/found"
        rm -f "$work/$name.img"
    else
        echo "FAIL  $name ($what): must be '$ids', is '$got'"
        for id in $got; do [[ " $ids " == *" $id "* ]] || echo "$name $id" >> "$work/extra"; done
        cp "$work/check.json" "$work/$name.json"
    fi
}

# For fault scripts: files are shared with the base by hard links, so nothing may be written in place.
put() { local f=$1; mkdir -p "${f%/*}"; cat > "$f.new"; touch -d "${WHEN:-2020-01-02}" "$f.new"; mv -f "$f.new" "$f"; }
edit() { local f=$1; shift; sed "$@" "$f" | put "$f"; }
own() { cp -p "$1" "$1.own" && mv "$1.own" "$1"; }
cut_at() { head -c "$2" "$1" > "$1.cut" && chmod --reference="$1" "$1.cut" && mv "$1.cut" "$1"; }

healthy() { # NAME IMAGE ROOT WHAT
    local got
    selected "$1" || return 0
    echo "$1" >> "$work/healthy"
    got=$(verdict_of "$2" "$3")
    printf '%s|%s|%s\n' "$1" "$4" "${got:-none}" >> "$work/healthy-table"
    if [ -z "$got" ]; then
        echo "ok    $1: nothing above info"
        echo "$1" >> "$work/healthy-passed"
    else
        echo "FAIL  $1 ($4): $got"
        echo "$1 $got" >> "$work/alarms"
        cp "$work/check.json" "$work/$1.json"
    fi
}

# docs/image-check.md: what stands there before the tables stays, the rest is written anew.
write_table() { # FILE
    local head
    head=$(sed '/^<!-- written by/,$d' "$1" 2> /dev/null)
    {
        printf '%s\n\n' "$head"
        echo "<!-- written by make lab-images -->"
        echo "$(count found) of $(count faults) faults found with nothing else; $(count extra) findings that were not asked for; $(count alarms) false alarms on $(count healthy) whole images."
        echo
        echo "## Whole images"
        echo
        echo "| image | how it was made | found above info |"
        echo "|---|---|---|"
        awk -F'|' '{ printf "| %s | %s | %s |\n", $1, $2, $3 }' "$work/healthy-table"
        echo
        echo "## Faults"
        echo
        echo "| fault | image | what was done | found |"
        echo "|---|---|---|---|"
        awk -F'|' '{ n = split($5, id, " "); s = ""; for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") "`" id[i] "`"; printf "| %s | %s | %s | %s |\n", $1, $2, $3, s == "" ? "nothing" : s }' "$work/table"
        echo
        echo "## Lists beside other tools"
        echo
        echo "| image | tool | names that kdt lists | names that the tool lists |"
        echo "|---|---|---|---|"
        awk -F'|' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$work/compare-table"
    } > "$1.new"
    mv "$1.new" "$1"
}

# The dump goes to another host, through this interface of the recorded machine.
ssh_over() {
    local f
    for f in "$I" "$R"; do edit "$f/etc/kdump.conf" -e 's/^ext4 .*/ssh kdump@192.0.2.1/' -e 's/-l --message/-F -l --message/'; done
    edit "$I/etc/fstab" '/kdumproot/d'
    printf 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n%s\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n' "$1" | put "$R/proc/net/route"
}

# One line more in kdump.conf, on the machine and so in the image built from it.
configure() {
    local f
    for f in "$I" "$R"; do { cat "$f/etc/kdump.conf"; echo "$*"; } | put "$f/etc/kdump.conf"; done
}
