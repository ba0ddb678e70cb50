#!/usr/bin/env python3
"""The kernel's own words on its console beside what kdt says of its dump: the stack of the crash, and the modules.

usage: compare-console.py CONSOLE VIEWS      VIEWS holds kdt's bt-all.json, modules and log
The kernel leaves out the caller of an interrupted function that had no frame yet, or prints a caller that x30 only seems to name (marked L):
such frames may be missing on either side. Prints the figures; exits 1 when they differ.
"""
import json, re, sys

console = open(sys.argv[1], errors="replace").read().replace("\r", "")
views = sys.argv[2]
threads = json.load(open(f"{views}/bt-all.json"))["threads"]

def traces(text):
    """Every 'Call trace:' with the functions that follow, and where (L) marks a guess of the kernel."""
    found, at = [], None
    for line in text.split("\n"):
        line = re.sub(r"^\[ *\d+\.\d+\] ?(\[ *[TC]\d+\] ?)?", "", line)
        if line.startswith("Call trace:"):
            at = []
            found.append(at)
        elif at is not None:
            m = re.match(r" ([\w.]+)\+0x([0-9a-f]+)/0x[0-9a-f]+( \[[^]]*\])?((?: \([A-Z]+\))*)", line)
            if m:
                # what prints the trace is not in the dump any more
                if not (m[1].startswith(("dump_backtrace", "show_stack", "dump_stack"))):
                    at.append((m[1], int(m[2], 16), "L" in (m[4] or "")))
            elif not re.match(r" (0x[0-9a-f]+|\.\.\.)", line):
                at = None
    return [t for t in found if t]

first = console.split("LAB first|", 1)[-1].split("Booting Linux", 1)[0]
# What the kernel did not get out any more (a stack that overflowed) is in its log all the same.
theirs = traces(first) or traces(open(f"{views}/log", errors="replace").read())
if not theirs:
    sys.exit("the kernel printed no call trace")
# The trace of the crash is the last one before the crash kernel; a panic may print its own behind the oops.
best = None
for crashed in [t for t in threads if t["crashed"]] or threads:
    ours = [(f["symbol"], f.get("offset"), f["kind"]) for f in crashed["frames"]]
    names = [f[0] for f in ours]
    for trace in theirs:
        marked = [n for n, _, left in trace if not left]
        missing = [n for n in marked if n not in names]
        # what runs between the printed trace and the dump is ours alone, and innermost
        try:
            start = names.index(marked[0])
        except (ValueError, IndexError):
            start = None
        tail = names[start:] if start is not None else []
        extra = [n for n in tail if n not in [x for x, _, _ in trace]]
        equal = sum(n in marked for n in tail)
        score = (equal, -len(missing), -len(extra))
        if best is None or score > best[0]:
            best = (score, crashed["comm"], missing, extra, equal, len(marked))
_, comm, missing, extra, equal, count = best
print(f"{comm}: {equal} of the kernel's {count} frames, missing {missing}, only ours {extra}")
bad = bool(missing) or any(f["kind"] == "guess" for t in threads if t["crashed"] for f in t["frames"])

listed = None
for m in re.finditer(r"Modules linked in:([^\n]*)", first):
    listed = {w.split("(")[0] for w in m[1].split() if not w.startswith("[")}
if listed is not None:
    try:
        lines = open(f"{views}/modules").read().split("\n")
    except OSError:
        lines = []
    ours = {l.split()[-1] for l in lines[1:] if l.strip()}
    if ours and listed - ours:
        print("modules only the kernel's:", sorted(listed - ours))
        bad = True
    print(f"modules: {len(listed & ours)} of {len(listed)}")
sys.exit(1 if bad else 0)
