#!/bin/bash
# Images and machines with one thing broken: shared by images/run, which checks them before a boot, and rehearse/faults, which boots them.

selected() { [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]; }

images=$LAB_HERE/images

kernel_of() { awk -F'|' -v n="$1" '{ gsub(/ /, "", $1); gsub(/ /, "", $3) } $1 == n { print $3 }' "$images/healthy"; }

build_image() { # NAME SUITE RUN PACKAGES: KDUMP_LAB/images/NAME.img, built once for the same kernel, suite and recipe
    local name=$1 suite=$2 run=$3 packages=$4 out=$KDUMP_LAB/images key
    suite_root "$suite"
    key=$( (echo "$suite $run $packages $KVER $TARGET"; cat "$SUITE_ROOT/var/lib/dpkg/status" "$KDUMP_PROBE" "$images/build"; find "$LAB_REPO/dracut" "$LAB_HERE/dracut" -type f -print0 | sort -z | xargs -0 cat) | sha256sum)
    [ -e "$out/$name.img" ] && [ "$(cat "$out/$name.key" 2> /dev/null)" = "$key" ] && return
    echo "lab: $suite builds $name for $KVER" >&2
    mkdir -p "$out/$name.d"
    in_suite "$suite" "$out/$name.d" bash -euc "${packages:+apt-get install -y -qq --no-install-recommends $packages; }KVER=$KVER TARGET=$TARGET bash /repo/tests/lab/images/build ${run%% *} $name ${run#"${run%% *}"}" \
        > "$out/$name.log" 2>&1 < /dev/null || { tail -n 5 "$out/$name.log" >&2; die "building $name failed, see $out/$name.log"; }
    mv "$out/$name.d/$name".* "$out/"
    rmdir "$out/$name.d"
    echo "$key" > "$out/$name.key"
}

# Its line in images/healthy, taken apart; builds it where it is not there.
whole_image() { # NAME: sets IMAGE, RUN and ROOT
    local name suite kernel packages
    IFS='|' read -r name suite kernel RUN packages < <(grep "^$1 *|" "$images/healthy") || [ -n "${kernel-}" ] || die "images/healthy has no $1"
    read -r suite <<< "$suite"; read -r kernel <<< "$kernel"; read -r RUN <<< "$RUN"; read -r packages <<< "${packages-}"
    machine_for "$kernel"
    build_image "$1" "$suite" "$RUN" "$packages"
    IMAGE=$KDUMP_LAB/images/$1.img SUITE_OF=$suite
    # an image of everything needs room for everything
    [[ $RUN == *MODULES=most* ]] && roomy
    return 0
}

roomy() { # ROOT with a gigabyte reserved
    local machine=$work/root-roomy
    [ -d "$machine" ] || { cp -al "$ROOT" "$machine"; rm "$machine/sys/kernel/kexec_crash_size"; echo $((1 << 30)) > "$machine/sys/kernel/kexec_crash_size"; }
    ROOT=$machine
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
    [ -d "$BASE" ] || { whole_image "$1"; unpack_image "$IMAGE" "$BASE"; }
}

# plant NAME IMAGE: the script on standard input breaks one thing in that image or on its machine. It sees I (the tree that programs of the image see),
# O (the outer tree), M (the modules in it), R (the root), K (the release), and may define after(), a filter for the finished image. What it made:
# $work/NAME.img, and the machine in $PLANTED.
plant() {
    local name=$1 image=$2 script copy=$work/fault
    script=$(cat)
    machine_for "$(kernel_of "$image")"
    base_of "$image"
    PLANTED=$copy/machine
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
    )
}

# For fault scripts: files are shared with the base by hard links, so nothing may be written in place.
put() { local f=$1; mkdir -p "${f%/*}"; cat > "$f.new"; touch -d "${WHEN:-2020-01-02}" "$f.new"; mv -f "$f.new" "$f"; }
edit() { local f=$1; shift; sed "$@" "$f" | put "$f"; }
own() { cp -p "$1" "$1.own" && mv "$1.own" "$1"; }
cut_at() { head -c "$2" "$1" > "$1.cut" && chmod --reference="$1" "$1.cut" && mv "$1.cut" "$1"; }

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
