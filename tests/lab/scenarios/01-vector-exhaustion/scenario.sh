#!/bin/bash
# A machine with many devices, a crash kernel with one CPU: the dump disk's driver gets no interrupt vector.
# Nobody is at the console; the probe has to speak by itself.

kdump_image virtio_blk
disk_image "$TARGET"
vector_machine
crash nr_cpus=1
expect "$LAB_DIR/expect.txt"

# What the lab knows about this machine, against what the probe says.
count() { grep -c "$1" "$LAB_WORK/pci"; }
check "the machine has its $ROOT_PORTS root ports" test "$(count 'class=0x0604.*driver=pcieport')" = "$ROOT_PORTS"
check "the machine has its $FILLERS network cards" test "$(count 'class=0x0200.*driver=virtio-pci')" = "$FILLERS"
# A minute on a machine whose crash kernel reaches the watch within 30 s of its start; a slower one (a busy host) gets as much more.
started=$(($(sed -n 's/^ExecMainStartTimestampMonotonic=//p' "$LAB_WORK/unit" | head -1) / 1000000))
spoke=$(($(sed -n 's/^ExecMainExitTimestampMonotonic=//p' "$LAB_WORK/unit" | head -1) / 1000000))
check "the probe spoke by itself within a minute (the watch began at $started s, ended at $spoke s)" \
    test -s "$LAB_WORK/report" -a "$spoke" -gt 0 -a "$spoke" -le $((started > 30 ? started * 2 : 60))
pcieport_irqs=$(grep -c 'PCIe\|pciehp' "$LAB_WORK/interrupts")
check "the report counts pcieport's $pcieport_irqs vectors" grep -Eq "pcieport.*\b$pcieport_irqs\b|\b$pcieport_irqs\b.*pcieport" "$LAB_WORK/report"
held=$(grep -Ec '^ *[0-9]+:.*[a-z]' "$LAB_WORK/interrupts")
check "the report counts the $held interrupts of the table" grep -qw "$held" "$LAB_WORK/report"
cpus=$(recommended_cpus "$LAB_WORK/report")
check "the report recommends a CPU count (${cpus:-none})" test "${cpus:-0}" -gt 1
note_cost
