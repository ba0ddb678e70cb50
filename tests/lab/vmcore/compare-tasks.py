#!/usr/bin/env python3
"""Compares what `kdt vmcore ps|runq|timers|workqueues|locks|ipc|sys|bpf|cgroups --json` say with drgn's view of the same dump.

usage: compare-tasks.py VMCORE VMLINUX DIRECTORY      needs drgn and the kernel's vmlinux with debug information
DIRECTORY holds what kdt printed: ps.json (--args), runq.json, timers.json, workqueues.json, locks.json, ipc.json, sys.json, bpf.json,
cgroups.json; one that is missing is passed over. Prints a line for each difference, and last the figures as JSON: for each view, what was
compared and how much of it differs. Exits 1 when anything differs.
"""
import collections, json, os, sys
import drgn
from drgn import cast, container_of
from drgn.helpers.linux import *

vmcore, vmlinux, folder = sys.argv[1:4]
prog = drgn.Program()
prog.set_core_dump(vmcore)
prog.load_debug_info([vmlinux])
figures = {}


def load(name):
    path = os.path.join(folder, name + ".json")
    return json.load(open(path)) if os.path.exists(path) and os.path.getsize(path) else None


def compare(view, what, ours, theirs):
    f = figures.setdefault(view, {"compared": 0, "different": 0})
    f["compared"] += 1
    if ours != theirs:
        f["different"] += 1
        if f["different"] <= 20:
            print(f"{view}: {what}: {ours!r} / drgn {theirs!r}")


def attempt(view, function):
    """A view that drgn itself cannot answer is no difference, but it is said."""
    try:
        function()
    except Exception as e:
        print(f"{view}: drgn: {type(e).__name__}: {e}")
        figures.setdefault(view, {"compared": 0, "different": 0})["drgn"] = str(e)


def string(pointer):
    return pointer.string_().decode(errors="replace") if pointer else None


def symbol(address):
    try:
        return prog.symbol(address).name
    except LookupError:
        return None


cpus = list(for_each_online_cpu(prog))
possible = list(for_each_possible_cpu(prog))
tasks = {t.value_(): t for t in for_each_task(prog)}


def ps():
    rows = {int(t["task"], 16): t for t in load("ps")["tasks"] if t["pid"] != 0}
    compare("ps", "tasks", sorted(rows), sorted(tasks))
    policies = {0: "TS", 1: "FF", 2: "RR", 3: "B", 5: "IDL", 6: "DLN", 7: "EXT"}
    for address, row in rows.items():
        task = tasks.get(address)
        if task is None:
            continue
        who = f"{row['comm']} ({row['pid']})"
        compare("ps", who + " uid", row.get("uid"), task.real_cred.euid.val.value_())
        compare("ps", who + " policy", row["policy"], policies.get(task.policy.value_()))
        compare("ps", who + " priority", row["priority"], task.prio.value_())
        compare("ps", who + " nice", row["nice"], task.static_prio.value_() - 120)
        compare("ps", who + " started", row["startNanoseconds"], task.start_boottime.value_())
        if task.mm:
            compare("ps", who + " rss", row.get("rssBytes"), task_rss(task).total * 4096)
            compare("ps", who + " vsz", row.get("vszBytes"), task.mm.total_vm.value_() * 4096)
            try:
                words = b" ".join(cmdline(task)).decode(errors="replace").rstrip()
            except drgn.FaultError:
                words = None
            ours = row.get("args") or ""
            if words is None:
                compare("ps", who + " args missing", "<" in ours, True)
            else:
                compare("ps", who + " args", ours.rstrip(), words)
        else:
            compare("ps", who + " rss", row.get("rssBytes"), None)
        compare("ps", who + " cgroup", row.get("cgroup"), cgroup_path(task.cgroups.dfl_cgrp).decode())
        level = task.thread_pid.level.value_() if task.thread_pid else 0
        compare("ps", who + " inner", row.get("innerPid"), task.thread_pid.numbers[level].nr.value_() if level else None)


