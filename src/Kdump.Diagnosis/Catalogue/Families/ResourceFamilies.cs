namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Tables and limits of the kernel that are full, and memory that a part of it could not have.</summary>
internal static class ResourceFamilies
{
    public static readonly Family TaskLimit = new("task-limit-reached", "a limit of processes and threads is reached")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.95,
        Cause = "No new process or thread can be started there. Memory is not the problem. " +
            "The limit is that of the unit (TasksMax=, pids.max), of the user (ulimit -u) or of the machine (kernel.pid_max, " +
            "kernel.threads-max).",
        Fixes =
        [
            new("Find who has so many, and check the " +
                "limits", "ps -eLo user= | sort | uniq -c; systemctl show -p TasksCurrent,TasksMax UNIT; " +
                "ulimit -u"),
            new("If it needs them, raise the limit: TasksMax= in the unit (systemctl edit UNIT), nproc in /etc/security/limits.conf"),
        ],
        Tellings =
        [
            new("cgroup: fork rejected by pids controller in {t}", "{1} reached its limit of tasks (pids.max, TasksMax=)")
                { Fixes =
                [
                    new("Check how many it has, and its limit", "cat /sys/fs/cgroup{0}/pids.current /sys/fs/cgroup{0}/pids.max"),
                    new("If it needs them, raise TasksMax= of the unit (systemctl edit UNIT; for a container its pids limit)"),
                ] },
            new("Failed to fork: Resource temporarily unavailable", "no new process can be started (EAGAIN)") { Subject = 0 },
            new("Failed to spawn {e}: Resource temporarily unavailable", "systemd can start no more processes: {1} (EAGAIN)")
                { Subject = 0 },
            new("fork: retry: Resource temporarily unavailable", "no new process can be started (EAGAIN)") { Subject = 0 },
            new("annot fork: Resource temporarily unavailable", "no new process can be started (EAGAIN)") { Subject = 0 },
            new("hread creation failed: Resource temporarily unavailable", "no new thread can be started (EAGAIN)") { Subject = 0 },
            new("hread: Resource temporarily unavailable", "no new thread can be started (EAGAIN)") { Subject = 0 },
            new("pthread_create failed: Resource temporarily unavailable", "no new thread can be started (EAGAIN)") { Subject = 0 },
            new("unable to create native thread", "no new thread can be started (reported by a Java program)") { Subject = 0 },
        ],
        Origin = "kernel/cgroup/pids.c; systemd src/core/execute.c; fork(2), pthread_create(3): EAGAIN",
    };

    public static readonly Family Conntrack = new("conntrack-table-full", "the table of tracked connections is full")
    {
        Area = Area.Crashing,
        Confidence = 0.97,
        Cause = "Packets of new connections are dropped, even if the network works.",
        Fixes =
        [
            new("Check how many are tracked, and for whom", "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; " +
                "conntrack -S"),
            new("Raise the limit (about 300 bytes of memory each) and the hash with it",
                "sysctl -w net.netfilter.nf_conntrack_max=1048576; echo 262144 > /sys/module/nf_conntrack/parameters/hashsize"),
            new("Or keep them for less time (net.netfilter.nf_conntrack_tcp_timeout_established), " +
                "or exclude traffic that needs no tracking (NOTRACK)"),
        ],
        Tellings =
        [
            new("nf_conntrack: table full", "the table of tracked connections (nf_conntrack) is full: packets are dropped") { Subject = 0 },
            new("ip_conntrack: table full", "the table of tracked connections (ip_conntrack) is full: packets are dropped") { Subject = 0 },
            new("nf_conntrack: expectation table full", "the table of expected connections is full") { Subject = 0 },
        ],
        Origin = "net/netfilter/nf_conntrack_core.c",
    };

    public static readonly Family NetworkTable = new("network-table-full", "a table of the network stack is full")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Cause = "New entries are dropped.",
        Fixes = [new("Check the counters", "ss -s; ip -s neigh | wc -l; nstat -az | grep -i -e drop -e overflow")],
        Tellings =
        [
            new("neighbour: {w}: neighbor table overflow!", "the table of neighbours ({1}) is full: hosts cannot be reached")
                { Fixes = [new("Raise its limits",
                    "sysctl -w net.ipv4.neigh.default.gc_thresh2=4096 net.ipv4.neigh.default.gc_thresh3=8192")] },
            new("eighbour table overflow", "the table of neighbours is full: hosts cannot be reached") { Subject = 0, Fixes =
                [new("Raise its limits", "sysctl -w net.ipv4.neigh.default.gc_thresh2=4096 net.ipv4.neigh.default.gc_thresh3=8192")] },
            new("TCP: out of memory -- consider tuning tcp_mem", "TCP may use no more memory (tcp_mem)") { Subject = 0, Fixes =
                [new("Check the memory that TCP uses (in pages) and its limit; find sockets with full queues", "cat /proc/net/sockstat; " +
                    "sysctl net.ipv4.tcp_mem; ss -tm")] },
            new("TCP: too many orphaned sockets", "too many TCP sockets are left without an owner") { Subject = 0 },
            new("TCP: request_sock_{w}: Possible SYN flooding on port {d}", "more connections arrive at port {2} than are accepted",
                "Cookies are sent where the kernel says so: then nothing is dropped, and the clients notice little.")
                { Subject = 2, Severity = Severity.Warning, Fixes = [new("There is a burst of clients, or an attack: " +
                    "check the backlog of the program (listen(2)) and net.core.somaxconn", "ss -lnt; nstat -az TcpExtListenDrops")] },
            new("possible SYN flooding on port {w}", "more connections arrive at port {1} than are accepted")
                { Severity = Severity.Warning, Fixes = [new("There is a burst of clients, or an attack: check the backlog of the program",
                    "ss -lnt; nstat -az TcpExtListenDrops")] },
            new("dst cache overflow", "the cache of routes is full") { Subject = 0 },
        ],
        Origin = "net/core/neighbour.c, net/ipv4/tcp.c, net/ipv4/tcp_input.c, net/core/dst.c",
    };

    public static readonly Family FileLimit = new("file-limit-reached", "a limit of open files is reached")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.95,
        Cause = "No more files or sockets can be opened.",
        Fixes = [new("Find the programs that have them " +
            "open", "lsof | awk '{print $1}' | sort | uniq -c | sort -n | tail; sysctl fs.file-nr")],
        Tellings =
        [
            new("VFS: file-max limit {w} reached", "the machine's limit of open files ({1}) is reached") { Subject = 0,
                Fixes = [new("Find the programs that have them open", "lsof | awk '{print $1}' | sort | uniq -c | sort -n | tail"),
                    new("Raise it if they are needed", "sysctl -w fs.file-max=1000000")] },
            new("{e}: Too many open files in system", "the machine's limit of open files is reached ({1})") { Subject = 0 },
            new("{e}: Too many open files", "a program reached its limit of open files: {1}") { Subject = 0 },
        ],
        Origin = "fs/file_table.c; open(2) EMFILE, ENFILE",
    };

    public static readonly Family Audit = new("audit-backlog", "audit records are lost")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Cause = "More events are audited than auditd can write. Programs may be slowed down.",
        Fixes = [new("Find the rule that matches so often; raise the backlog", "auditctl -s; auditctl -b 8192")],
        Tellings =
        [
            new("audit: backlog limit exceeded", "audit records are lost: the backlog is full") { Subject = 0 },
            new("kauditd hold queue overflow", "audit records are lost: the hold queue is full") { Subject = 0 },
        ],
        Origin = "kernel/audit.c",
    };

    public static readonly Family DmaMemory = new("dma-memory-short", "the kernel could not get memory for DMA")
    {
        Area = Area.Crashing,
        In = Life.First,
        Cause = "A device needs memory of a special kind (bounce buffers, contiguous memory, address space for mappings), " +
            "which is used up, although ordinary memory may be free.",
        Fixes = [new("Find what uses it", "cat /proc/vmallocinfo | sort -k2n | tail; cat /sys/kernel/debug/swiotlb/io_tlb_used")],
        Tellings =
        [
            new("{d}: swiotlb buffer is full (sz: {w} bytes)", "the bounce buffer (swiotlb) is full: {1} wanted {2} bytes")
                { Fixes = [new("Enlarge it (in 2 KiB slots) on the kernel's command line: " +
                    "swiotlb=131072; find out why the device cannot reach all memory (IOMMU off, 32-bit device, memory encryption)")] },
            new("swiotlb buffer is full", "the bounce buffer (swiotlb) is full") { Subject = 0,
                Fixes = [new("Enlarge it (in 2 KiB slots) on the kernel's command line: swiotlb=131072")] },
            new("DMA: Out of SW-IOMMU space for {w} bytes at device {d}", "the bounce buffer (swiotlb) is full: {2} wanted {1} bytes")
                { Subject = 2, Fixes = [new("Enlarge it (in 2 KiB slots) on the kernel's command line: " +
                    "swiotlb=131072; find out why the device cannot reach all memory (IOMMU off, 32-bit device, memory encryption)")] },
            new("DMA: Out of SW-IOMMU space for {w} bytes", "the bounce buffer (swiotlb) is full") { Subject = 0,
                Fixes = [new("Enlarge it (in 2 KiB slots) on the kernel's command line: swiotlb=131072")] },
            new("cma_alloc: *alloc failed, req-size: {w} pages, ret: -12", "contiguous memory (CMA) is used up") { Subject = 0,
                Severity = Severity.Warning, Fixes = [new("Give it more on the kernel's command line: cma=SIZE",
                    "grep Cma /proc/meminfo")] },
            new("vmap allocation for size {w} failed", "the kernel's address space for mappings is used up ({1} bytes wanted)")
                { Subject = 0 },
            new("vmalloc: allocation failure: {w} bytes", "an allocation of {1} bytes of the kernel's own failed (vmalloc)",
                "There was not enough memory, or not enough of the kernel's address space for such allocations. " +
                    "A very large number is usually a wrong size that a program or driver " +
                    "passed.") { Subject = 0, Severity = Severity.Warning },
            new("vmalloc error: size {w}, {t}", "an allocation of {1} bytes failed ({2})") { Subject = 0 },
            new("XFS ({e}): possible memory allocation deadlock size {w}", "the XFS on {1} waits for memory")
                { Severity = Severity.Warning },
        ],
        Origin = "kernel/dma/swiotlb.c, mm/cma.c, mm/vmalloc.c, mm/slub.c, fs/xfs/kmem.c",
    };

    public static readonly Family SlabMemory = new("slab-memory-short", "the kernel got no page for its own objects")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "The kernel needed an object where it may not wait, usually to receive or send a packet, and got no page for it: " +
            "free memory was down to the reserve, or a control group had reached its limit of kernel memory. " +
            "The caller continues without it: packets are dropped.",
        Fixes =
        [
            new("Keep a larger reserve for interrupts", "sysctl -w vm.min_free_kbytes=131072"),
            new("See which caches use the memory", "slabtop -o | head -20"),
        ],
        Tellings =
        [
            new("cache: {e}({e}:{e}), object size: ", "the control group {3} got no memory for kernel objects of the cache {1}",
                "The name of the cache ends with its control group: it is a container's own, so the container's limit is what counts, " +
                "or its count of kernel memory, which never comes down again on kernels 3.10 of RHEL 7.") { Subject = 0,
                Fixes = [new("Raise the container's memory limit, or boot with cgroup.memory=nokmem; update the kernel"),
                    new("See which caches use the memory", "slabtop -o | head -20")] },
            new("cache: {e}, object size: {e}, buffer size: ", "the kernel got no memory for objects of the cache {1}") { Subject = 0 },
            new("SLUB: Unable to allocate memory on ", "the kernel could not allocate memory for its own objects") { Subject = 0 },
        ],
        Origin = "mm/slub.c slab_out_of_memory()",
    };

    public static readonly Family GuestMemory = new("guest-memory-refused",
        "a guest could not be given more memory, or had to give back too much")
    {
        Area = Area.Crashing,
        Cause = "Guest and host do not agree on how much memory the guest has.",
        Fixes = [new("Give the guest a larger startup or minimum memory, or a smaller balloon")],
        Tellings =
        [
            new("virtio_balloon {w}: Out of puff! Can't get {w} pages", "the balloon requests more memory than the guest can give")
                { Severity = Severity.Warning },
            new("hv_balloon: hot_add memory failed error is {w}", "memory that Hyper-V wanted to add was refused (error {1})")
                { Subject = 0 },
            new("Memory hot add failed", "memory that the host wanted to add was refused") { Subject = 0 },
            new("hv_balloon: Balloon request will be partially fulfilled", "Hyper-V asked for more memory than the guest can give")
                { Subject = 0,
                Severity = Severity.Warning },
            new("virtio_mem {w}: unknown error, marking device broken: {w}", "{1} does not work (error {2}): the guest's memory cannot " +
                "grow or shrink"),
            new("reserve_additional_memory: add_memory() failed: {w}", "memory that Xen wanted to add was refused (error {1})")
                { Subject = 0 },
            new("acpi {d}: add_memory failed", "memory that was plugged in ({1}) was refused"),
            new("acpi {d}: acpi_memory_enable_device() error", "memory that was plugged in ({1}) could not be used"),
        ],
        Origin = "drivers/virtio/virtio_balloon.c and virtio_mem.c, drivers/hv/hv_balloon.c, drivers/xen/balloon.c, " +
            "drivers/acpi/acpi_memhotplug.c",
    };

    private const string Chosen = "earlyoom ends the program that the kernel would choose, before memory and swap are used up: mostly " +
        "the largest one, not always the one at fault. How much was left stands in its lines before.";

    public static readonly Family OomDaemon = new("memory-daemon-killed", "a memory daemon killed a program before memory ran out")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "earlyoom and systemd-oomd kill programs before the kernel would, when memory or swap is short or memory pressure lasts.",
        Fixes = [new("Find what used the memory then; raise the unit's memory or the daemon's limits", "systemd-cgtop -m; oomctl")],
        Tellings =
        [
            new("Killed {e} due to memory pressure for {e} being {e} > ", "systemd-oomd killed {1}: memory pressure of {2} was {3}"),
            new("Killed {e} due to memory used ({t}", "systemd-oomd killed {1}: memory was used up"),
            new("lowmemorykiller: Killing '{e}'", "Android's low memory killer ended {1}"),
            new("{e}: A process of this unit has been killed by the OOM killer", "a process of {1} was killed for lack of memory"),
            // kill.c: until 1.5 without the user, since 1.8 with oom_score and the command line.
            new("sending SIG{w} to process {w} uid {w} \"{e}\"", "earlyoom ended {4} (SIG{1}): memory was nearly used up", Chosen)
                { Subject = 0 },
            new("sending SIG{w} to process {w} \"{e}\"", "earlyoom ended {3} (SIG{1}): memory was nearly used up", Chosen) { Subject = 0 },
            new("low memory! at or below SIG{w} limits", "earlyoom found memory used up (SIG{1})") { Subject = 0 },
        ],
        Origin = "systemd src/oom/oomd-manager.c; earlyoom kill.c",
    };

    public static readonly Family[] All = [TaskLimit, Conntrack, NetworkTable, FileLimit, Audit, DmaMemory, SlabMemory, GuestMemory,
        OomDaemon];
}
