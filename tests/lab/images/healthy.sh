#!/bin/bash
# The whole images: each built by the tools of its suite, kept in the cache, and judged against its machine.

while IFS='|' read -r name _ <&3; do
    case $name in '#'* | '') continue ;; esac
    read -r name <<< "$name"
    # As its suite builds it, it does not start: busybox-without-mount in faults.sh.
    [ "$name" != s-dracut-erofs ] || continue
    whole_image "$name"
    healthy "$name" "$IMAGE" "$ROOT" "$RUN on $SUITE_OF, kernel $KVER"
done 3< "$here/healthy"
