#!/bin/bash
# Roots and images taken apart and put together again, with the tools that made them.

# A recorded machine as folders and links, its kernel release replaced by the one that the image is for.
machine_root() { # FOLDER TREE RELEASE
    local recorded
    mkdir -p "$1"
    recorded=$(sed -n 's/^@ proc\/sys\/kernel\/osrelease = //p' "$2")
    sed "s/${recorded//./\\.}/$3/g" "$2" | awk -v root="$1" '
        function place(p) { split(p, a, "/"); d = p; sub("/[^/]*$", "", d); if (d != p && !(d in made)) { made[d] = 1; system("mkdir -p \"" root "/" d "\"") } }
        /^#/ { next }
        /^@ / {
            if (open) close(open); open = ""; e = substr($0, 3)
            if ((i = index(e, " -> "))) { p = substr(e, 1, i - 1); place(p); print substr(e, i + 4) "\t" root "/" p > (root ".links") }
            else if ((i = index(e, " = "))) { p = substr(e, 1, i - 1); place(p); print substr(e, i + 3) > (root "/" p); close(root "/" p) }
            else { place(e); open = root "/" e }
            next
        }
        open { print > open }'
    while IFS=$'\t' read -r target path; do ln -s "$target" "$path"; done < "$1.links"
    rm -f "$1.links"
}

# What an administrator of that machine has written, and what its kernel's package has left there.
dress_root() { # FOLDER KROOT RELEASE
    local root=$1 kroot=$2 release=$3
    mkdir -p "$root"/{etc/sysconfig,boot,usr/lib/modules,usr/lib/firmware}
    ln -s usr/lib "$root/lib"
    printf 'UUID=%s / ext4 rw 0 1\n' "$TARGET" > "$root/etc/fstab"
    printf 'ext4 UUID=%s\npath /var/crash\ncore_collector makedumpfile -l --message-level 7 -d 31\n' "$TARGET" > "$root/etc/kdump.conf"
    cat > "$root/etc/sysconfig/kdump" << 'CONF'
KDUMP_COMMANDLINE=""
KDUMP_COMMANDLINE_REMOVE="hugepages hugepagesz slub_debug quiet log_buf_len swiotlb hugetlb_cma ignition.firstboot"
KDUMP_COMMANDLINE_APPEND="irqpoll nr_cpus=1 reset_devices cgroup_disable=memory mce=off numa=off udev.children-max=2 panic=10 acpi_no_memhotplug transparent_hugepage=never nokaslr hest_disable novmcoredd cma=0 hugetlb_cma=0 pcie_ports=compat"
CONF
    cp "$kroot/boot/config-$release" "$root/boot/"
    : > "$root/boot/vmlinuz-$release"
    mkdir "$root/usr/lib/modules/$release"
    cp "$kroot/lib/modules/$release"/modules.* "$root/usr/lib/modules/$release/"
    find "$root" -xdev -type f -exec touch -d 2020-01-01 {} +
}

# An image unpacked: FOLDER/outer, and FOLDER/root where a squashfs or erofs root is inside; FOLDER/early is what stood before.
unpack_image() { # IMAGE FOLDER
    local image=$1 folder=$2 skip
    mkdir -p "$folder/outer"
    skip=$(/usr/lib/dracut/skipcpio "$image" | wc -c)
    skip=$(($(stat -c %s "$image") - skip))
    # an image that is not packed is no early part
    [ "$skip" -lt "$(stat -c %s "$image")" ] || skip=0
    [ "$skip" -eq 0 ] || head -c "$skip" "$image" > "$folder/early"
    tail -c +$((skip + 1)) "$image" > "$folder/rest"
    case $(head -c 4 "$folder/rest" | od -An -tx1 | tr -d ' \n') in
        28b52ffd) echo 'zstd -qdc' ;; fd377a58) echo 'xz -dc' ;; 1f8b*) echo 'gzip -dc' ;; 02214c18) echo 'lz4 -dc' ;; *) echo cat ;;
    esac > "$folder/filter"
    # shellcheck disable=SC2046
    (cd "$folder/outer" && $(cat ../filter) < ../rest | cpio -idm --quiet 2> /dev/null)
    rm "$folder/rest"
    for skip in squash-root.img squashfs-root.img; do
        [ ! -e "$folder/outer/$skip" ] || unsquashfs -q -n -d "$folder/root" "$folder/outer/$skip" > /dev/null
    done
}

pack_cpio() { (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet -R 0:0 --reproducible); }

pack_image() { # FOLDER: the archive as its builder wrote it
    local folder=$1 name
    for name in squash-root.img squashfs-root.img; do
        if [ -d "$folder/root" ] && [ -e "$folder/outer/$name" ]; then
            rm "$folder/outer/$name"
            mksquashfs "$folder/root" "$folder/outer/$name" -quiet -no-progress -comp zstd -Xcompression-level 3 > /dev/null
        fi
    done
    [ ! -e "$folder/early" ] || cat "$folder/early"
    pack_cpio "$folder/outer" | case $(cat "$folder/filter") in
        zstd*) zstd -q -1 -T2 ;; xz*) xz -1 --check=crc32 -T2 ;; gzip*) gzip -1 ;; lz4*) lz4 -l -q -1 ;; *) cat ;;
    esac
}
