#!/usr/bin/env python3
"""Compares kdt's views of processes, mounts, disks and the network, and its cores, with drgn on the same dump.

usage: compare-process.py VMCORE VMLINUX DIRECTORY      needs drgn and the kernel's vmlinux with debug information
DIRECTORY holds what kdt printed as JSON: vm-PID.json, files-PID.json, mounts.json, net.json, block.json, swap.json, oom.json, and cores
as core.PID; those that are missing are left out. Prints one line for each difference; the last line is the figures as JSON. Exits 1 when
anything differs.
"""
import glob, json, os, struct, sys
import drgn
from drgn.helpers.linux import *
from drgn_dump import Comparison, open_dump

vmcore, vmlinux, folder = sys.argv[1:4]
prog = open_dump(vmcore, vmlinux)
comparison = Comparison()
same = comparison.same


def load(name):
    path = os.path.join(folder, name)
    return json.load(open(path)) if os.path.exists(path) else None


def text(value):
    return value.decode(errors="replace")


def path_of(path):
    """Without what drgn does not say: that a file is deleted, and names of what has no place in a folder."""
    name = text(d_path(path))
    return None if name.startswith("[") else name


def plain(name, theirs):
    return None if theirs is None else name.removesuffix(" (deleted)")


states = ["", "ESTABLISHED", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
          "NEW-SYN-RECV"]


