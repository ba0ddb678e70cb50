#!/usr/bin/env python3
"""Prints the kernel's log of a dump as drgn has it. usage: drgn-log.py VMCORE VMLINUX"""
import sys
import drgn
from drgn.helpers.linux.printk import get_dmesg

prog = drgn.Program()
prog.set_core_dump(sys.argv[1])
prog.load_debug_info([sys.argv[2]])
sys.stdout.buffer.write(get_dmesg(prog))
