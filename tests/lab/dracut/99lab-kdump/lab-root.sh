#!/bin/sh
# dracut's cmdline hook (sourced), for images without systemd: there is no root to mount, only the dump target to
# wait for; and nobody else starts the observer.
# shellcheck disable=SC2034 # dracut's init reads them
root=kdump
rootok=1
lab-observe > /dev/null 2>&1 &
