using System.Text.Json;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Cli;

/// <summary>
/// A real kernel's memory in which somebody wrote: lists in circles, lists that go astray or leave memory, counts that lie, trees that hold
/// themselves, names without end. Each view ends, says what is wrong, and shows nothing that the whole kernel does not have.
/// </summary>
public sealed class HostileViewTests(AllViewsDump core) : IClassFixture<AllViewsDump>
{
    /// <summary>An address that no kernel maps: what list_del() leaves behind (include/linux/poison.h).</summary>
    private const string Nowhere = "0xdead000000000100UL";

    private const string Mounts = "list(task(1)->nsproxy->mnt_ns->list, struct mount, mnt_list)";
    private const string Irq = "xarray(irq_desc_tree, struct irq_desc)";
    private const string Pool = "xarray(worker_pool_idr.idr_rt, struct worker_pool)";
    private const string Cache = "list(slab_caches, struct kmem_cache, list)";
    private const string Device = "list(init_net.dev_base_head, struct net_device, dev_list)";
    private const string Bus = "list(pci_root_buses, struct pci_bus, node)";
    private const string Partial = $"where({Cache}, per_cpu_ptr(it->cpu_slab, 0)->partial)[0]";

    /// <summary>What is written where, as expressions; and a word that the view then says.</summary>
    private sealed record Plant(string View, string Says, params (string At, string Value)[] Words);