def runq():
    for row in load("runq")["cpus"]:
        rq = per_cpu(prog["runqueues"], row["cpu"])
        who = f"CPU {row['cpu']}"
        compare("runq", who + " current", row["current"], rq.curr.pid.value_())
        compare("runq", who + " running", row["running"], rq.nr_running.value_())
        compare("runq", who + " clock", row["clock"], rq.clock.value_())
        compare("runq", who + " switches", row["switches"], rq.nr_switches.value_())
        compare("runq", who + " io", row["ioWait"], rq.nr_iowait.counter.value_())
        # Every task that the kernel says stands on this queue, by its class.
        queued = collections.defaultdict(set)
        for task in tasks.values():
            on = task.on_rq.value_() == 1 and task_cpu(task) == row["cpu"]
            # Throttled, it is runnable and in no tree until its time comes back.
            if not on or (task.policy.value_() == 6 and task.dl.dl_throttled.value_()):
                continue
            policy = task.policy.value_()
            kind = "deadline" if policy == 6 else "realTime" if task.prio.value_() < 100 else "fair"
            if kind == "fair" and task.value_() == rq.curr.value_():
                continue
            if kind != "fair" and task.value_() == rq.stop.value_():
                continue
            queued[kind].add(task.pid.value_())
        for kind in ("fair", "realTime", "deadline"):
            ours = {t["pid"] for t in row[kind]}
            if kind == "deadline":
                ours.discard(rq.curr.pid.value_())
                queued[kind].discard(rq.curr.pid.value_())
            compare("runq", f"{who} {kind}", sorted(ours), sorted(queued[kind]))


def timers():
    ours = collections.Counter((t["cpu"], int(t["timer"], 16), t["expires"]) for t in load("timers")["timers"])
    theirs = collections.Counter()
    count = prog["timer_bases"].type_.length
    for cpu in cpus:
        bases = per_cpu(prog["timer_bases"], cpu)
        for i in range(count):
            for head in bases[i].vectors:
                for timer in hlist_for_each_entry("struct timer_list", head, "entry"):
                    expires = timer.expires.value_()
                    theirs[(cpu, timer.value_(), expires - (1 << 64) if expires >> 63 else expires)] += 1
        base = per_cpu(prog["hrtimer_bases"], cpu)
        for clock in base.clock_base:
            root = clock.active.rb_root.rb_root if hasattr(clock.active, "rb_root") else clock.active
            for timer in rbtree_inorder_for_each_entry("struct hrtimer", root.address_of_(), "node.node"):
                theirs[(cpu, timer.value_(), timer.node.expires.value_())] += 1
    compare("timers", "number", sum(ours.values()), sum(theirs.values()))
    for key in ours.keys() | theirs.keys():
        compare("timers", f"cpu {key[0]} {key[1]:x}", ours.get(key), theirs.get(key))


def workqueues():
    said = load("workqueues")
    pools = {p["id"]: p for p in said["pools"]}
    theirs = {pool.id.value_(): pool for _, pool in idr_for_each_entry(prog["worker_pool_idr"].address_of_(), "struct worker_pool")}
    compare("workqueues", "pools", sorted(pools), sorted(theirs))
    for number, pool in theirs.items():
        row = pools.get(number)
        if row is None:
            continue
        compare("workqueues", f"pool {number}", (row["cpu"], row["workers"], row["idle"]),
                (pool.cpu.value_(), pool.nr_workers.value_(), pool.nr_idle.value_()))
        busy = sorted((w.task.pid.value_(), w.current_work.value_()) for w in list_for_each_entry("struct worker", pool.workers.address_of_(), "node")
                      if w.current_work)
        compare("workqueues", f"pool {number} busy", sorted((b["pid"], int(b["work"], 16)) for b in row["busy"]), busy)
        pending = [w.value_() for w in list_for_each_entry("struct work_struct", pool.worklist.address_of_(), "entry")]
        compare("workqueues", f"pool {number} pending", [int(w["work"], 16) for w in row["pending"]], pending)
    queues = collections.Counter(q["name"] for q in said["queues"])
    compare("workqueues", "names", queues, collections.Counter(
        q.name.string_().decode() for q in list_for_each_entry("struct workqueue_struct", prog["workqueues"].address_of_(), "list")))


def locks():
    said = load("locks")
    kinds = {"mutex": "struct mutex", "rw_semaphore": "struct rw_semaphore"}
    for lock in said["locks"]:
        address = int(lock["address"], 16)
        if lock["kind"] in kinds:
            held = drgn.Object(prog, kinds[lock["kind"]], address=address)
            owner = held.owner.counter.value_() & ~7 & (1 << 64) - 1
            compare("locks", f"{lock['kind']} {lock['address']} owner", int(lock["holder"]["task"], 16) if lock["holder"] else None,
                    owner if owner in tasks else None)
            waiter = "struct mutex_waiter" if lock["kind"] == "mutex" else "struct rwsem_waiter"
            if hasattr(held, "wait_list"):
                waiting = sorted(w.task.pid.value_() for w in list_for_each_entry(waiter, held.wait_list.address_of_(), "list"))
                compare("locks", f"{lock['kind']} {lock['address']} waiters", sorted(w["pid"] for w in lock["waiters"]), waiting)
        elif lock["kind"] == "rt_mutex":
            base = next(t for t in tasks.values() if t.pid.value_() == lock["waiters"][0]["pid"]).pi_blocked_on.lock
            compare("locks", "rt_mutex " + lock["address"], address, base.value_())
            compare("locks", "rt_mutex owner", int(lock["holder"]["task"], 16) if lock["holder"] else 0, base.owner.value_() & ~1)
    # Every task in the slow path of a mutex or semaphore, by drgn's stack, is a waiter of ours.
    ours = {w["pid"] for lock in said["locks"] for w in lock["waiters"]}
    for task in tasks.values():
        if task_state_to_char(task) != "D":
            continue
        try:
            names = [f.name for f in prog.stack_trace(task)]
        except Exception:
            continue
        if any(n and (n.startswith("__mutex_lock") or n.startswith("rwsem_down_")) for n in names):
            compare("locks", f"{task.comm.string_().decode()} waits", task.pid.value_() in ours, True)


