#!/bin/bash
# Puts kdump-probe into a kdump image, and into no other image.
# Interface: dracut.modules(7). Works with dracut 050 to 059 and dracut-ng; hook folders moved
# from /lib/dracut to /var/lib/dracut in dracut-ng 110, so only inst_hook may name them.

# called by dracut
check() {
    require_binaries "${KDUMP_PROBE:-/usr/bin/kdump-probe}" || return 1
    # kdump-utils (Fedora, RHEL) exports IN_KDUMP while it builds kdump.img
    [[ ${IN_KDUMP-} ]] && return 0
    # SUSE's mkdumprd says --add kdump
    case " ${dracutmodules-} ${add_dracutmodules-} ${force_add_dracutmodules-} " in
        *" kdump "* | *" kdumpbase "*) return 0 ;;
    esac
    return 255 # anyone else: --add kdump-probe
}

# called by dracut
depends() {
    return 0
}

# called by dracut
install() {
    local unit

    inst_binary "${KDUMP_PROBE:-/usr/bin/kdump-probe}" /usr/bin/kdump-probe
    # what kdt host vectors --embed foretold, for the probe to compare
    [[ ! -f /etc/kdump-probe/vectors ]] || inst_simple /etc/kdump-probe/vectors

    # shellcheck disable=SC2154 # moddir, initdir, systemdsystemunitdir come from dracut
    inst_hook emergency 50 "$moddir/kdump-probe-emergency.sh"
    # kdump-utils replaces dracut's emergency service by its own, which runs this folder
    inst_simple "$moddir/kdump-probe-hook" /etc/kdump/emergency.d/50-kdump-probe

    if dracut_module_included systemd; then
        for unit in kdump-probe.service kdump-probe.timer; do
            # shellcheck disable=SC2154
            inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
        done
        # shellcheck disable=SC2154
        mkdir -p "$initdir$systemdsystemunitdir/initrd.target.wants"
        ln_r "$systemdsystemunitdir/kdump-probe.timer" \
            "$systemdsystemunitdir/initrd.target.wants/kdump-probe.timer"
    else
        inst_hook initqueue/settled 50 "$moddir/kdump-probe-settled.sh"
    fi
}
