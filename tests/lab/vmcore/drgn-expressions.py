#!/usr/bin/env python3
"""Makes expressions of C with the values that drgn gives them on a dump, for `kdt vmcore print` to be asked the same.

usage: drgn-expressions.py VMCORE VMLINUX COUNT [VARIABLES]     needs drgn and the kernel's vmlinux with debug information
Walks from well-known objects through random members, pointers, array elements and bitfields to a number; makes random arithmetic of C;
and, for the names in the file VARIABLES, takes address and size. Prints one JSON object; the random numbers are always the same.
"""
import json, random, sys
import drgn
from drgn import FaultError, Object, TypeKind, cast, sizeof
from drgn.helpers.linux import *

vmcore, vmlinux, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
prog = drgn.Program()
prog.set_core_dump(vmcore)
prog.load_debug_info([vmlinux])
rng = random.Random(14)
answers = []


def roots():
    for task in for_each_task(prog):
        yield f"(*task({task.pid.value_()}))", task[0]
        if task.mm:
            yield f"(*task({task.pid.value_()})->mm)", task.mm[0]
            for vma in list(for_each_vma(task.mm))[:3]:
                yield f"(*(struct vm_area_struct *)0x{vma.value_():x})", vma[0]
    yield "init_task", prog["init_task"]
    for cpu in for_each_online_cpu(prog):
        yield f"per_cpu(runqueues, {cpu})", per_cpu(prog["runqueues"], cpu)
        yield f"per_cpu(tick_cpu_sched, {cpu})", per_cpu(prog["tick_cpu_sched"], cpu)
        yield f"per_cpu(hrtimer_bases, {cpu})", per_cpu(prog["hrtimer_bases"], cpu)
    for module in for_each_module(prog) if "for_each_module" in globals() else list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
        yield f"(*module(\"{module.name.string_().decode()}\"))", module[0]
    for sb in list_for_each_entry("struct super_block", prog["super_blocks"].address_of_(), "s_list"):
        yield f"(*(struct super_block *)0x{sb.value_():x})", sb[0]
    for name in ("init_net", "init_uts_ns", "root_task_group", "boot_cpu_data", "iomem_resource", "cgrp_dfl_root", "init_mm", "rcu_state"):
        if name in prog:
            yield name, prog[name]


def members(type_, depth=0):
    for member in type_.members or []:
        if member.name is not None:
            yield member.name
        elif depth < 5 and member.type.kind in (TypeKind.STRUCT, TypeKind.UNION):
            yield from members(member.type, depth + 1)


def bare(type_):
    while type_.kind == TypeKind.TYPEDEF:
        type_ = type_.type
    return type_


def note(text, obj):
    kind = bare(obj.type_).kind
    try:
        value = int(obj.value_())
    except FaultError:
        answers.append({"expression": text, "missing": True})
        return
    answers.append({"expression": text, "value": value & (1 << 64) - 1, "pointer": kind == TypeKind.POINTER})


def walk(text, obj):
    for _ in range(12):
        type_ = bare(obj.type_)
        if type_.kind in (TypeKind.STRUCT, TypeKind.UNION):
            names = list(members(type_))
            if not names:
                return
            name = rng.choice(names)
            text, obj = f"{text}.{name}", obj.member_(name)
        elif type_.kind == TypeKind.ARRAY:
            if not type_.length:
                return
            i = rng.randrange(min(type_.length, 16))
            text, obj = f"{text}[{i}]", obj[i]
        elif type_.kind == TypeKind.POINTER:
            target = bare(type_.type)
            try:
                there = obj.value_()
            except FaultError:
                return note(text, obj)
            if rng.random() < 0.6 and there and target.kind == TypeKind.STRUCT and target.is_complete() and target.members:
                name = rng.choice(list(members(target)) or [None])
                if name is None:
                    return note(text, obj)
                text, obj = f"{text}->{name}", obj.member_(name)
                continue
            return note(text, obj)
        elif type_.kind in (TypeKind.INT, TypeKind.BOOL, TypeKind.ENUM):
            return note(text, obj) if obj.bit_field_size_ is not None or sizeof(obj) <= 8 else None
        else:
            return None


def literal():
    value = rng.choice([0, 1, 2, 7, 255, 4095, 0x7fffffff, 0x80000000, 0xffffffff, rng.getrandbits(31), rng.getrandbits(63), rng.getrandbits(16)])
    if value <= 0x7fffffff and rng.random() < 0.6:
        return f"{value}", Object(prog, "int", value)
    if value <= 0xffffffff and rng.random() < 0.5:
        return f"{value}u", Object(prog, "unsigned int", value)
    if value >= 1 << 63 or rng.random() < 0.5:
        return f"{value}ul", Object(prog, "unsigned long", value)
    return f"{value}l", Object(prog, "long", value)


def arithmetic(depth):
    if depth == 0:
        return literal()
    kind = rng.random()
    a_text, a = arithmetic(depth - 1)
    if kind < 0.15:
        op = rng.choice("-~")
        return f"{op}({a_text})", -a if op == "-" else ~a
    if kind < 0.3:
        to = rng.choice(["signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long", "unsigned long"])
        return f"({to})({a_text})", cast(to, a)
    b_text, b = arithmetic(rng.randrange(depth))
    op = rng.choice(["+", "-", "*", "&", "|", "^", "<<", ">>", "<", ">=", "==", "/", "%"])
    if op in ("<<", ">>"):
        n = rng.randrange(8 * max(4, sizeof(a)))
        return f"(({a_text}) {op} {n})", a << n if op == "<<" else a >> n
    if op in ("/", "%"):
        n = rng.choice([1, 3, 7, 1000])
        return f"(({a_text}) {op} {n})", a / n if op == "/" else a % n
    values = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "&": lambda: a & b, "|": lambda: a | b, "^": lambda: a ^ b,
              "<": lambda: Object(prog, "int", int(a < b)), ">=": lambda: Object(prog, "int", int(a >= b)),
              "==": lambda: Object(prog, "int", int(a == b))}
    return f"(({a_text}) {op} ({b_text}))", values[op]()


starts = list(roots())
tries = 0
while len(answers) < count and tries < 20 * count:
    tries += 1
    walk(*rng.choice(starts))
for _ in range(count // 2):
    text, obj = arithmetic(rng.randrange(1, 4))
    note(text, obj)
for name in open(sys.argv[4]).read().split() if len(sys.argv) > 4 else []:
    try:
        obj = prog[name]
    except LookupError:
        continue
    note(f"(unsigned long)&{name}", cast("unsigned long", obj.address_of_()))
    try:
        note(f"sizeof({name})", Object(prog, "unsigned long", sizeof(obj)))
    except TypeError:
        pass
    if bare(obj.type_).kind in (TypeKind.INT, TypeKind.BOOL, TypeKind.ENUM, TypeKind.POINTER):
        note(name, obj)
print(json.dumps({"answers": answers}))
