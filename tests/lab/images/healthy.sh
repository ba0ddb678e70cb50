#!/bin/bash
# The whole images: each built by the tools of its suite, kept in the cache, and judged against its machine.

kernel_of() { awk -F'|' -v n="$1" '{ gsub(/ /, "", $1); gsub(/ /, "", $3) } $1 == n { print $3 }' "$here/healthy"; }

build_image() { # NAME SUITE RUN PACKAGES: KDUMP_LAB/images/NAME.img, built once for the same kernel, suite and recipe
    local name=$1 suite=$2 run=$3 packages=$4 out=$KDUMP_LAB/images key
    suite_root "$suite"
    key=$( (echo "$suite $run $packages $KVER $TARGET"; cat "$SUITE_ROOT/var/lib/dpkg/status" "$KDUMP_PROBE" "$here/build"; find "$LAB_REPO/dracut" "$LAB_HERE/dracut" -type f -print0 | sort -z | xargs -0 cat) | sha256sum)
    [ -e "$out/$name.img" ] && [ "$(cat "$out/$name.key" 2> /dev/null)" = "$key" ] && return
    echo "lab: $suite builds $name for $KVER" >&2
    mkdir -p "$out/$name.d"
    in_suite "$suite" "$out/$name.d" bash -euc "${packages:+apt-get install -y -qq --no-install-recommends $packages; }KVER=$KVER TARGET=$TARGET bash /repo/tests/lab/images/build ${run%% *} $name ${run#"${run%% *}"}" \
        > "$out/$name.log" 2>&1 < /dev/null || { tail -n 5 "$out/$name.log" >&2; die "building $name failed, see $out/$name.log"; }
    mv "$out/$name.d/$name".* "$out/"
    rmdir "$out/$name.d"
    echo "$key" > "$out/$name.key"
}

while IFS='|' read -r name suite kernel run packages <&3; do
    case $name in '#'* | '') continue ;; esac
    read -r name <<< "$name"; read -r suite <<< "$suite"; read -r kernel <<< "$kernel"; read -r run <<< "$run"; read -r packages <<< "${packages-}"
    machine_for "$kernel"
    build_image "$name" "$suite" "$run" "$packages"
    machine=$ROOT
    if [[ $run == *MODULES=most* ]]; then
        # an image of everything needs room for everything
        machine=$work/root-roomy
        cp -al "$ROOT" "$machine"
        rm "$machine/sys/kernel/kexec_crash_size"
        echo $((1 << 30)) > "$machine/sys/kernel/kexec_crash_size"
    fi
    healthy "$name" "$KDUMP_LAB/images/$name.img" "$machine" "$run on $suite, kernel $KVER"
done 3< "$here/healthy"
