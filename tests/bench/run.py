#!/usr/bin/env python3
"""The figures of docs/performance.md, all of one run on one machine. usage: run.py [PAGE]   (make performance)

Needs out/kdt and the fixtures; the rows of dumps and images are of `make bench-dumps` and `make bench-images`, because they need the lab.
Logs are made of recorded ones, with a fixed seed. Each row is the best of several runs: CPU time and peak memory are the program's own,
and a busy machine spoils wall time first, so the load is part of the page.
"""
import datetime, glob, os, platform, random, resource, shutil, subprocess, sys, tempfile, time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
KDT = os.path.realpath(os.environ.get("KDT") or os.path.join(ROOT, "out/kdt"))
WORK = [
    "systemd[1]: Starting Daily apt download activities...",
    "EXT4-fs (dm-3): mounted filesystem with ordered data mode. Quota mode: none.",
    "IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready",
    "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.  Check SNMP counters.",
    "perf: interrupt took too long (2503 > 2500), lowering kernel.perf_event_max_sample_rate to 79750",
    "nfs: server nas01 not responding, still trying", "docker0: port 1(veth9f) entered disabled state",
    "mlx5_core 0000:3b:00.0: Port module event: module 0, Cable plugged",
]


def texts(*patterns):
    files = sorted(f for p in patterns for f in glob.glob(os.path.join(ROOT, "fixtures", p), recursive=True))
    return [open(f, errors="replace", newline="").read() + "\n" for f in files]


def mixed(path, size, boots, ends):
    """A machine boots, works for some thousand lines, and every fifth time leaves a report or the log of a crash."""
    chance, made, life = random.Random(1), 0, 0
    with open(path, "w") as out:
        while made < size:
            boot, at = boots[life % len(boots)], 60.0
            said = [m for m in (line[line.find("] ") + 1:].lstrip() for line in boot.split("\n")) if m]
            lines = []
            for i in range(3000):
                at += chance.random() * 3
                lines.append(f"[{at:12.6f}] {chance.choice(said if i % 2 else WORK)}\n")
            life += 1
            made += out.write(boot + "".join(lines) + (chance.choice(ends) if life % 5 == 0 else ""))


def repeated(path, size, parts):
    chance, made = random.Random(1), 0
    with open(path, "w") as out:
        while made < size:
            made += out.write(chance.choice(parts))


def troubles(path, count):
    """Disks and ports that fail one by one: as many findings as lines."""
    with open(path, "w") as out:
        out.write("[    0.000000] Linux version 6.12.0 (builder@host) #1 SMP\n")
        for i in range(count):
            out.write(f"[{10 + i / 10:12.6f}] EXT4-fs error (device dm-{i}): ext4_lookup:1615: inode #{i + 12}: comm find: "
                      f"deleted inode referenced: {i + 4000}\n")


def run(command, runs=3):
    """CPU seconds, wall seconds, peak memory; the best of some runs."""
    best = None
    for _ in range(runs):
        start = time.monotonic()
        # Not /dev/null: grep stops at the first match then.
        with tempfile.TemporaryFile() as answer:
            process = subprocess.Popen(command, stdout=answer, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            sys.exit(f"{' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}")
        # Before it becomes the program, the child is a copy of this one: a smaller peak is not seen.
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak = f"{usage.ru_maxrss / 1024:.0f} MB" if usage.ru_maxrss > own * 1.1 else f"below {own / 1024:.0f} MB"
        took = (usage.ru_utime + usage.ru_stime, time.monotonic() - start, peak)
        best = took if best is None or took[0] < best[0] else best
    return best


def first(path, start, fallback):
    return next((line.split(":", 1)[1].strip() for line in open(path) if line.startswith(start)), fallback)


def page(folder):
    boots, ends = texts("healthy/**/*.log"), texts("cases/**/console.log", "reports/**/*.log")
    logs = {name: os.path.join(folder, name + ".log") for name in ("mixed", "crashes", "kasan", "gigabyte", "troubles")}
    mixed(logs["mixed"], 100_000_000, boots, ends)
    mixed(logs["gigabyte"], 1_000_000_000, boots, ends)
    repeated(logs["crashes"], 50_000_000, ends)
    repeated(logs["kasan"], 50_000_000, [e for e in ends if "KASAN" in e])
    troubles(logs["troubles"], 600)
    load = os.getloadavg()[0]
    yield f"""# How fast it is

Made by `make performance` (tests/bench/run.py), nothing by hand.
{datetime.date.today()}, {first('/proc/cpuinfo', 'model name', platform.machine())}, {os.cpu_count()} CPUs, Linux {platform.release()}, load {load:.1f}
{subprocess.run([KDT, '--version'], capture_output=True, text=True).stdout.splitlines()[0]}

| work | CPU | wall | peak memory | speed |
|---|---|---|---|---|"""
    for name, what, runs in (("mixed", "kdt log, mixed", 3), ("crashes", "kdt log, crash reports only", 3),
                             ("kasan", "kdt log, KASAN reports only", 3), ("gigabyte", "kdt log, mixed, 1 GB", 1)):
        cpu, wall, peak = run([KDT, "log", logs[name]], runs)
        yield f"| {what} | {cpu:.2f} s | {wall:.2f} s | {peak} | {os.path.getsize(logs[name]) / cpu / 1e6:.0f} MB/s of CPU |"
    fleet = sorted(f for f in glob.glob(os.path.join(ROOT, "fixtures/**/*.log"), recursive=True))[:323]
    peers = [("wc -l, 1 GB", ["wc", "-l", logs["gigabyte"]]), ("grep -c, 1 GB", ["grep", "-c", "Kernel panic", logs["gigabyte"]])]
    for what, command in (("kdt explain, 600 file systems that fail", [KDT, "explain", logs["troubles"]]),
                          (f"kdt explain, {len(fleet)} logs", [KDT, "explain", *fleet]), ("kdt --version", [KDT, "--version"]), *peers):
        cpu, wall, peak = run(command)
        yield f"| {what} | {cpu:.3f} s | {wall:.3f} s | {peak} | |"
    programs = [p for p in ("kdt", "kdump-probe", "kdt-fleet") if os.path.exists(os.path.join(os.path.dirname(KDT), p))]
    sizes = ", ".join(f"{p} {os.path.getsize(os.path.join(os.path.dirname(KDT), p)) / 1e6:.1f} MB" for p in programs)
    yield f"\nPrograms: {sizes}.\n\nDumps beside makedumpfile, crash and drgn: `make bench-dumps`. Images beside zstd and 3cpio: `make bench-images`."


def main():
    if not os.path.exists(KDT):
        sys.exit(f"there is no {KDT}: run make publish first")
    folder = tempfile.mkdtemp(prefix="kdump-bench-")
    try:
        text = "\n".join(page(folder)) + "\n"
    finally:
        shutil.rmtree(folder)
    print(text)
    if len(sys.argv) > 1:
        open(sys.argv[1], "w").write(text)


main()