for path in sorted(glob.glob(os.path.join(folder, "vm-*.json"))):
    vm = json.load(open(path))
    task = find_task(prog, vm["pid"])
    theirs = {}
    for vma in for_each_vma(task.mm):
        name = path_of(vma.vm_file.f_path) if vma.vm_file else None
        theirs[vma.vm_start.value_()] = (vma.vm_end.value_(), vma.vm_flags.value_(), name)
    for area in vm["areas"]:
        start = int(area["start"], 16)
        their = theirs.pop(start, None)
        name = plain(area["name"], their and their[2])
        same(f"vm {vm['pid']} {start:x}", (int(area["end"], 16), int(area["flags"], 16), name), their)
    same(f"vm {vm['pid']} left", 0, len(theirs))
    same(f"vm {vm['pid']} total", vm["totalKib"] // 4, task.mm.total_vm.value_())

for path in sorted(glob.glob(os.path.join(folder, "files-*.json"))):
    files = json.load(open(path))
    task = find_task(prog, files["pid"])
    # drgn also yields a descriptor that is reserved for a file which is not open yet.
    theirs = {fd: (file.value_(), path_of(file.f_path), file.f_pos.value_()) for fd, file in for_each_file(task)
              if file}
    for file in files["files"]:
        their = theirs.pop(file["fd"], None)
        ours = (int(file["file"], 16), plain(file["path"], their and their[1]), file["position"])
        same(f"files {files['pid']} {file['fd']}", ours, their)
    same(f"files {files['pid']} left", 0, len(theirs))

if mounts := load("mounts.json"):
    theirs = {m.value_(): (text(mount_src(m)), text(mount_dst(m)), text(mount_fstype(m))) for m in for_each_mount(prog)}
    for m in mounts["mounts"]:
        their = theirs.pop(int(m["mount"], 16), None)
        where = None if their and their[1].startswith("[") else m["path"]
        same("mounts one", (m["source"], where, m["type"]), their and (their[0], None if their[1].startswith("[") else their[1], their[2]))
    same("mounts left", 0, len(theirs))
    systems = {sb.value_() for sb in list_for_each_entry("struct super_block", prog["super_blocks"].address_of_(), "s_list")}
    same("mounts super", {int(s["superBlock"], 16) for s in mounts["fileSystems"]}, systems)
    for s in mounts["fileSystems"]:
        sb = drgn.Object(prog, "struct super_block *", int(s["superBlock"], 16))
        same("mounts frozen", s["frozen"], ["", "write", "page fault", "fs", "complete"][sb.s_writers.frozen.value_()])

if net := load("net.json"):
    theirs = {}
    for space in for_each_net(prog):
        for dev in for_each_netdev(space):
            theirs[dev.value_()] = (dev.name.string_().decode(), dev.ifindex.value_(), dev.mtu.value_(), space.ns.inum.value_(), dev.real_num_tx_queues.value_())
    for i in net["interfaces"]:
        same(f"net {i['name']}", (i["name"], i["index"], i["mtu"], i["namespace"], i["txQueues"]), theirs.pop(int(i["netDevice"], 16), None))
    same("net left", 0, len(theirs))
    sockets = {int(s["sock"], 16): s for s in net["sockets"]}
    tables = prog["tcp_hashinfo"]
    for i in range(tables.ehash_mask.value_() + 1):
        if tables.ehash[i].chain.first.value_() & 1:
            continue
        for sk in sk_nulls_for_each(tables.ehash[i].chain):
            s = sockets.get(sk.value_())
            port = sk.__sk_common.skc_num.value_()
            same("sockets tcp", s and (int(s["local"].rsplit(":", 1)[1]), s["state"]), (port, states[sk.__sk_common.skc_state.value_()]))
    for task in for_each_task(prog):
        if not task.files or task.pid != task.tgid:
            continue
        for fd, file in for_each_file(task):
            if file and file.f_inode.i_mode.value_() & 0o170000 == 0o140000:
                sk = drgn.cast("struct socket *", file.private_data).sk
                s = sockets.get(sk.value_())
                same("sockets owner", s is not None and s["inode"], file.f_inode.i_ino.value_())

if block := load("block.json"):
    theirs = {}
    for disk in for_each_disk(prog):
        theirs[disk.value_()] = disk_name(disk).decode()
    same("block disks", {int(d["gendisk"], 16): d["name"] for d in block["disks"]}, theirs)
    parts = {part_name(p).decode() for p in for_each_partition(prog)}
    same("block partitions", {d["name"] for d in block["disks"]} | {p["name"] for d in block["disks"] for p in d["partitions"]}, parts)
    requests = {}
    for disk in for_each_disk(prog):
        q = disk.queue
        if not q.mq_ops:
            continue
        for _, entry in xa_for_each(q.hctx_table.address_of_()) if hasattr(q, "hctx_table") else enumerate(q.queue_hw_ctx[i] for i in range(q.nr_hw_queues)):
            hctx = drgn.cast("struct blk_mq_hw_ctx *", entry)
            for i in range(hctx.tags.nr_tags.value_()):
                rq = hctx.tags.rqs[i]
                if rq and rq.q == q and rq.state.value_() != 0:
                    requests[rq.value_()] = (disk_name(disk).decode(), rq.__sector.value_(), rq.__data_len.value_())
    ours = {int(r["request"], 16): (r["disk"], r["sector"], r["bytes"]) for d in block["disks"] for r in d["requests"] if r["state"] != "waiting"}
    same("block requests", ours, requests)

if swap := load("swap.json"):
    theirs = {}
    for i in range(prog["nr_swapfiles"].value_()):
        info = prog["swap_info"][i]
        if info and info.flags & 1:
            theirs[i] = (text(d_path(info.swap_file.f_path)), info.pages.value_() * 4, info.inuse_pages.value_() * 4, info.prio.value_())
    same("swap", {d["number"]: (d["path"], d["sizeKib"], d["usedKib"], d["priority"]) for d in swap["devices"]}, theirs)

if oom := load("oom.json"):
    for p in oom["processes"]:
        task = find_task(prog, p["pid"])
        rss = task_rss(prog, task)
        same(f"oom {p['pid']}", (p["fileKib"] // 4, p["anonymousKib"] // 4, p["sharedMemoryKib"] // 4, p["swappedKib"] // 4),
             (rss.file, rss.anon, rss.shmem, rss.swap))
        same(f"oom {p['pid']} adj", p["oomScoreAdjust"], task.signal.oom_score_adj.value_())

for path in sorted(glob.glob(os.path.join(folder, "core.*"))):
    task = find_task(prog, int(path.rsplit(".", 1)[1]))
    core = open(path, "rb")
    header = core.read(64)
    at, count = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
    core.seek(at)
    for raw in [core.read(56) for _ in range(count)]:
        kind, flags, offset, address, _, size, memory, _ = struct.unpack("<IIQQQQQQ", raw)
        if kind != 1:
            continue
        for page in range(address, address + size, 4096):
            try:
                theirs = access_process_vm(task, page, 4096)
            except drgn.FaultError:
                continue
            core.seek(offset + page - address)
            if core.read(4096) != theirs:
                same(f"core {page:x}", "other bytes", "bytes")
            else:
                comparison.compared["core pages"] += 1

print(f"{comparison.differences} differences")
print(json.dumps({"compared": comparison.compared, "differences": comparison.differences}))
sys.exit(1 if comparison.differences else 0)
