#!/bin/bash
# shellcheck disable=SC2154 # initdir, moddir, dracutbasedir and systemdsystemunitdir come from dracut
# Plays the part of kdump-utils' 99kdumpbase in the lab's images: /etc/kdump.conf as kdump-utils leaves
# it, the dump target in /etc/fstab (dracut --mount), no limit on the wait for it, and the service that dumps.
# LAB_TARGET is the UUID of the dump target; LAB_BUSYBOX a static busybox for the observer.

# called by dracut
check() {
    [[ ${IN_KDUMP-} && ${LAB_TARGET-} ]]
}

# called by dracut
depends() {
    echo base
}

# called by dracut
install() {
    local dev=/dev/disk/by-uuid/$LAB_TARGET systemd='' unit
    dracut_module_included systemd && systemd=1

    cat > "$initdir/etc/kdump.conf" << CONF
ext4 $dev
path /var/crash
core_collector makedumpfile -l --message-level 7 -d 31
CONF
    # What "dracut --mount" does for a device that the building machine has, with dracut's own function.
    echo "$dev /kdumproot/mnt/dump ext4 defaults,x-initrd.mount 0 2" >> "$initdir/etc/fstab"
    mkdir -p "$initdir/kdumproot/mnt/dump"
    (
        export DRACUT_SYSTEMD=$systemd PREFIX=$initdir hookdir=/lib/dracut/hooks
        [[ -d $initdir/var$hookdir ]] && hookdir=/var$hookdir # dracut-ng 110
        # shellcheck source=/dev/null
        . "$dracutbasedir"/modules.d/??base/dracut-dev-lib.sh
        wait_for_dev "$dev" 0
    )

    inst_multiple makedumpfile cat cut date grep nproc poweroff sync umount
    inst_binary "$LAB_BUSYBOX" /usr/lib/lab/busybox
    inst_hook pre-trigger 10 "$moddir/lab-drivers.sh"
    inst_script "$moddir/lab-observe.sh" /usr/bin/lab-observe
    if [[ ! $systemd ]]; then
        inst_hook cmdline 50 "$moddir/lab-root.sh"
        return
    fi
    mkdir -p "$initdir/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=volatile\nReadKMsg=no\nForwardToConsole=yes\n' > "$initdir/etc/systemd/journald.conf.d/99-kdump.conf"
    inst_multiple systemctl
    inst_script "$moddir/lab-kdump.sh" /usr/bin/lab-kdump
    for unit in lab-kdump.service lab-observe.service; do
        inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
        $SYSTEMCTL -q --root "$initdir" add-wants initrd.target "$unit"
    done
}
