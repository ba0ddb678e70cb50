#!/usr/bin/env python3
"""What kdt says of two forms of one memory, in the folders that views() fills. usage: compare-forms.py WHOLE FORM

Equal, or what is missing must be missing because the form's writer left pages out, and kdt must say so: a stack that stops early names an
excluded page, a list that breaks off does so on standard error. Prints "same", "less (…)" or "differs: …"; the last ends with status 1.
"""
import filecmp, json, os, sys

whole, form = sys.argv[1:3]
EXCLUDED = "excluded from the dump"


def text(name):
    return open(os.path.join(form, name), errors="replace").read()


differing = [n for n in ["log", "bt", "ps", "modules", "irq", "devices"] if not filecmp.cmp(os.path.join(whole, n), os.path.join(form, n), shallow=False)]
stacks = [{(t["pid"], t["task"]): t for t in json.load(open(os.path.join(d, "bt-all.json")))["threads"]} for d in (whole, form)]
cut = 0
for key, thread in stacks[0].items():
    other = stacks[1].get(key)
    if other is None or other["frames"] == thread["frames"] and other.get("stopped") == thread.get("stopped"):
        continue
    n = sum(f["kind"] != "guess" for f in other["frames"])
    if EXCLUDED in other.get("stopped", "") and other["frames"][:n] == thread["frames"][:n]:
        cut += 1
    else:
        differing.append(f"stack of {key[0]} {thread['comm']}")
missing = len(stacks[0]) - len(stacks[1])
if not differing and not cut and not missing:
    print("same")
elif all(n in ("irq", "devices", "ps", "modules") and EXCLUDED in text(n + ".err") for n in differing):
    parts = ([f"{cut} stacks cut"] if cut else []) + ([f"{missing} tasks missing"] if missing else []) + [f"{n} in part" for n in differing]
    print(f"less ({', '.join(parts)}: pages that the writer left out)")
else:
    print("differs:", ", ".join(differing))
    sys.exit(1)
