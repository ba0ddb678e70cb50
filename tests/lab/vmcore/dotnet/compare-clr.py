#!/usr/bin/env python3
"""compare-clr.py LIVE.json DUMP.json: the same program, alive and in a dump: managed frames of the threads that it made and of its main
thread, exceptions, locks with their owner, and the objects of its own types. Prints what differs; the last line counts."""
import json
import re
import sys

live, dump = (json.load(open(f)) for f in sys.argv[1:3])
differences, compared = [], 0


def threads(answer):
    # Threads of the thread pool come and go: the main thread, the finalizer and those with a name of their own are compared.
    found = {}
    for t in answer["threads"]:
        key = t["name"] or ("main" if t["managedId"] == 1 else "finalizer" if t["finalizer"] else None)
        if key and not key.startswith(".NET"):
            found[key] = t
    return found


def frames(holder):
    # Native frames that ClrMD names after the runtime's own helpers are the same, but for their addresses.
    return [re.sub(r"0x[0-9a-f]+", "", f["name"]) for f in holder["frames"]]


ours, theirs = threads(dump), threads(live)
if set(ours) != set(theirs):
    differences.append(f"threads: live {sorted(theirs)}, dump {sorted(ours)}")
for key in sorted(set(ours) & set(theirs)):
    a, b = frames(theirs[key]), frames(ours[key])
    compared += max(len(a), len(b))
    if a != b:
        differences.append(f"{key}: live {a}, dump {b}")
    x, y = theirs[key].get("exception"), ours[key].get("exception")
    if (x is None) != (y is None) or (x and (x["type"], x["message"], frames(x)) != (y["type"], y["message"], frames(y))):
        differences.append(f"{key}: exception: live {x}, dump {y}")
    elif x:
        compared += 1 + len(x["frames"])
names = {t["osId"]: k for k, t in ours.items()}, {t["osId"]: k for k, t in theirs.items()}
locks = [sorted((l["type"], who.get(l["owner"]), l["waiting"]) for l in answer["locks"]) for who, answer in zip(names, (dump, live))]
compared += len(locks[1])
if locks[0] != locks[1]:
    differences.append(f"locks: live {locks[1]}, dump {locks[0]}")
if [sorted(names[0].get(o, "?") for o in c) for c in dump["deadlocks"]] != [sorted(names[1].get(o, "?") for o in c) for c in live["deadlocks"]]:
    differences.append(f"deadlocks: live {live['deadlocks']}, dump {dump['deadlocks']}")
own = [{t["type"]: t["count"] for t in answer["heap"] if t["type"].startswith("Victim.")} for answer in (live, dump)]
compared += len(own[0])
if own[0] != own[1] or not own[0]:
    differences.append(f"heap: live {own[0]}, dump {own[1]}")
print("\n".join(differences))
print(json.dumps({"compared": compared, "differences": len(differences), "deadlocks": len(dump["deadlocks"])}))
sys.exit(1 if differences or compared < 5 else 0)
