#!/usr/bin/env python3
"""Compares tasks, stacks, modules, interrupts and PCI devices of `kdt vmcore … --json` with drgn's on the same dump.

usage: compare-drgn.py VMCORE VMLINUX DIRECTORY      needs drgn and the kernel's vmlinux with debug information
DIRECTORY holds what kdt printed: ps.json, bt.json (--all), and modules.json, irq.json, devices.json where they exist.
Prints one line for each difference and a summary; the last line is the figures as JSON. Exits 1 when anything differs.
Two stacks are laid side by side by the addresses of their frames; a frame is equal when address and function are. Inlined frames, which
only debug information has, are left out, and so are frames in user mode.
"""
import difflib, json, os, sys
import drgn
from drgn.helpers.linux import *

vmcore, vmlinux, folder = sys.argv[1:4]
prog = drgn.Program()
prog.set_core_dump(vmcore)
prog.load_debug_info([vmlinux])
differences = 0


def differ(*words):
    global differences
    differences += 1
    if differences <= 40:
        print(*words)


def load(name):
    path = os.path.join(folder, name)
    return json.load(open(path)) if os.path.exists(path) else None


def string(pointer):
    return pointer.string_().decode(errors="replace") if pointer else None


tasks = {}
for task in [idle_task(prog, cpu) for cpu in for_each_online_cpu(prog)] + list(for_each_task(prog)):
    tasks[task.value_()] = task
tasks = list(tasks.values())
key = lambda pid, cpu: (pid, cpu if pid == 0 else None)

ps = {key(t["pid"], t["cpu"]): t for t in load("ps.json")["tasks"]}
theirs = {key(t.pid.value_(), task_cpu(t)): t for t in tasks}
for k in ps.keys() - theirs.keys():
    differ("task only ours", k, ps[k]["comm"])
for k in theirs.keys() - ps.keys():
    differ("task only drgn's", k, string(theirs[k].comm))
for k in ps.keys() & theirs.keys():
    t, o = theirs[k], ps[k]
    for name, a, b in [("comm", o["comm"], t.comm.string_().decode()), ("tgid", o["tgid"], t.tgid.value_()), ("cpu", o["cpu"], task_cpu(t)),
                       ("ppid", o["ppid"], t.real_parent.tgid.value_()), ("kernelThread", o["kernelThread"], bool(t.flags & 0x200000))]:
        if a != b:
            differ(f"task {k}: {name} {a} / drgn {b}")
unlike = differences
print(f"tasks: {len(ps)} ours, {len(theirs)} drgn's")

# gone: what drgn reads at the place of a stack that the kernel has given back
frames = {"equal": 0, "differing": 0, "onlyOurs": 0, "onlyTheirs": 0, "gone": 0, "guesses": 0, "renamed": 0}
stacks = same = 0
bt = {key(t["pid"], t["cpu"]): t for t in load("bt.json")["threads"]}
for k in sorted(bt.keys() & theirs.keys(), key=str):
    drgns, why = [], ""
    try:
        for frame in prog.stack_trace(theirs[k]):
            if getattr(frame, "is_inline", False):
                continue
            try:
                name = frame.symbol().name
            except LookupError:
                name = None
            if frame.pc >> 63:
                drgns.append((frame.pc, name))
    except Exception as e:
        why = str(e)
    ours = [(int(f["ip"], 16), f["symbol"]) for f in bt[k]["frames"]]
    frames["guesses"] += sum(f["kind"] == "guess" for f in bt[k]["frames"])
    stacks += 1
    a, b = [f[0] for f in ours], [f[0] for f in drgns]
    same += a == b
    for tag, i, j, m, n in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            frames["equal"] += j - i
            for (pc, x), (_, y) in zip(ours[i:j], drgns[m:n]):
                if x != y and y is not None:
                    frames["renamed"] += 1
                    print(f"  name of {pc:x}: {x} / drgn {y}")
        else:
            both = min(j - i, n - m)
            frames["differing"] += both
            frames["onlyOurs"] += j - i - both
            frames["gone" if bt[k].get("stopped", "").endswith("its stack is gone") else "onlyTheirs"] += n - m - both
    if a != b:
        differ(f"stack {k} {bt[k]['comm']}: {bt[k].get('stopped', '')} {why}\n  ours {[f[1] for f in ours]}\n  drgn {[f[1] for f in drgns]}")
print(f"stacks: {same} of {stacks} equal; frames: {frames}")

if (modules := load("modules.json")) is not None:
    a = {m["name"]: m["state"] for m in modules["modules"]}
    b = {m.name.string_().decode(): ["live", "coming", "going", "unformed"][int(m.state)]
         for m in list_for_each_entry("struct module", prog["modules"].address_of_(), "list")}
    if a != b:
        differ("modules", a, b)
    print(f"modules: {len(a)} ours, {len(b)} drgn's")

if (irqs := load("irq.json")) is not None:
    from drgn.helpers.linux.irq import for_each_irq_desc
    b = {}
    for number, desc in for_each_irq_desc(prog):
        names, action, data = [], desc.action, desc.irq_data.address_of_()
        while action:
            names.append(string(action.name) or "")
            action = action.next
        while data.parent_data:
            data = data.parent_data
        vector = cpu = None
        if data.domain and string(data.domain.name) == "VECTOR" and data.chip_data:
            chip = drgn.cast("struct apic_chip_data *", data.chip_data)
            if chip.vector:
                vector, cpu = int(chip.vector), int(chip.cpu)
        b[int(number)] = (string(desc.irq_data.chip.name), int(desc.irq_data.hwirq), names, vector, cpu)
    a = {i["number"]: (i["chip"], i["hwirq"], i["actions"], i.get("vector"), i.get("cpu")) for i in irqs["irqs"]}
    for n in sorted(a.keys() | b.keys()):
        if a.get(n) != b.get(n):
            differ(f"irq {n}: {a.get(n)} / drgn {b.get(n)}")
    print(f"interrupts: {len(a)} ours, {len(b)} drgn's")
    for use in irqs.get("cpus", []):
        m = per_cpu_ptr(prog["vector_matrix"].maps, use["cpu"])
        if (use["available"], use["allocated"]) != (int(m.available), int(m.allocated)):
            differ(f"vectors of cpu {use}: drgn {m}")

if (devices := load("devices.json")) is not None:
    b = {}

    def bus(at):
        for d in list_for_each_entry("struct pci_dev", at.devices.address_of_(), "bus_list"):
            b[string(d.dev.kobj.name)] = (f"{int(d.vendor):04x}:{int(d.device):04x}", f"{int(getattr(d, 'class')):06x}", string(d.dev.driver.name) if d.dev.driver else None)
        for child in list_for_each_entry("struct pci_bus", at.children.address_of_(), "node"):
            bus(child)

    for root in list_for_each_entry("struct pci_bus", prog["pci_root_buses"].address_of_(), "node"):
        bus(root)
    a = {d["bdf"]: (d["id"], d["class"], d["driver"]) for d in devices["devices"]}
    if a != b:
        differ("devices", a, b)
    print(f"PCI devices: {len(a)} ours, {len(b)} drgn's")

print(f"{differences} differences")
print(json.dumps({"tasks": len(theirs), "taskDifferences": unlike, "stacks": stacks, "stacksEqual": same, "frames": frames, "differences": differences}))
sys.exit(1 if differences else 0)
