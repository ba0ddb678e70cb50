#!/bin/bash
# The same on an Opteron, whose errors the kernel's own edac_mce_amd decodes (never under a hypervisor, so the CPU does not tell).

hardware_image edac_mce_amd
hardware_boot "loglevel=7" -machine q35 -cpu Opteron_G3,-hypervisor -smp 2
wait_mark 'LAB mark|polling'
hmp "mce 1 4 0x9c00400000080813 0 0x12345040 0"
hmp "mce 0 0 0x9400000000000151 0 0x2a40 0"
# one of memory goes to the kernel's collector of corrected errors and is not printed
wait_mark 'MC0_STATUS'
hmp "mce 1 4 0xbe00400000080813 5 0x3f2e9080 0"
hardware_end
expect "$LAB_DIR/expect.txt"
