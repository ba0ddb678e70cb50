#!/bin/bash
# The repository's own tests of dumps (RealDumpTests) on what the lab has just made.

READERS=$KDUMP_LAB/work/readers

readers_start() { rm -rf "$READERS"; mkdir -p "$READERS"; : > "$READERS/same"; }

# One crash's dumps under names that the tests know, with other tools' answers beside them.
readers_take() { # SUITE CRASH
    local name=$READERS/$1-$2 map=$KDUMP_LAB/debug/map-$KVER form same=
    ln -sf "$LAB_WORK/dumps/plain" "$name.elf"
    ln -sf "$LAB_WORK/dumps/l31" "$name.d31"
    [ ! -s "$LAB_WORK/dmesg.plain" ] || ln -sf "$LAB_WORK/dmesg.plain" "$name.dmesg"
    [ -s "$map" ] || "$LAB_HERE/in-root" "$KERNEL_ROOT" "$LAB_WORK" nm vmlinux > "$map" 2> /dev/null || rm -f "$map"
    # every crash of a kernel has the same symbols
    [ ! -s "$map" ] || ls "$READERS/$1"-*.map > /dev/null 2>&1 || ln -sf "$map" "$name.map"
    for form in "$LAB_WORK"/dumps/*; do
        case ${form##*/} in
            plain | split31.[23]) ;;
            split31.1) same+=" $form,${form%1}2,${form%1}3" ;;
            *) same+=" $form" ;;
        esac
    done
    echo "$LAB_WORK/dumps/plain$same" >> "$READERS/same"
}

readers_test() {
    local same filter='FullyQualifiedName~RealDumpTests' log=$READERS/log
    DOTNET_NOLOGO=1 dotnet build "$LAB_REPO/tests/Kdump.Tests" -c Release -v q -nologo > "$log" 2>&1 || { fail "the tests of dumps were not built, see $log"; return; }
    check "kernels out of every dump (RealDumpTests)" readers_run "$log" "KDUMP_DUMPS=$READERS" "$filter&FullyQualifiedName~Kernel"
    while read -r same; do
        check "every page of ${same%%/dumps/*}" readers_run "$log" "KDUMP_SAME_DUMPS=$same" "$filter&FullyQualifiedName~Formats"
    done < "$READERS/same"
}

readers_run() { # LOG VARIABLE FILTER
    env "$2" DOTNET_NOLOGO=1 dotnet test "$LAB_REPO/tests/Kdump.Tests" -c Release --no-build --nologo -v q --filter "$3" >> "$1" 2>&1 && tail -n 1 "$1" | grep -q 'Skipped: *0'
}
