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
check "the machine has its $FILLERS fillers" test "$(count 'class=0x00ff.*driver=virtio-pci')" = "$FILLERS"
spoke=$(sed -n 's/^ExecMainExitTimestampMonotonic=//p' "$LAB_WORK/unit" | head -1)
check "the probe spoke within a minute of the crash kernel's start (${spoke:-never} us)" test "${spoke:-99999999}" -lt 60000000
pcieport_irqs=$(grep -c 'PCIe\|pciehp' "$LAB_WORK/interrupts")
check "the report counts pcieport's $pcieport_irqs vectors" grep -Eq "pcieport.*\b$pcieport_irqs\b|\b$pcieport_irqs\b.*pcieport" "$LAB_WORK/report"
cpus=$(recommended_cpus "$LAB_WORK/report")
check "the report recommends a CPU count (${cpus:-none})" test "${cpus:-0}" -gt 1
note_cost
