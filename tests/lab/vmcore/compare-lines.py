#!/usr/bin/env python3
"""compare-lines.py BT.json VMLINUX SLIDE [MODULES]: file, line and inlined functions of every frame beside addr2line -i -f of binutils.

BT.json is "kdt vmcore bt --all --json --vmlinux VMLINUX"; SLIDE (hexadecimal) is what the kernel was moved by; MODULES
the folder of modules' files with debugging information. Prints what differs, and as the last line {"frames": N, "modules": N, "places": N,
"differences": N}: frames of all, those of modules among them."""
import collections
import glob
import json
import os
import re
import subprocess
import sys

bt, vmlinux, slide = json.load(open(sys.argv[1])), sys.argv[2], int(sys.argv[3], 16)
folder = sys.argv[4] if len(sys.argv) > 4 else None
frames, in_modules = {}, collections.defaultdict(dict)
for thread in bt["threads"]:
    # Of a task that runs the registers tell the instruction itself; one that was taken off its CPU returns there.
    exact = bool(thread["frames"]) and thread["state"] == "RU" and thread["frames"][0]["symbol"] != "__schedule"
    for frame in thread["frames"]:
        if frame["symbol"] and frame["kind"] != "guess":
            ip = int(frame["ip"], 16) - slide
            where = in_modules[frame["module"]] if frame["module"] else frames
            where[ip if exact or frame["offset"] == 0 else ip - 1] = frame
        # What an interrupt saved is the instruction itself.
        exact = frame["kind"] in ("exception", "interrupt")


def addr2line(file, addresses, section=()):
    out = subprocess.run(["addr2line", "-a", "-i", "-f", *section, "-e", file], input="\n".join(f"{a:x}" for a in addresses),
                         capture_output=True, text=True, check=True).stdout.splitlines()
    found, at = {}, None
    for line in out:
        if re.fullmatch(r"0x[0-9a-f]+", line):
            at = int(line, 16)
            found[at] = []
        elif not found[at] or len(found[at][-1]) == 2:
            found[at].append((line,))
        else:
            found[at][-1] += (re.sub(r" \(discriminator \d+\)$", "", line),)
    return found


asked = sorted(frames)
theirs = addr2line(vmlinux, asked)
# Frames of a module by its own file: the function's place in the file's .text, which the kernel moved as a whole.
files = {os.path.basename(f).split(".")[0].replace("-", "_"): f for f in glob.glob(os.path.join(folder, "**", "*.ko*"), recursive=True)} if folder else {}
module_frames = 0
for module, those in in_modules.items():
    if module not in files:
        continue
    symbols = collections.defaultdict(list)
    table = subprocess.run(["readelf", "-SsW", files[module]], capture_output=True, text=True, check=True).stdout
    text = re.search(r"^ *\[ *(\d+)\] \.text ", table, re.M).group(1)
    for value, section, name in re.findall(r"^ *\d+: ([0-9a-f]+) +\S+ FUNC +\S+ +\S+ +(\d+) (\S+)$", table, re.M):
        symbols[name].append((int(value, 16), section))
    wanted = {}
    for address, frame in those.items():
        if len(symbols[frame["symbol"]]) == 1 and symbols[frame["symbol"]][0][1] == text:
            wanted[symbols[frame["symbol"]][0][0] + frame["offset"] - int(frame["ip"], 16) + address + slide] = address
    answers = addr2line(files[module], sorted(wanted), ("-j", ".text"))
    for at, address in wanted.items():
        asked.append(address)
        frames[address] = those[address]
        theirs[address] = answers.get(at, [])
        module_frames += 1

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
print(json.dumps({"frames": len(asked), "modules": module_frames, "places": places, "differences": differences}))
