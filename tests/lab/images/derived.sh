#!/bin/bash
# Whole images that are put together from built ones, as other tools do it: several packed archives with zeros between them (mkosi), an archive that
# 3cpio wrote, an image with an early-kdump image inside, a unified kernel image. And the other tools' lists of the same images beside ours.
# shellcheck disable=SC2154

sid() { chroot "$SUITE_ROOT" "$@"; }

# Names in an image, sorted, as each tool tells them. Later archives may hold a name again.
names_of() { # TOOL IMAGE
    case $1 in
        kdt) "$KDT" image list "$2" | sed -nE 's/^[^#].{9} .* [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} (.*)$/\1/p' | sed 's/ -> .*//' ;;
        3cpio) cp "$2" "$SUITE_ROOT/tmp/names.img" && sid 3cpio -t /tmp/names.img ;;
        lsinitramfs) cp "$2" "$SUITE_ROOT/tmp/names.img" && sid lsinitramfs /tmp/names.img ;;
        lsinitrd) cp "$2" "$SUITE_ROOT/tmp/names.img" && sid lsinitrd /tmp/names.img | sed -nE 's/^[-dlcbps][-rwxsStT]{9} .* [A-Z][a-z]{2} +[0-9]+ +[0-9:]{4,5} (.*)$/\1/p' | sed 's/ -> .*//' ;;
        cpio) skip=$(/usr/lib/dracut/skipcpio "$2" | wc -c); [ "$skip" -gt 0 ] && tail -c "$skip" "$2" | $(cat "$3") | cpio -t --quiet ;;
    esac 2> /dev/null | sed 's,^\./,,' | grep -vx '' | LC_ALL=C sort -u
}

# A tool's list must be the same as ours.
alike() { # NAME TOOL IMAGE
    names_of kdt "$3" > "$work/ours"
    names_of "$2" "$3" > "$work/theirs"
    echo "$1|$2|$(wc -l < "$work/ours")|$(wc -l < "$work/theirs")" >> "$work/compare-table"
    if cmp -s "$work/ours" "$work/theirs"; then
        echo "ok    $1: the list of $2, $(wc -l < "$work/ours") names"
        echo "$1" >> "$work/compared"
    else
        echo "FAIL  $1: $2 lists $(wc -l < "$work/theirs") names, kdt $(wc -l < "$work/ours"): $(diff "$work/theirs" "$work/ours" | grep '^[<>]' | head -n 4 | tr '\n' ' ')"
        echo "$1" >> "$work/differ"
    fi
}

# A tool misses names that the kernel would unpack, and that we list: the names that were put in tell.
misses() { # NAME TOOL IMAGE TRUTH
    names_of kdt "$3" > "$work/ours"
    names_of "$2" "$3" > "$work/theirs"
    echo "$1|$2|$(wc -l < "$work/ours")|$(wc -l < "$work/theirs")" >> "$work/compare-table"
    if cmp -s "$work/ours" "$4" && [ "$(wc -l < "$work/theirs")" -lt "$(wc -l < "$4")" ]; then
        echo "ok    $1: all $(wc -l < "$4") names; $2 lists $(wc -l < "$work/theirs")"
        echo "$1" >> "$work/compared"
    else
        echo "FAIL  $1: there are $(wc -l < "$4") names, kdt lists $(wc -l < "$work/ours"), $2 $(wc -l < "$work/theirs")"
        echo "$1" >> "$work/differ"
    fi
}

machine_for bookworm
base_of b-dracut-zstd
suite_root sid
three=$work/derived
mkdir -p "$three"

if selected derived; then
    # mkosi: the initrd, and one more with the kernel's modules, both packed, zeros between them
    (cd "$BASE/outer" && find . -not -path './usr/lib/modules*' -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet -R 0:0 | zstd -q -3 > "$three/one.zst")
    (cd "$BASE/outer" && { printf '%s\0' ./usr ./usr/lib; find ./usr/lib/modules -print0; } | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet -R 0:0 | zstd -q -3 > "$three/two.zst")
    { cat "$three/one.zst"; head -c $(((4096 - $(stat -c %s "$three/one.zst") % 4096))) /dev/zero; cat "$three/two.zst"; } > "$three/mkosi.img"
    healthy mkosi-two-archives "$three/mkosi.img" "$ROOT" "two zstd archives with zeros between them, as mkosi writes"
    # the early part first, packed by another compressor than the rest
    { gzip -c < <(cd "$BASE/outer" && printf 'etc\nusr\n' | cpio -o -H newc --quiet); zstd -dcq "$three/one.zst" | xz -1 --check=crc32; xz -1 --check=crc32 < <(zstd -dcq "$three/two.zst"); } > "$three/mixed.img"
    healthy mixed-archives "$three/mixed.img" "$ROOT" "gzip, xz and xz archives one behind the other"
    # 3cpio writes one itself
    rm -rf "$SUITE_ROOT/tmp/tree"
    cp -a "$BASE/outer" "$SUITE_ROOT/tmp/tree"
    (cd "$BASE/outer" && { echo '#cpio: zstd -3'; find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort; }) > "$SUITE_ROOT/tmp/manifest"
    # shellcheck disable=SC2016
    sid sh -c 'cd /tmp/tree && 3cpio --create /tmp/three.img < /tmp/manifest' && mv "$SUITE_ROOT/tmp/three.img" "$three/3cpio.img"
    healthy 3cpio-create "$three/3cpio.img" "$ROOT" "3cpio --create of sid, zstd"
    # early kdump: the boot image carries kernel and kdump.img
    rm -rf "$three/early"
    cp -al "$BASE" "$three/early"
    mkdir -p "$three/early/outer/boot"
    cp "$KDUMP_LAB/images/b-dracut-xz.img" "$three/early/outer/boot/initramfs-earlykdump"
    pack_image "$three/early" > "$three/early.img"
    healthy early-kdump "$three/early.img" "$ROOT" "a dracut image with another in /boot/initramfs-earlykdump, as kdump-utils' earlykdump module leaves it"
    # a unified kernel image, by objcopy as ukify did it
    stub=$KROOT/boot/vmlinuz-$KVER
    if objcopy --add-section .initrd="$KDUMP_LAB/images/b-dracut-zstd.img" --change-section-vma .initrd=0x3000000 "$stub" "$three/uki.efi" 2> /dev/null; then
        healthy unified-kernel "$three/uki.efi" "$ROOT" "a kernel with the image as its section .initrd"
    fi

    for name in b-dracut-zstd b-dracut-xz b-dracut-gzip-ucode b-dracut-lz4 b-initramfs b-initramfs-ucode b-initramfs-most t-dracut-zstd t-initramfs-xz s-dracut-strip; do
        for tool in 3cpio lsinitramfs lsinitrd; do
            alike "$name" $tool "$KDUMP_LAB/images/$name.img"
        done
    done
    { zstd -dcq "$three/one.zst" | cpio -t --quiet; zstd -dcq "$three/two.zst" | cpio -t --quiet; } | sed 's,^\./,,' | LC_ALL=C sort -u > "$three/truth"
    for tool in 3cpio lsinitramfs lsinitrd; do misses mkosi-two-archives $tool "$three/mkosi.img" "$three/truth"; done
fi
