#!/usr/bin/env python3
"""compare-lines.py BT.json VMLINUX SLIDE: file, line and inlined functions of every frame beside addr2line -i -f of binutils.

BT.json is "kdt vmcore bt --all --json --vmlinux VMLINUX"; SLIDE (hexadecimal) is what the kernel was moved by. Prints what differs, and
as the last line {"frames": N, "places": N, "differences": N}."""
import json
import os
import re
import subprocess
import sys

bt, vmlinux, slide = json.load(open(sys.argv[1])), sys.argv[2], int(sys.argv[3], 16)
frames = {}
for thread in bt["threads"]:
    # Of a task that runs the registers tell the instruction itself; one that was taken off its CPU returns there.
    exact = bool(thread["frames"]) and thread["state"] == "RU" and thread["frames"][0]["symbol"] != "__schedule"
    for frame in thread["frames"]:
        if frame["symbol"] and not frame["module"] and frame["kind"] != "guess":
            ip = int(frame["ip"], 16) - slide
            frames[ip if exact or frame["offset"] == 0 else ip - 1] = frame
        # What an interrupt saved is the instruction itself.
        exact = frame["kind"] in ("exception", "interrupt")

asked = sorted(frames)
out = subprocess.run(["addr2line", "-a", "-i", "-f", "-e", vmlinux], input="\n".join(f"{a:x}" for a in asked),
                     capture_output=True, text=True, check=True).stdout.splitlines()
theirs, at = {}, None
for line in out:
    if re.fullmatch(r"0x[0-9a-f]+", line):
        at = int(line, 16)
        theirs[at] = []
    elif not theirs[at] or len(theirs[at][-1]) == 2:
        theirs[at].append((line,))
    else:
        where = re.sub(r" \(discriminator \d+\)$", "", line)
        theirs[at][-1] += (where,)

differences = places = 0
for address in asked:
    ours = frames[address]["source"]
    other = theirs.get(address, [])
    mine = [(p["function"] or "??", f"{p['file'] or '??'}:{p['line'] or '?'}") for p in ours]
    same = len(mine) == len(other)
    for (function, where), (its, there) in zip(mine, other):
        places += 1
        file, line = there.rsplit(":", 1)
        same &= where.rsplit(":", 1)[1] == line.replace("0", "?") if line == "0" else where.rsplit(":", 1)[1] == line
        same &= os.path.normpath(file).endswith(os.path.normpath(where.rsplit(":", 1)[0])) or (file == "??" and where.startswith("??"))
        # Assembly has no entry for functions: addr2line takes their names from the symbols.
        same &= function == its or function == "??" or function.split(".")[0] == its.split(".")[0]
    if not same and not (other == [("??", "??:?")] and not mine):
        differences += 1
        print(f"{address:x} {frames[address]['symbol']}: kdt {mine}, addr2line {other}")
print(json.dumps({"frames": len(asked), "places": places, "differences": differences}))
