#!/bin/bash
# A Xeon with two corrected errors in its banks, then one that it cannot go on with and that only one CPU is told of: the others never come.

hardware_image
hardware_boot "loglevel=7" -machine q35 -cpu max,vendor=GenuineIntel,family=6,model=85,stepping=7 -smp 2
wait_mark 'LAB mark|polling'
hmp "mce 1 7 0x8c00004000010091 0 0x12345040 0x90000a86"
hmp "mce 0 0 0x8800004000020151 0 0 0x1"
# the memory error goes to the kernel's collector of corrected errors and is not printed
wait_mark 'Machine Check: 0 Bank 0'
hmp "mce 1 7 0xbe00000000010091 5 0x3f2e9080 0x8c"
hardware_end
expect "$LAB_DIR/expect.txt"
