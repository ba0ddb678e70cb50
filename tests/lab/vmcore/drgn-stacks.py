#!/usr/bin/env python3
"""Prints the stacks of all tasks as drgn sees them: the peer of `kdt vmcore bt --all`. usage: drgn-stacks.py VMCORE VMLINUX"""
import sys
import drgn
from drgn.helpers.linux import for_each_online_cpu, for_each_task, idle_task

prog = drgn.Program()
prog.set_core_dump(sys.argv[1])
prog.load_debug_info([sys.argv[2]])
for task in [idle_task(prog, cpu) for cpu in for_each_online_cpu(prog)] + list(for_each_task(prog)):
    print(task.pid.value_(), task.comm.string_().decode(errors="replace"))
    try:
        print(prog.stack_trace(task))
    except Exception as e:
        print(e)