    private static readonly Dictionary<string, Plant> Plants = new()
    {
        ["info: count of symbols"] = new("info --json", "kallsyms", ("&kallsyms_num_syms", "~0UL")),
        ["log: size of the ring"] = new("log --json", "", ("&prb->desc_ring.count_bits", "60")),
        ["log: size of the text"] = new("log --json", "", ("&prb->text_data_ring.size_bits", "77")),
        ["ps: circle of processes"] = new("ps --json", "lead back", ("&task(2)->tasks.next", "&task(2)->tasks")),
        ["ps: circle with honest back links"] = new("ps --json", "circle",
            ("&task(2)->tasks.next", "&task(1)->tasks"), ("&task(1)->tasks.prev", "&task(2)->tasks")),
        ["ps: processes that leave memory"] = new("ps --json", "breaks off", ("&task(2)->tasks.next", Nowhere)),
        ["ps: processes that go astray"] = new("ps --json", "lead back", ("&task(2)->tasks.next", "&modules")),
        ["ps: a NULL link"] = new("ps --json", "NULL", ("&task(2)->tasks.next", "0UL")),
        ["ps: threads of another process"] = new("ps --json", "lead back",
            ("&task(2)->signal->thread_head.next", "&task(1)->thread_node")),
        ["ps: a process id"] = new("ps --json", "no process id", ("&task(1)->pid", "0x7fffffffUL")),
        ["bt: a stack that is nowhere"] = new("bt --all --json", "its stack at dead000000000100", ("&task(1)->thread.sp", Nowhere)),
        ["bt: symbols of a module"] = new("bt --all --json", "num_symtab",
            ("&module(\"kdt_lab\")->kallsyms->num_symtab", "0xffffffffUL")),
        ["runq: a node that holds itself"] = new("runq --json", "tree",
            ("&per_cpu(runqueues, 1).cfs.tasks_timeline.rb_root.rb_node->rb_left",
                "per_cpu(runqueues, 1).cfs.tasks_timeline.rb_root.rb_node")),
        ["runq: a node of another tree"] = new("runq --json", "parent",
            ("&per_cpu(runqueues, 1).cfs.tasks_timeline.rb_root.rb_node->rb_right",
                "((struct rb_root *)&vmap_area_root)->rb_node")),
        ["runq: a list of priority"] = new("runq --json", "lead back",
            ("&per_cpu(runqueues, 0).rt.active.bitmap[0]", "2UL"), ("&per_cpu(runqueues, 0).rt.active.queue[1].next", "&modules")),
        ["runq: no such task"] = new("runq --json", "", ("&per_cpu(runqueues, 0).curr", Nowhere)),
        ["timers: a node that holds itself"] = new("timers --json", "tree",
            ("&per_cpu(hrtimer_bases, 0).clock_base[0].active.rb_root.rb_root.rb_node->rb_left",
                "per_cpu(hrtimer_bases, 0).clock_base[0].active.rb_root.rb_root.rb_node")),
        ["timers: a root that leaves memory"] = new("timers --json", "missing",
            ("&per_cpu(hrtimer_bases, 0).clock_base[0].active.rb_root.rb_root.rb_node", Nowhere)),
        ["workqueues: pools of another tree"] = new("workqueues --json", "no node of this tree",
            ("&worker_pool_idr.idr_rt.xa_head", "irq_desc_tree.xa_head")),
        ["workqueues: queues that go astray"] = new("workqueues --json", "lead back", ("&workqueues.next", "&modules")),
        ["workqueues: circle of workers"] = new("workqueues --json", "lead back",
            ($"&{Pool}[0]->workers.next->next", $"{Pool}[0]->workers.next")),
        ["workqueues: work that leaves memory"] = new("workqueues --json", "breaks off", ($"&{Pool}[0]->worklist.next", Nowhere)),
        ["signals: a queue that goes astray"] = new("signals --pid 1 --json", "lead back",
            ("&task(1)->pending.list.next", "&modules")),
        ["signals: handlers that are nowhere"] = new("signals --pid 1 --json", "", ("&task(1)->sighand", Nowhere)),
        ["ipc: a tree of another"] = new("ipc --json", "no node of this tree",
            ("&init_ipc_ns.ids[1].ipcs_idr.idr_rt.xa_head", "irq_desc_tree.xa_head")),
        ["ipc: circle of receivers"] = new("ipc --json", "lead back",
            ("&((struct msg_queue *)xarray(init_ipc_ns.ids[1].ipcs_idr.idr_rt)[0])->q_receivers.next", "&modules")),
        ["ipc: how many semaphores"] = new("ipc --json", "no number of semaphores",
            ("&container_of((struct kern_ipc_perm *)xarray(init_ipc_ns.ids[0].ipcs_idr.idr_rt)[0], struct sem_array, sem_perm)->sem_nsems",
                "0x7fffffffUL")),
        ["bpf: programs of another tree"] = new("bpf --json", "no node of this tree",
            ("&prog_idr.idr_rt.xa_head", "irq_desc_tree.xa_head")),
        ["bpf: how many maps"] = new("bpf --json", "no number of maps",
            ("&xarray(prog_idr.idr_rt, struct bpf_prog)[0]->aux->used_map_cnt", "0xffffffffUL")),
        ["cgroups: circle of groups"] = new("cgroups --json", "lead back",
            ("&cgrp_dfl_root.cgrp.self.children.next->next", "cgrp_dfl_root.cgrp.self.children.next")),
        ["cgroups: a group below itself"] = new("cgroups --json", "lead back",
            ("&container_of(cgrp_dfl_root.cgrp.self.children.next, struct cgroup_subsys_state, sibling)->children.next",
                "cgrp_dfl_root.cgrp.self.children.next"),
            ("&cgrp_dfl_root.cgrp.self.children.next->prev",
                "&container_of(cgrp_dfl_root.cgrp.self.children.next, struct cgroup_subsys_state, sibling)->children")),
        ["cgroups: a folder inside itself"] = new("cgroups --json", "circle",
            ("&cgrp_dfl_root.cgrp.kn->parent", "cgrp_dfl_root.cgrp.kn")),
        ["irq: a tree of another"] = new("irq --json", "no node of this tree",
            ("&irq_desc_tree.xa_head", "worker_pool_idr.idr_rt.xa_head")),
        ["irq: one number for another"] = new("irq --json", "stands in the tree as", ($"&{Irq}[1]->irq_data.irq", "7777")),
        ["irq: handlers in a circle"] = new("irq --json", "circle", ($"&{Irq}[0]->action->next", $"{Irq}[0]->action")),
        ["irq: a name that is nowhere"] = new("irq --json", "\"?\"", ($"&{Irq}[0]->action->name", Nowhere)),
        ["modules: circle"] = new("modules --json", "lead back", ("&modules.next->next", "modules.next")),
        ["modules: that go astray"] = new("modules --json", "lead back", ("&modules.next->next", "slab_caches.next")),
        ["devices: circle of devices"] = new("devices --json", "lead back",
            ($"&{Bus}[0]->devices.next->next", $"{Bus}[0]->devices.next")),
        ["devices: a bus behind itself"] = new("devices --json", "lead back",
            ($"&{Bus}[0]->children.next", $"&{Bus}[0]->node"), ($"&{Bus}[0]->node.prev", $"&{Bus}[0]->children"),
            ("&pci_root_buses.prev", "0UL")),
        ["memory: how many zones"] = new("memory --json", "no number of zones", ("&node_data[0]->nr_zones", "0x7fffffffUL")),
        ["memory: how many nodes"] = new("memory --zones --json", "no number of nodes", ("&nr_node_ids", "0xffffffffUL")),
        ["memory: a node that is nowhere"] = new("memory --zones --json", "", ("&node_data[0]", Nowhere)),
        ["slab: circle of caches"] = new("memory --slab --json", "lead back", ("&slab_caches.next->next", "slab_caches.next")),
        ["slab: partial slabs that go astray"] = new("memory --slab --json", "lead back",
            ($"&{Cache}[0]->node[0]->partial.next", "&modules")),
        ["slab: partial slabs of a CPU in a circle"] = new("memory --slab --json", "circle",
            ($"&per_cpu_ptr({Partial}->cpu_slab, 0)->partial->next", $"per_cpu_ptr({Partial}->cpu_slab, 0)->partial")),
        ["vmalloc: areas that go astray"] = new("memory --vmalloc --json", "lead back", ("&vmap_area_list.next->next", "&modules")),
        ["swap: how many devices"] = new("swap --json", "no number of swap devices", ("&nr_swapfiles", "0xffffffffUL")),
        ["block: circle of inodes"] = new("block --json", "lead back",
            ("&blockdev_superblock->s_inodes.next->next", "blockdev_superblock->s_inodes.next")),
        ["net: namespaces that go astray"] = new("net --json", "lead back", ("&net_namespace_list.next", "&modules")),
        ["net: circle of interfaces"] = new("net --json", "lead back",
            ("&init_net.dev_base_head.next->next", "init_net.dev_base_head.next")),
        ["net: circle of addresses"] = new("net --json", "circle",
            ($"&{Device}[0]->ip_ptr->ifa_list->ifa_next", $"{Device}[0]->ip_ptr->ifa_list")),
        ["net: how many queues"] = new("net --json", "no number of queues", ($"&{Device}[1]->real_num_tx_queues", "0xffffffffUL")),
        ["net: how many buckets"] = new("net --json", "no size of a hash table", ("&tcp_hashinfo.ehash_mask", "0xffffffffUL")),
        ["mounts: circle"] = new("mounts --json", "lead back", ($"&{Mounts}[1]->mnt_list.next", $"&{Mounts}[1]->mnt_list")),
        ["mounts: file systems that go astray"] = new("mounts --json", "lead back",
            ("&((struct list_head *)&super_blocks)->next->next", "&modules")),
        ["mounts: folders inside each other"] = new("mounts --json", "circle",
            ($"&{Mounts}[1]->mnt_mountpoint->d_parent", $"{Mounts}[2]->mnt_mountpoint"),
            ($"&{Mounts}[2]->mnt_mountpoint->d_parent", $"{Mounts}[1]->mnt_mountpoint")),
        ["mounts: a name without end"] = new("mounts --json", "no length of a name",
            ($"&{Mounts}[2]->mnt_mountpoint->d_name.len", "0xffffffffUL")),
        ["files: how many"] = new("files --pid 1 --json", "no number of files", ("&task(1)->files->fdt->max_fds", "0xffffffffUL")),
        ["files: a table that is nowhere"] = new("files --pid 1 --json", "", ("&task(1)->files->fdt->fd", Nowhere)),
        ["vm: a tree of another"] = new("vm --pid 1 --json", "", ("&task(1)->mm->mm_mt.ma_root", "task(140)->mm->mm_mt.ma_root")),
        ["vm: an area that ends before it begins"] = new("vm --pid 1 --json", "does not come behind",
            ("&maple(task(1)->mm->mm_mt, struct vm_area_struct)[0]->vm_end", "0UL")),
        ["oom: circle of groups"] = new("oom --json", "lead back",
            ("&root_mem_cgroup->css.children.next", "&root_mem_cgroup->css.sibling"), ("&root_mem_cgroup->css.sibling.prev", "&modules")),
        ["print: a list in a circle"] = new("print -e \"list(modules, struct module, list).name\" --json", "lead back",
            ("&modules.next->next", "modules.next")),
    };

