#!/usr/bin/env python3
"""kdt and its peers on the same dump, in one run, one after the other. usage: bench.py [SUITE]   (make bench-dumps)

Needs what `tests/lab/vmcore/run SUITE sysrq` left in the cache, and out/kdt. For each program: the best wall time of several runs with
warm files and with cold ones (their pages given back to the kernel by posix_fadvise first), its CPU time and its peak memory.
"""
import glob, os, shutil, struct, subprocess, sys, time

HERE = os.path.dirname(os.path.realpath(__file__))
LAB = os.environ.get("KDUMP_LAB") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kdump-lab")
KDT = os.path.realpath(os.environ.get("KDT") or os.path.join(HERE, "../../../out/kdt"))
suite = sys.argv[1] if len(sys.argv) > 1 else "bookworm"
work = os.path.join(LAB, "work", suite, "vmcore-sysrq")
dump, plain = os.path.join(work, "dumps/l31"), os.path.join(work, "dumps/plain")
debuggers = os.path.join(LAB, "roots/sid-debuggers")
if not os.path.exists(dump):
    sys.exit(f"there is no dump in {work}: run tests/lab/vmcore/run {suite} sysrq")
vmlinux = os.path.join(LAB, "debug/vmlinux-" + open(os.path.join(work, "kernel")).read().strip())
shutil.copy(os.path.join(HERE, "drgn-stacks.py"), work)
if not os.path.exists(os.path.join(work, "vmlinux")):
    os.link(vmlinux, os.path.join(work, "vmlinux"))
open(os.path.join(work, "crash.in"), "w").write("sys\nbt\nquit\n")


def forget(*paths):
    for path in paths:
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def run(*commands):
    """One after the other: the time of all, their CPU time, the highest peak, the worst exit."""
    start, cpu, peak, worst = time.monotonic(), 0, 0, 0
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        cpu, peak, worst = cpu + usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss / 1024), max(worst, os.waitstatus_to_exitcode(status))
    return time.monotonic() - start, cpu, peak, worst


