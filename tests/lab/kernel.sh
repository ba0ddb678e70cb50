#!/bin/bash
# Kernels of Debian suites, unpacked under $KDUMP_LAB/kernels/SUITE. apt finds the newest and checks its signature;
# its lists and packages lie in the cache, and nothing is installed. LAB_FLAVOUR is the kernel's (cloud-amd64, rt-amd64, arm64, arm64-16k) where it
# is not amd64: it names the architecture, too. LAB_UBUNTU=SUITE: the suite is Ubuntu's.

# generic-64k: Ubuntu builds kernels with pages of 64 KiB for arm64 alone.
lab_arch() { case ${LAB_FLAVOUR:-amd64} in *arm64* | *-64k) echo arm64 ;; *) echo amd64 ;; esac; }
apt_folder() {
    local folder=$KDUMP_LAB/apt${LAB_UBUNTU:+-ubuntu}
    if [ "$(lab_arch)" = amd64 ]; then echo "$folder"; else echo "$folder-$(lab_arch)"; fi
}

apt_private() { # TOOL ARGUMENTS...: an apt that knows only the lab's lists
    local tool=$1 dir; shift
    dir=$(apt_folder)
    "$tool" -qq -o APT::Architecture="$(lab_arch)" -o APT::Architectures="$(lab_arch)" -o Dir::Etc::sourcelist="$dir/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$dir/lists" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

apt_update() {
    local dir mirror suite
    dir=$(apt_folder)
    [ -n "$(find "$dir/updated" -mtime -1 2> /dev/null)" ] && return
    mkdir -p "$dir/lists/partial" "$KDUMP_LAB/debs"
    if [ -n "${LAB_UBUNTU:-}" ]; then
        ubuntu_sources > "$dir/sources"
        apt_private apt-get update && touch "$dir/updated"
        return
    fi
    # shellcheck disable=SC2016 # apt expands it
    mirror=${KDUMP_LAB_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | grep -v security | head -1)}
    [ -n "$mirror" ] || die "no Debian mirror in this machine's apt sources; set KDUMP_LAB_MIRROR"
    for suite in bullseye bookworm trixie sid; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done > "$dir/sources"
    apt_private apt-get update && touch "$dir/updated"
}

# Debian 12 has no package of Ubuntu's key (Debian 13: ubuntu-keyring).
ubuntu_sources() {
    local key=/usr/share/keyrings/ubuntu-archive-keyring.gpg trust=trusted=yes
    [ ! -e $key ] || trust=signed-by=$key
    echo "deb [$trust] ${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu} $LAB_UBUNTU main universe"
}

depends_of() { apt_private apt-cache show "$1/$2" | sed -n 's/^Depends: //p' | head -1 | tr ',|' '\n' | sed 's/^ *//; s/ .*//'; }

kernel() { # SUITE: sets KROOT and KVER
    local suite=$1 image packages p
    KROOT=$KDUMP_LAB/kernels/$suite
    [ "${LAB_FLAVOUR:-amd64}" = amd64 ] || KROOT+=-$LAB_FLAVOUR
    apt_update
    image=$(depends_of "linux-image-${LAB_FLAVOUR:-amd64}" "$suite" | grep '^linux-image-' | head -1)
    KVER=${image#linux-image-}
    [ -n "$KVER" ] || die "suite $suite offers no linux-image-${LAB_FLAVOUR:-amd64}"
    [ "$(cat "$KROOT/version" 2> /dev/null)" = "$KVER" ] && return
    echo "lab: unpacking $image of $suite" >&2
    # newer kernels come in parts, tied together by an empty linux-image package
    packages=$(echo "$image"; depends_of "$image" "$suite" | grep -E "^linux-(binary|modules)-" || true)
    rm -rf "$KROOT"
    mkdir -p "$KROOT/boot"
    for p in $packages; do
        (cd "$KDUMP_LAB/debs" && rm -f "${p}"_*.deb && apt_private apt-get download "$p/$suite") || die "cannot download $p"
        dpkg-deb -x "$KDUMP_LAB/debs/$p"_*.deb "$KROOT"
    done
    [ -e "$KROOT/lib" ] || ln -s usr/lib "$KROOT/lib"
    [ -e "$KROOT/boot/vmlinuz-$KVER" ] || cp "$KROOT/lib/modules/$KVER/vmlinuz" "$KROOT/boot/vmlinuz-$KVER"
    depmod -b "$KROOT" "$KVER"
    echo "$KVER" > "$KROOT/version"
}
