#!/usr/bin/env python3
"""Lays the stacks of crash's "foreach bt" beside those of `kdt vmcore bt --all --json`. usage: compare-crash.py CRASH.TXT BT.JSON

The last line is the figures as JSON. crash prints a frame's return address; its lines of registers at an exception are no frames, and
the interrupted function comes as the exception's RIP, which is taken as the frame's address.
"""
import difflib, json, re, sys

theirs, task = {}, None
for line in open(sys.argv[1], errors="replace"):
    if m := re.match(r"PID: (\d+) +TASK: ([0-9a-f]+) +CPU: (\d+)", line):
        task = theirs.setdefault(m[2], [])
    elif task is not None and (m := re.match(r" *#\d+ \[([0-9a-f]+)\] (\S+) at ([0-9a-f]+)", line)):
        task.append((int(m[3], 16), m[2]))
if not theirs:
    print(json.dumps({"stacks": 0, "says": open(sys.argv[1], errors="replace").read().strip()[-200:]}))
    sys.exit(0)
frames = {"equal": 0, "differing": 0, "onlyOurs": 0, "onlyTheirs": 0}
same = stacks = 0
for thread in json.load(open(sys.argv[2]))["threads"]:
    ours = [(int(f["ip"], 16), f["symbol"]) for f in thread["frames"]]
    crashs = theirs.get(thread.get("task"))
    if crashs is None:
        continue
    a, b = [f[0] for f in ours], [f[0] for f in crashs]
    stacks += 1
    same += a == b
    for tag, i, j, m, n in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        both = min(j - i, n - m)
        frames["equal" if tag == "equal" else "differing"] += both
        frames["onlyOurs"] += j - i - both
        frames["onlyTheirs"] += n - m - both
    if a != b:
        print(f"stack {thread['pid']} {thread['comm']}\n  ours  {[f[1] for f in ours]}\n  crash {[f[1] for f in crashs]}")
print(json.dumps({"stacks": stacks, "stacksEqual": same, "frames": frames}))