def measure(name, commands, files, runs):
    """Cold: nothing of the files is in memory before the first of the commands."""
    warm, cold = [run(*commands) for _ in range(runs)], []
    for _ in range(max(2, runs // 2)):
        forget(*files)
        cold.append(run(*commands))
    best = {"warm": min(r[0] for r in warm), "cold": min(r[0] for r in cold), "cpu": min(r[1] for r in warm), "rss": max(r[2] for r in warm)}
    status = warm[0][3]
    print(f"| {name} | {best['warm'] * 1000:.1f} ms | {best['cold'] * 1000:.1f} ms | {best['cpu'] * 1000:.1f} ms | {best['rss']:.0f} MB |{'' if status == 0 else f' exit {status}'}", flush=True)
    return best


def ratio(what, ours, theirs):
    print(f"\n{what}: warm {theirs['warm'] / ours['warm']:.1f}x, cold {theirs['cold'] / ours['cold']:.1f}x, CPU {theirs['cpu'] / ours['cpu']:.1f}x\n")
    head()


def head():
    print("| program | warm | cold | CPU | peak memory |\n|---|---|---|---|---|")


def duel(what, ours, theirs, file, runs=120, colds=8):
    """Run by run in turn, so that a busy machine is busy for both: the best of each, first warm, then cold."""
    best = {}
    for i in range(runs + colds):
        for name, command in (("kdt", ours), ("peer", theirs)):
            cold = i >= runs
            if cold:
                forget(file, KDT, shutil.which(theirs[0]))
            took = run(command)
            if took[3]:
                sys.exit(f"{' '.join(command)}: exit {took[3]}")
            for k, v in ({"cold": took[0]} if cold else {"warm": took[0], "cpu": took[1]}).items():
                best[name, k] = min(best.get((name, k), 9e9), v)
            best[name, "rss"] = took[2]
    cells = [f"{best['kdt', k] * 1000:.1f} / {best['peer', k] * 1000:.1f} ms ({best['peer', k] / best['kdt', k]:.2f}x)" for k in ("warm", "cold", "cpu")]
    print(f"| {what} | {' | '.join(cells)} | {best['kdt', 'rss']:.0f} / {best['peer', 'rss']:.0f} MB |", flush=True)


def stretched(path, gib):
    """The compressed dump as a machine with so much memory would have left it: the same pages, and bitmaps for all the others."""
    # In a process of its own: what this one has held in memory would count as the peak of the programs that it starts.
    child = os.fork()
    if child:
        return os.waitpid(child, 0)
    data = open(dump, "rb").read()
    block, sub, blocks = struct.unpack_from("<iiI", data, 428)
    old, start = blocks // 2 * block, (1 + sub) * block
    descriptors = start + 2 * old
    count = sum(byte.bit_count() for byte in data[start + old:descriptors])
    frames = gib << 18
    half = -(-frames // 8 // block) * block
    moved = 2 * (half - old)
    head = bytearray(data[:start])
    struct.pack_into("<II", head, 436, 2 * half // block, frames & 0xffffffff)
    struct.pack_into("<Q", head, block + 96, frames)
    table = bytearray(data[descriptors:descriptors + 24 * count])
    for i in range(0, len(table), 24):
        struct.pack_into("<q", table, i, struct.unpack_from("<q", table, i)[0] + moved)
    with open(path, "wb") as f:
        os.fchmod(f.fileno(), 0o600)
        f.write(head + data[start:start + old])
        f.seek(start + half)
        f.write(data[start + old:descriptors])
        f.seek(start + 2 * half)
        f.write(table + data[descriptors + 24 * count:])
    os._exit(0)


def sparse(path):
    """The plain copy with its last segment stretched to a tebibyte of hole."""
    subprocess.check_call(["cp", "--sparse=always", plain, path])
    os.chmod(path, 0o600)
    with open(path, "r+b") as f:
        header = f.read(64)
        count, at = struct.unpack_from("<H", header, 56)[0], struct.unpack_from("<Q", header, 32)[0]
        f.seek(at)
        segments = [struct.unpack("<IIQQQQQQ", f.read(56)) for _ in range(count)]
        i = max((i for i, s in enumerate(segments) if s[0] == 1), key=lambda i: segments[i][2])
        s = list(segments[i])
        s[5] = s[6] = 1 << 40
        f.seek(at + 56 * i)
        f.write(struct.pack("<IIQQQQQQ", *s))
        f.truncate(s[2] + (1 << 40))


inside = [os.path.join(HERE, "../in-root"), debuggers, work]
print(f"{os.path.getsize(dump) >> 20} MB dump (-l -d 31) and {os.path.getsize(plain) >> 20} MB plain copy of {os.path.basename(vmlinux)[8:]}; load {os.getloadavg()[0]:.1f}\n")
out = os.path.join(work, "dmesg.bench")
print("kdt vmcore log / makedumpfile --dump-dmesg (how many times as fast)\n\n| dump | warm | cold | CPU | peak memory |\n|---|---|---|---|---|")
large = os.path.join(work, "stretched")
for what, file in [(f, os.path.join(work, "dumps", f)) for f in ("l31", "c31", "E31", "plain")] + [("l31 as of 64 GiB", 64), ("l31 as of 1 TiB", 1024)]:
    if isinstance(file, int):
        stretched(large, file)
        file = large
    duel(what, [KDT, "vmcore", "log", file], ["makedumpfile", "--dump-dmesg", "-f", file, out], file)
os.remove(large)
print()
head()
both = measure("kdt vmcore info, then kdt vmcore bt", [[KDT, "vmcore", "info", dump], [KDT, "vmcore", "bt", dump]], [dump, KDT], 30)
crash = [inside + ["crash", "-s", "-i", "crash.in", "vmlinux", "dumps/l31"]]
ratio("info and bt against crash's sys and bt", both, measure("crash sys, bt", crash, [dump, vmlinux, os.path.join(debuggers, "usr/bin/crash")], 2))
ours = measure("kdt vmcore bt --all", [[KDT, "vmcore", "bt", "--all", dump]], [dump, KDT], 10)
ratio("all stacks against drgn", ours, measure("drgn, all stacks", [inside + ["python3", "drgn-stacks.py", "dumps/plain", "vmlinux"]], [plain, vmlinux], 2))
measure("kdt vmcore verify (lzo)", [[KDT, "vmcore", "verify", dump]], [dump, KDT], 5)
big = os.path.join(work, "sparse")
sparse(big)
measure("kdt vmcore log of a sparse 1 TiB dump", [[KDT, "vmcore", "log", big]], [big, KDT], 5)
os.remove(big)
os.remove(os.path.join(work, "vmlinux"))
print("\nverify against the bare libraries", flush=True)
real = [os.path.join(LAB, "work", s, "vmcore-sysrq/dumps", f) for s, f in ((suite, "c31"), (suite, "l31"), ("trixie", "z31"))]
small = os.path.join(work, "snappy31")
subprocess.check_call([os.path.join(HERE, "recompress.py"), real[0], small])
subprocess.check_call(["dotnet", "run", "--project", os.path.join(HERE, "../../Kdump.Bench"), "-c", "Release", "--", "codecs", *filter(os.path.exists, real), small])
os.remove(small)
