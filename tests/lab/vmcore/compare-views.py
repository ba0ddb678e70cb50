#!/usr/bin/env python3
"""Compares the views of `kdt vmcore` with crash's commands on the same dump.

usage: compare-views.py --commands PID…       what crash is to be asked
       compare-views.py CRASH.TXT DIRECTORY   what it answered, and what kdt printed: VIEW.json, and VIEW-PID.json of processes
Prints a line for each difference, and last the figures as JSON: for each command of crash, how many facts were compared and how many of
them differ, or what crash said where it gave none. Exits 1 when any differs. Left out, because crash has less: parents of idle tasks (it
prints 0), COMMITTED (it reads the count without what the CPUs hold), IPC and network of namespaces other than the first, UPTIME where it
takes HZ for 1000 and the kernel has 250: INITIAL_JIFFIES then begins 225 s too early.
"""
import json, os, re, sys

HEX = r"([0-9a-f]{16})"
MARK = "kdt-lab:"


def rows(text, form):
    return [m.groups() for line in text.splitlines() if (m := re.match(form, line))]


def ps(text, view):
    form = rf"[> ] *(\d+) +(\d+) +(\d+) +{HEX} +([A-Z]{{2}}) +[\d.]+ +(\d+) +(\d+) +(.*)"
    theirs = {r[3]: (int(r[0]), int(r[1]), int(r[2]), r[4], int(r[5]), int(r[6]), r[7].strip("[]")) for r in rows(text, form)}
    return theirs, {t["task"]: (t["pid"], t["ppid"] if t["pid"] else 0, t["cpu"], t["state"], t.get("vszBytes", 0) >> 10, (t.get("rssBytes") or 0) >> 10, t["comm"])
                    for t in view["ps"]["tasks"]}


def mod(text, view):
    return ({r[0]: int(r[1]) for r in rows(text, rf"{HEX} +(\S+) +[0-9a-f]{{16}} +(\d+) ") for r in [(r[1], r[2])]},
            {m["name"]: m["size"] for m in view["modules"]["modules"]})


def irq(text, view):
    theirs, number = {}, None
    for n, name in re.findall(r"^ *(\d+)? +(?:[0-9a-f]{16}|\(unused\)) .*?(?:\"(.*)\")?$", text, re.M):
        number = int(n) if n else number
        if name:
            theirs.setdefault(number, []).append(name)
    return theirs, {i["number"]: i["actions"] for i in view["irq"]["irqs"] if i["actions"]}


def mount(text, view):
    form = rf"{HEX} {HEX} (\S+) +(\S+) +(/.*?) *$"
    return ({r[0]: (r[1], r[2], r[3], r[4]) for r in rows(text, form)},
            {m["mount"]: (m["superBlock"], m["type"], m["source"] or "none", m["path"]) for m in view["mounts"]["mounts"]})


def net(text, view):
    return ({r[0]: (r[1], set(re.split(r"[ ,]+", r[2].strip())) - {""}) for r in rows(text, rf"{HEX} +(\S+)(.*)")},
            {i["netDevice"]: (i["name"], {a.split("/")[0] for a in i["addresses"]}) for i in view["net"]["interfaces"] if
             i["namespace"] == view["net"]["interfaces"][0]["namespace"]})


def disks(text, view):
    return ({r[0]: int(r[1]) for r in rows(text, rf" *\d+ +{HEX} +(\S+) +{HEX} +(\d+)") for r in [(r[1], r[3])]},
            {d["name"]: len(d["requests"]) for d in view["block"]["disks"]})


def pci(text, view):
    form = r"(?:.* )?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d) +([0-9a-f]{4}) +([0-9a-f]+):([0-9a-f]+) "
    return ({r[0]: (r[1], f"{r[2]:0>4}:{r[3]:0>4}") for r in rows(text, form)},
            {d["bdf"]: (d["class"][:4], d["id"]) for d in view["devices"]["devices"]})