def ipc():
    ours = {(o["kind"], o["namespace"], o["id"]): int(o["address"], 16) for o in load("ipc")["objects"]}
    theirs = {}
    spaces = {t.nsproxy.ipc_ns.value_(): t.nsproxy.ipc_ns for t in tasks.values() if t.nsproxy}
    for space in spaces.values():
        for i, (kind, type_, member) in enumerate([("sem", "struct sem_array", "sem_perm"), ("msg", "struct msg_queue", "q_perm"),
                                                   ("shm", "struct shmid_kernel", "shm_perm")]):
            for _, at in idr_for_each(space.ids[i].ipcs_idr.address_of_()):
                one = container_of(cast("struct kern_ipc_perm *", at), type_, member)
                theirs[(kind, space.ns.inum.value_(), getattr(one, member).id.value_())] = one.value_()
    for key in ours.keys() | theirs.keys():
        compare("ipc", str(key), ours.get(key), theirs.get(key))


def sys_():
    said = load("sys")
    compare("sys", "node", said["node"], prog["init_uts_ns"].name.nodename.string_().decode())
    compare("sys", "command line", said["commandLine"], string(prog["saved_command_line"]))
    compare("sys", "load", said.get("loadAverage"), [round(v, 2) for v in loadavg(prog)])
    compare("sys", "jiffies", said.get("jiffies"), prog["jiffies_64"].value_())
    # The first of an array where the kernel knows auxiliary clocks
    tk = (prog["tk_core"] if "tk_core" in prog else prog["timekeeper_data"][0]).timekeeper
    compare("sys", "seconds", said.get("realSeconds"), tk.xtime_sec.value_())
    compare("sys", "uptime", said["uptimeNanoseconds"] // 10**9,
            (tk.tkr_mono.base.value_() + (tk.tkr_mono.xtime_nsec.value_() >> tk.tkr_mono.shift.value_()) + tk.offs_boot.value_()) // 10**9)
    compare("sys", "memory", said["memoryBytes"], prog["_totalram_pages"].counter.value_() * 4096)
    compare("sys", "processor", said.get("processor"), per_cpu(prog["cpu_info"], 0).x86_model_id.string_().decode().strip())


def bpf():
    said = load("bpf")
    compare("bpf", "programs", [(p["id"], p["name"], p["tag"]) for p in said["programs"]],
            sorted((p.aux.id.value_(), p.aux.name.string_().decode(), bytes(p.tag.value_()).hex()) for p in bpf_prog_for_each(prog)))
    compare("bpf", "maps", [(m["id"], m["name"], m["maxEntries"]) for m in said["maps"]],
            sorted((m.id.value_(), m.name.string_().decode(), m.max_entries.value_()) for m in bpf_map_for_each(prog)))


def cgroups():
    ours = {int(c["address"], 16): (c["path"], c["tasks"]) for c in load("cgroups")["cgroups"] if c["hierarchy"] == ""}
    theirs = {}
    count = collections.Counter(t.cgroups.dfl_cgrp.value_() for t in tasks.values())
    # kdt counts the idle tasks of all CPUs, which stand in no list.
    root = prog["cgrp_dfl_root"].cgrp.address_of_()
    for css in css_for_each_descendant_pre(root.self.address_of_()):
        group = css.cgroup
        theirs[group.value_()] = (cgroup_path(group).decode(), count[group.value_()] + (len(cpus) if group == root else 0))
    for key in ours.keys() | theirs.keys():
        compare("cgroups", f"{key:x}", ours.get(key), theirs.get(key))


for name, function in [("ps", ps), ("runq", runq), ("timers", timers), ("workqueues", workqueues), ("locks", locks), ("ipc", ipc), ("sys", sys_),
                       ("bpf", bpf), ("cgroups", cgroups)]:
    if load(name) is not None:
        attempt(name, function)
print(json.dumps(figures))
sys.exit(1 if any(f["different"] for f in figures.values()) else 0)
