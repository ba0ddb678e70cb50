#!/usr/bin/env python3
"""Writes the tables of docs/vmcore-proof.md out of what tests/lab/vmcore/run left. usage: report.py WORK PAGE.md"""
import glob, json, os, sys

work, page = sys.argv[1:3]
SUITES = ["bullseye", "bookworm", "trixie", "trixie-cloud-amd64", "trixie-rt-amd64", "sid"]
MARK = "<!-- below this line: written by tests/lab/vmcore/report.py -->"


def read(*path):
    try:
        return open(os.path.join(*path), errors="replace").read().strip()
    except OSError:
        return ""


def last_json(*path):
    try:
        return json.loads(read(*path).splitlines()[-1])
    except (IndexError, ValueError):
        return {}


def cost(folder, name):
    try:
        seconds, kilobytes = read(folder, "cost", name).split()[-2:]
        return f"{float(seconds):.2f} s, {int(kilobytes) / 1024:.0f} MB"
    except ValueError:
        return "–"


def frames(row):
    f = row.get("frames")
    return [f["equal"], f["differing"], f["onlyOurs"], f["onlyTheirs"], f["gone"]] if f else ["–"] * 5


out = []
stacks = ["| kernel | crash | tasks (differing) | stacks equal | frames equal | differing | only kdt | only drgn | given back | guesses | of crash's frames equal | log and makedumpfile's |",
          "|---|---|---|---|---|---|---|---|---|---|---|---|"]
costs = ["| kernel | crash | kdt bt | crash sys+bt | kdt bt --all | drgn all stacks | kdt log |", "|---|---|---|---|---|---|---|"]
sums = [0, 0, 0, 0, 0]
for suite in SUITES:
    order = [line.split()[0] for line in open(os.path.join(os.path.dirname(sys.argv[0]), "expect.txt")) if not line.startswith("#")]
    for crash in dict.fromkeys(order):
        folder = os.path.join(work, suite, "vmcore-" + crash)
        if not os.path.exists(os.path.join(folder, "kernel")):
            continue
        kernel, drgn, other = read(folder, "kernel"), last_json(folder, "drgn.json"), last_json(folder, "crash.json")
        f = frames(drgn)
        if drgn:
            sums = [a + b for a, b in zip(sums, f)]
        crashs = "–" if not other.get("stacks") else "{} of {}".format(other["frames"]["equal"], sum(other["frames"].values()))
        stacks.append(f"| {kernel} | {crash} | {drgn.get('tasks', '–')} ({drgn.get('taskDifferences', '–')}) | {drgn.get('stacksEqual', '–')} of {drgn.get('stacks', '–')} "
                      f"| {f[0]} | {f[1]} | {f[2]} | {f[3]} | {f[4]} | {drgn.get('frames', {}).get('guesses', '–')} | {crashs} | {read(folder, 'log-same').rstrip('; ')} |")
        costs.append(f"| {kernel} | {crash} | " + " | ".join(cost(folder, n) for n in ["kdt-bt", "crash-bt", "kdt-bt-all", "drgn-bt-all", "kdt-log"]) + " |")
total = sum(sums[:4])
if total:
    stacks.append("")
    stacks.append(f"Together {sums[0]} of {total} frames are equal ({100 * sums[0] / total:.2f} %); {sums[1]} differ, {sums[2]} only kdt has, {sums[3]} only drgn has. "
                  f"Another {sums[4]} are what drgn reads where the stacks of zombies were, which the kernel has given back.")
forms = ["| kernel | forms of sysrq's dump that were compared, as kdt names them |", "|---|---|"]
for suite in SUITES:
    folder = os.path.join(work, suite, "vmcore-sysrq")
    if text := read(folder, "forms"):
        forms.append(f"| {read(folder, 'kernel')} | {' · '.join(line.replace(' ', ': ', 1) for line in text.splitlines())} |")
# What compare-tasks.py counted: facts of each view that drgn was asked for as well, and how many differ
VIEWS = ["ps", "runq", "timers", "workqueues", "locks", "ipc", "sys", "bpf", "cgroups"]
views = ["| kernel | dumps | " + " | ".join(VIEWS) + " |", "|---" * (len(VIEWS) + 2) + "|"]
for suite in SUITES:
    counted = [c for c in (last_json(os.path.dirname(path), "tasks.json")
                           for path in sorted(glob.glob(os.path.join(work, suite, "vmcore-*", "tasks.json")))) if c]
    if counted:
        total = lambda view, what: sum(c.get(view, {}).get(what, 0) for c in counted)
        views.append(f"| {read(work, suite, 'vmcore-sysrq', 'kernel')} | {len(counted)} | "
                     + " | ".join(f"{total(v, 'compared')} ({total(v, 'different')})" for v in VIEWS) + " |")
# What compare-memory.py, compare-process.py, drgn-expressions.py and compare-lines.py counted, likewise
more = ["| kernel | dumps | memory | processes, disks, network | expressions | frames with lines (of modules) | places in the source |", "|---|---|---|---|---|---|---|"]
for suite in SUITES:
    rows = [[last_json(folder, name) for name in ("memory.json", "process.json", "lines.json")] + [last_json(folder, "expressions.json")]
            for folder in sorted(glob.glob(os.path.join(work, suite, "vmcore-*")))]
    rows = [r for r in rows if r[0] and r[1]]
    if rows:
        facts = lambda i: f"{sum(sum(r[i]['compared'].values()) for r in rows)} ({sum(r[i]['differences'] for r in rows)})"
        lines = [r[2] for r in rows if r[2]]
        more.append(f"| {read(work, suite, 'vmcore-sysrq', 'kernel')} | {len(rows)} | {facts(0)} | {facts(1)} | {sum(len(r[3].get('answers', [])) for r in rows)} "
                    + (f"| {sum(l['frames'] for l in lines)} ({sum(l.get('modules', 0) for l in lines)}) "
                       f"| {sum(l['places'] for l in lines)} ({sum(l['differences'] for l in lines)}) |" if lines else "| – | – |"))
failures = []
for path in sorted(glob.glob(os.path.join(work, "*", "vmcore-*", "failed"))):
    suite, crash = path.split(os.sep)[-3], path.split(os.sep)[-2].removeprefix("vmcore-")
    failures += [f"- {suite}, {crash}: {line}" for line in read(path).splitlines()]

body = "\n\n".join(["## Stacks, tasks and log", "\n".join(stacks), "## Views of tasks, scheduling and locks: facts compared with drgn's (different)",
                    "\n".join(views), "## Views of memory and processes, expressions, lines of the source: compared (different)", "\n".join(more), "## Time and peak memory", "\n".join(costs), "## Forms", "\n".join(forms)]
                   + (["## Expectations that failed", "\n".join(failures)] if failures else []))
head = read(page).split(MARK)[0].rstrip() if os.path.exists(page) else "# What kdt vmcore was compared with"
os.makedirs(os.path.dirname(page), exist_ok=True)
open(page, "w").write(f"{head}\n\n{MARK}\n\n{body}\n")
