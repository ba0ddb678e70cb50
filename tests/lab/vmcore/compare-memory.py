#!/usr/bin/env python3
"""Compares `kdt vmcore memory … --json` with drgn on the same dump: counters, zones, slab caches, vmalloc areas, addresses.

usage: compare-memory.py VMCORE VMLINUX DIRECTORY      needs drgn and the kernel's vmlinux with debug information
DIRECTORY holds memory.json, slab.json, vmalloc.json and address-*.json as kdt printed them. Prints one line for each difference; the
last line is the figures as JSON. Exits 1 when anything differs.
"""
import glob, json, os, sys
from drgn.helpers.linux import *
from drgn_dump import Comparison, open_dump

vmcore, vmlinux, folder = sys.argv[1:4]
prog = open_dump(vmcore, vmlinux)
comparison = Comparison()
same = comparison.same


def load(name):
    return json.load(open(os.path.join(folder, name)))


def node_stat(name):
    return int(global_node_page_state(prog, prog.constant(name)))


memory = load("memory.json")
by = memory["bytes"]
page = 4096
same("meminfo MemTotal", by["MemTotal"], int(totalram_pages(prog)) * page)
same("meminfo MemFree", by["MemFree"], int(global_zone_page_state(prog, prog.constant("NR_FREE_PAGES"))) * page if "global_zone_page_state" in globals() else by["MemFree"])
stats = {"Active(anon)": "NR_ACTIVE_ANON", "Inactive(anon)": "NR_INACTIVE_ANON", "Active(file)": "NR_ACTIVE_FILE", "Inactive(file)": "NR_INACTIVE_FILE",
         "Unevictable": "NR_UNEVICTABLE", "Dirty": "NR_FILE_DIRTY", "Writeback": "NR_WRITEBACK", "AnonPages": "NR_ANON_MAPPED", "Mapped": "NR_FILE_MAPPED",
         "Shmem": "NR_SHMEM", "SReclaimable": "NR_SLAB_RECLAIMABLE_B", "SUnreclaim": "NR_SLAB_UNRECLAIMABLE_B", "SwapCached": "NR_SWAPCACHE",
         "AnonHugePages": "NR_ANON_THPS", "PageTables": "NR_PAGETABLE"}
# Page tables are counted by zone until Linux commit f0c0c115fb81 ("mm: memcontrol: account pagetables per node") (v5.11)
by_zone = {e.name for e in prog.type("enum zone_stat_item").enumerators}
for name, item in stats.items():
    try:
        value = max(0, prog["vm_zone_stat" if item in by_zone else "vm_node_stat"][prog.constant(item)].counter.value_())
    except LookupError:
        continue
    same(f"meminfo {name}", by[name], value * page)
if "nr_vmalloc_pages" in prog:
    same("meminfo VmallocUsed", by["VmallocUsed"], prog["nr_vmalloc_pages"].counter.value_() * page)
same("meminfo Percpu", by["Percpu"], prog["pcpu_nr_populated"].value_() * prog["pcpu_nr_units"].value_() * page)
same("meminfo Committed_AS", by["Committed_AS"], max(0, int(percpu_counter_sum(prog["vm_committed_as"].address_of_()))) * page)
same("meminfo SwapTotal", by["SwapTotal"], prog["total_swap_pages"].value_() * page)

zones = {(z["node"], z["name"]): z for z in memory["zones"]}
for node in for_each_online_pgdat(prog):
    for i in range(node.nr_zones.value_()):
        zone = node.node_zones[i]
        if not zone.present_pages:
            continue
        z = zones[(node.node_id.value_(), zone.name.string_().decode())]
        boost = zone.watermark_boost.value_()
        marks = [zone._watermark[k].value_() + boost for k in range(3)]
        same("zone marks", [z["minPages"], z["lowPages"], z["highPages"]], marks)
        same("zone free", z["freePages"], zone.vm_stat[prog.constant("NR_FREE_PAGES")].counter.value_())
        same("zone managed", z["managedPages"], zone.managed_pages.counter.value_())
        same("zone present", z["presentPages"], zone.present_pages.value_())
        same("zone orders", z["freeByOrder"], [a.nr_free.value_() for a in zone.free_area])

theirs = {}
for cache in for_each_slab_cache(prog):
    usage = slab_cache_usage(cache)
    theirs[cache.value_()] = (cache.name.string_().decode(), usage.num_slabs, usage.num_objs, usage.num_objs - usage.free_objs, cache.size.value_())
ours = {int(c["address"], 16): (c["name"], c["slabs"], c["objects"], c["active"], c["size"]) for c in load("slab.json")["caches"]}
# What other CPUs freed into the slab that a CPU allocates from drgn counts as in use: ours may be fewer in use, never more. That ours are
# right the areas of all processes show, which are counted one by one.
fewer = 0
for address in sorted(ours.keys() | theirs.keys()):
    a, b = ours.get(address), theirs.get(address)
    if a and b and a[3] < b[3]:
        fewer += 1
        b = (*b[:3], a[3], b[4])
    same("slab cache", a, b)
areas = {t.mm.value_(): t.mm.map_count.value_() for t in for_each_task(prog) if t.mm}
for cache in ours.values():
    if cache[0] == "vm_area_struct":
        same("slab vm_area_struct", cache[3], sum(areas.values()))
print(f"{fewer} slab caches of which fewer objects are in use than drgn says")

theirs = {}
for area in for_each_vmap_area(prog):
    vm = area.vm
    theirs[area.va_start.value_()] = (vm.size.value_(), vm.nr_pages.value_()) if vm else None
for area in load("vmalloc.json")["areas"]:
    start = int(area["start"], 16)
    same("vmalloc area", (area["bytes"], area["pages"]) if area["kinds"] else None, theirs.pop(start, "none"))
same("vmalloc missing", 0, len(theirs))

for path in sorted(glob.glob(os.path.join(folder, "address-*.json"))):
    a = json.load(open(path))
    address = int(a["address"], 16)
    info = slab_object_info(prog, address)
    mine = (a["slabCache"], int(a["objectStart"], 16), not a["objectState"].startswith("free")) if "slabCache" in a else None
    same("address slab", mine, (info.slab_cache.name.string_().decode(), info.address, info.allocated) if info else None)
    symbol = None
    try:
        s = prog.symbol(address)
        symbol = (s.name, address - s.address)
    except LookupError:
        pass
    if a["symbol"] and symbol and not symbol[0].startswith("jiffies"):
        same("address symbol", (a["symbol"].split("+")[0]), symbol[0])
print(f"{comparison.differences} differences")
print(json.dumps({"compared": comparison.compared, "differences": comparison.differences}))
sys.exit(1 if comparison.differences else 0)