    public static TheoryData<string> Names => [.. Plants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_view_of_a_memory_that_lies_ends_tells_it_and_invents_nothing(string name)
    {
        Plant plant = Plants[name];
        ChangedDump changed = new(core.Dump);
        AllViewsDump.Answer whole;
        using (Vmcore vmcore = Vmcore.Open(new ChangedDump(core.Dump)))
        {
            whole = AllViewsDump.Ask(vmcore, plant.View);
            Interpreter interpreter = new(vmcore, () => vmcore.Tasks.Need("whole", "tasks"), () => vmcore.Crash.Task?.Address);
            foreach ((string at, string value) in plant.Words)
            {
                KernelObject place = One(interpreter, at);
                ulong word = One(interpreter, value) is var told && told.Type.IsScalar ? told.Load() : told.Address!.Value.Value;
                Assert.Equal(MemoryState.Present, vmcore.Memory.Translate(new VirtualAddress(place.Load()), out PhysicalAddress physical));
                int size = place.Type.Bare.Target.Size is > 0 and < 8 and var known ? known : 8;
                changed.Write(physical, BitConverter.GetBytes(word).AsSpan(0, size));
            }
        }
        Assert.True(whole.Output.Length > 0, whole.Error);
        using Vmcore hostile = Vmcore.Open(changed);
        AllViewsDump.Answer answer = AllViewsDump.Ask(hostile, plant.View);
        Assert.DoesNotContain("bug of kdt", answer.Error, StringComparison.Ordinal);
        Assert.Contains(plant.Says, answer.Error + answer.Output, StringComparison.Ordinal);
        // A part that cannot be shown may say so in its own place.
        bool inPlace = plant.Says.Length > 0 && answer.Output.Contains(plant.Says, StringComparison.Ordinal) &&
            !whole.Output.Contains(plant.Says, StringComparison.Ordinal);
        Assert.True(inPlace || (answer.Code is 1 or 2 && answer.Error.Length > 0), $"says nothing ({answer.Code})");
        // A view reads what the whole one read, and what the lie made it look at.
        Assert.InRange(changed.PagesRead, 0, 200_000);
        Assert.InRange(answer.Output.Length, 0, whole.Output.Length + 4096);
        if (answer.Output.Length == 0)
            return;
        using JsonDocument a = JsonDocument.Parse(answer.Output), w = JsonDocument.Parse(whole.Output);
        string? surplus = AllViewsDump.Surplus(a.RootElement, w.RootElement, "");
        Assert.True(surplus is null, surplus);
        // What is made of many views says that it knows less, too, and never falls.
        Assert.DoesNotContain("bug of kdt", AllViewsDump.Ask(hostile, "report --json").Error, StringComparison.Ordinal);
    }

    private static KernelObject One(Interpreter interpreter, string text) => interpreter.Evaluate(text) as KernelObject
        ?? throw new InvalidOperationException($"{text} is no single value");
}
