#!/usr/bin/env python3
"""Asks `kdt vmcore print` what drgn-expressions.py asked drgn, and compares.

usage: compare-expressions.py KDT VMCORE ANSWERS.json
Prints one line for each difference and a summary; the last line is the figures as JSON. Exits 1 when anything differs. An expression that
drgn cannot read must be missing for kdt too, and the other way round.
"""
import json, subprocess, sys

kdt, vmcore, path = sys.argv[1:4]
answers = json.load(open(path))["answers"]
figures = {"equal": 0, "bothMissing": 0, "different": 0, "onlyDrgn": 0, "onlyOurs": 0, "typeNotKnown": 0}
for start in range(0, len(answers), 200):
    part = answers[start:start + 200]
    command = kdt.split() + ["vmcore", "print", "--json", vmcore]
    for answer in part:
        command += ["-e", answer["expression"]]
    ours = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)["expressions"]
    for answer, our in zip(part, ours):
        value = our.get("value")
        missing = "error" in our or isinstance(value, dict) and "missing" in value
        text = answer["expression"]
        if answer.get("missing"):
            kind = "bothMissing" if missing else "onlyOurs"
        elif missing and any(words in our.get("error", "") for words in ("type is not known", "BTF does not have", "how many elements", "has no size")):
            kind = "typeNotKnown"
        elif missing:
            kind = "onlyDrgn"
        else:
            if our["type"].startswith("enum") or isinstance(value, str) and not value.startswith("0x"):
                # Enums come by name: ask for the number.
                number = subprocess.run(kdt.split() + ["vmcore", "print", "--json", vmcore, "-e", f"(long)({text})"], capture_output=True, text=True)
                value = json.loads(number.stdout)["expressions"][0].get("value")
            number = int(value, 16) if isinstance(value, str) and value.startswith("0x") else int(value) if value is not None else None
            # Arrays of characters come as text, structs as objects: those are not asked.
            kind = "equal" if number is not None and number & (1 << 64) - 1 == answer["value"] else "different"
        figures[kind] += 1
        if kind not in ("equal", "bothMissing"):
            print(f"{kind}: {text}: kdt {our.get('error', value)!r} / drgn {answer.get('value', 'missing')}")
print(f"expressions: {len(answers)}, {figures['equal']} equal, {figures['bothMissing']} missing for both, " +
      f"{figures['typeNotKnown']} of which kdt says that BTF does not tell the type or length")
print(json.dumps(figures))
sys.exit(1 if figures["different"] + figures["onlyDrgn"] + figures["onlyOurs"] else 0)
