#!/bin/sh
# dracut's initqueue/settled hook, for images without systemd: it runs once udev is idle and a device
# is still missing, and then twice a second. It is sourced, so it must not exit.
if [ ! -e /run/kdump-probe.started ]; then
    : > /run/kdump-probe.started
    kdump-probe watch --after 20s < /dev/null > /dev/console 2>&1 &
fi