def memory(text, view):
    names = {"TOTAL MEM": "MemTotal", "FREE": "MemFree", "BUFFERS": "Buffers", "SLAB": "Slab", "TOTAL SWAP": "SwapTotal"}
    found = {n: int(p) for n, p in re.findall(r"^ *([A-Z][A-Z ]*?) +(\d+) ", text, re.M)}
    bytes_ = view["memory"]["bytes"]
    return {n: found[n] for n in names if n in found}, {n: bytes_[names[n]] // 4096 for n in names if n in found}


def slabs(text, view):
    return ({r[0]: tuple(map(int, r[1:6])) + (r[6],) for r in rows(text, rf"{HEX} +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)k +(.*)")},
            {c["address"]: (c["objectSize"], c["active"], c["objects"], c["slabs"], c["pagesPerSlab"] * 4, c["name"])
             for c in view["slab"]["caches"]})


def vmalloc(text, view):
    return ({r[0]: int(r[1]) for r in rows(text, rf"{HEX} +{HEX} +{HEX} - {HEX} +(\d+)") for r in [(r[2], r[4])]},
            {a["start"]: a["bytes"] for a in view["vmalloc"]["areas"]})


def swap(text, view):
    return ({r[0]: (int(r[1]), int(r[2])) for r in rows(text, rf"{HEX} +\S+ +(\d+)k +(\d+)k .* (\S+)$") for r in [(r[3], r[1], r[2])]},
            {d["path"]: (d["bytes"] >> 10, d["usedBytes"] >> 10) for d in view["swap"]["devices"]})


def timers(text, view):
    form = rf" +\d+ +(?:\d+ +)?-?\d+ +{HEX} +{HEX}"
    return ({r[0]: r[1] for r in rows(text, form)}, {t["timer"]: t["address"] for t in view["timers"]["timers"]})


def runq(text, view):
    theirs, cpu, kind = {}, None, None
    for line in text.splitlines():
        if m := re.match(r"CPU (\d+) RUNQUEUE", line):
            cpu, kind = theirs.setdefault(int(m[1]), {"current": None, "realTime": set(), "fair": set()}), None
        elif cpu is not None and (m := re.match(r" *CURRENT: PID: (\d+)", line)):
            cpu["current"] = int(m[1])
        elif "RT PRIO_ARRAY" in line or "CFS RB_ROOT" in line:
            kind = "realTime" if "RT PRIO" in line else "fair"
        elif kind and (m := re.match(r" *\[ *\d+\] PID: (\d+)", line)):
            cpu[kind].add(int(m[1]))
    return theirs, {c["cpu"]: {"current": c["current"], "realTime": {t["pid"] for t in c["realTime"]}, "fair": {t["pid"] for t in c["fair"]}}
                    for c in view["runq"]["cpus"]}


def files(text, view):
    form = rf" *(\d+) {HEX} {HEX} {HEX} (\S+) *(.*?) *$"
    return ({int(r[0]): (r[1], r[3], r[4]) for r in rows(text, form)},
            {f["fd"]: (f["file"], f["inode"], f["kind"]) for f in view["files"]["files"]})


def areas(text, view):
    form = rf"{HEX} +([0-9a-f]+) +([0-9a-f]+) +([0-9a-f]+) *(.*?) *$"
    theirs = {int(r[1], 16): (int(r[2], 16), int(r[3], 16), r[4]) for r in rows(text, form)}
    return theirs, {int(a["start"], 16): (int(a["end"], 16), int(a["flags"], 16), a["name"] if a["name"].startswith("/") else "")
                    for a in view["vm"]["areas"]}


def signals(text, view):
    theirs = {}
    for number, handler, flags in re.findall(r"^ *\[(\d+)\] [0-9a-f]{16} +(\S+) +[0-9a-f]{16} +([0-9a-f]+)", text, re.M):
        if handler != "SIG_DFL":
            theirs[int(number)] = ("ignore" if handler == "SIG_IGN" else f"{handler:0>16}", int(flags, 16))
    return theirs, {a["signal"]: (a["handler"], a["flags"]) for a in view["signals"]["threads"][0]["actions"]}


def ipc(text, view):
    objects = view["ipc"]["objects"]
    first = min((o["namespace"] for o in objects), default=0)
    return ({r[0] for r in rows(text, rf"{HEX} +[0-9a-f]{{8}} +\d+ ")}, {o["address"] for o in objects if o["namespace"] == first})


def sys_(text, view):
    said = dict((k.strip(), v.strip()) for k, v in re.findall(r"^ *([A-Z ]+): (.*)$", text, re.M))
    system, up = view["sys"], view["sys"]["uptimeNanoseconds"] // 10**9
    days, left = divmod(up, 86400)
    clock = f"{left // 3600:02}:{left // 60 % 60:02}:{left % 60:02}"
    ours = {"TASKS": str(system["tasks"]), "NODENAME": system["node"], "RELEASE": system["release"], "VERSION": system["version"],
            "UPTIME": f"{days} days, {clock}" if days else clock}
    theirs = re.fullmatch(r"(\d+):(\d+):(\d+)", said.get("UPTIME", ""))
    if theirs and abs(sum(int(n) * f for n, f in zip(theirs.groups(), (3600, 60, 1))) - 225 - up / 4) < 2:
        del ours["UPTIME"]
    return {k: said.get(k) for k in ours}, ours


# What crash is asked (PID: of the process that views of one process are about), the views that it is compared with, and how.
COMPARED = {
    "ps": ps, "mod": mod, "irq": irq, "mount": mount, "net": net, "dev -d": disks, "dev -p": pci, "kmem -i": memory, "kmem -s": slabs,
    "kmem -v": vmalloc, "swap": swap, "timer": timers, "timer -r": timers, "runq": runq, "files PID": files, "vm PID": areas, "sig PID": signals,
    "ipcs": ipc, "sys": sys_,
}


def asked(pids):
    """Each command, its text for crash, and the process that it is about."""
    for command, compare in COMPARED.items():
        for pid in pids if "PID" in command else [""]:
            yield command, command.replace("PID", pid), compare, pid


def main():
    if sys.argv[1] == "--commands":
        for _, typed, _, _ in asked(sys.argv[2:]):
            print(f"!echo {MARK} {typed}\n{typed}")
        print("quit")
        return 0
    parts = dict(re.findall(rf"^{MARK} (.*)\n((?:(?!{MARK}).*\n?)*)", open(sys.argv[1], errors="replace").read(), re.M))
    view = {name[:-5]: json.load(open(os.path.join(sys.argv[2], name))) for name in os.listdir(sys.argv[2])
            if name.endswith(".json") and os.path.getsize(os.path.join(sys.argv[2], name))}
    pids = sorted({m[1] for typed in parts if (m := re.match(r"files (\d+)$", typed))}, key=int)
    figures, different = {}, 0
    for command, typed, compare, pid in asked(pids):
        text, figure = parts.get(typed, ""), figures.setdefault(command, {"compared": 0, "different": 0})
        if pid:
            view.update({name: view[f"{name}-{pid}"] for name in ("files", "vm", "signals") if f"{name}-{pid}" in view})
        try:
            theirs, ours = compare(text, view)
        except KeyError as e:
            print(f"{typed}: kdt has no {e}")
            figure["different"] += 1
            different += 1
            continue
        if isinstance(theirs, set):
            theirs, ours = dict.fromkeys(theirs, True), dict.fromkeys(ours, True)
        if command.startswith("timer"):
            # Two commands of crash have what one view has.
            ours = {k: v for k, v in ours.items() if k in theirs}
        if not theirs and ours:
            figure["says"] = text.strip()[-200:]
            continue
        keys = sorted(set(theirs) | set(ours), key=str)
        bad = [k for k in keys if theirs.get(k) != ours.get(k)]
        for key in bad[:20]:
            print(f"{typed}: {key}: {ours.get(key)!r} / crash {theirs.get(key)!r}")
        figure["compared"] += len(keys)
        figure["different"] += len(bad)
        different += len(bad)
    print(json.dumps(figures))
    return 1 if different else 0


sys.exit(main())
