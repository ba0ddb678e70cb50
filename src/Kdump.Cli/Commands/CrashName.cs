namespace Kdump.Cli.Commands;

/// <summary>A command of crash and the command of <c>kdt vmcore</c> that the shell runs for it.</summary>
/// <param name="Name">Its name in crash.</param>
/// <param name="Option">The option or first word that this row is for; empty: for any, or for none.</param>
/// <param name="View">The command of <c>kdt vmcore</c> to run, with its options.</param>
/// <param name="Operand">The option that takes the words that follow (<c>--pid</c>); empty: they are passed on unchanged.</param>
internal sealed record CrashName(string Name, string Option, string View, string Operand = "")
{
    /// <summary>In the order in which they are tried: rows with an option come first.</summary>
    public static readonly CrashName[] All =
    [
        new("bt", "", "bt"),
        new("ps", "", "ps"),
        new("irq", "-s", "irq"),
        new("log", "", "log"),
        new("dmesg", "", "log"),
        new("mod", "", "modules"),
        new("lsmod", "", "modules"),
        new("dev", "-p", "devices"),
        new("dev", "-d", "block"),
        new("kmem", "-i", "memory"),
        new("kmem", "-s", "memory --slab"),
        new("kmem", "-v", "memory --vmalloc"),
        new("kmem", "-S", "memory", "--at"),
        new("kmem", "-p", "memory", "--at"),
        new("files", "", "files", "--pid"),
        new("vm", "", "vm", "--pid"),
        new("sig", "", "signals", "--pid"),
        new("timer", "", "timers"),
        new("mount", "", "mounts"),
        new("ipcs", "", "ipc"),
        new("dis", "", "disasm", "--at"),
        new("runq", "-t", "runq"),
        new("runq", "-g", "runq"),
        new("runq", "", "runq"),
        new("kmem", "-z", "memory --zones"),
        new("kmem", "-V", "memory --counters"),
        new("net", "-a", "net --neigh"),
        new("kmem", "-f", "memory --zones"),
        new("kmem", "", "memory", "--at"),
        new("sys", "", "sys"),
        new("mach", "", "info"),
    ];

    /// <summary>Options of crash that are not supported: they are refused, not silently ignored.</summary>
    private static readonly (string Name, string Options, string Why)[] Refused =
    [
        ("bt", "-l", NoLines),
        ("bt", "-e -E", "exception frames alone are not picked out: they are marked in the stack"),
        ("bt", "-n -i -v -o -O -R -I -S -d", NotHere),
        ("ps", "-t", "ps --sort time orders by CPU time, ps --json has the times"),
        ("ps", "-s", "stack pointers are in p task(PID)->thread.sp"),
        ("ps", "-r", "limits are in p task(PID)->signal->rlim"),
        ("bpf", "-p -m -P -M -d -j -t -T -s", "programs and maps are in one list: bpf"),
        ("ps", "-y -x -d -H -C", NotHere),
        ("irq", "-a -b -d -c -u", NotHere),
        ("mod", "-t", "the column TAINTS is in the list of all: mod"),
        ("mod", "-s -S", "not needed: symbols and types of modules are loaded already"),
        ("mod", "-d -r -o -g", NotHere),
        ("log", "-d -a -s -c -p", NotHere),
        ("dmesg", "-d -a -s -c -p", NotHere),
        ("dev", "-i -D -V", NotHere),
        ("timer", "-r", "timers and hrtimers are in one list, by the column CLOCK: timer"),
        ("timer", "-C", NotHere),
        ("runq", "-m -c -d -T", NotHere),
        ("net", "-s -S", "the sockets of all processes are in one list, with their owners: net"),
        ("net", "-N -R -n", NotHere),
        ("kmem", "-n", "kmem -z lists the zones of each node"),
        ("kmem", "-g", "whatis enum pageflags lists them"),
        ("kmem", "-o", "p __per_cpu_offset"),
        ("kmem", "-F -c -C -P -h -l -L -r -I -m", NotHere),
        ("tree", "-N", "start from the root of the tree: starting at a node is not supported"),
        ("tree", "-p -l -x -d -S", NotHere),
        ("list", "-B -S -n -x -d -c", NotHere),
        ("task", "-x -d", "px task(PID)->MEMBER, pd task(PID)->MEMBER"),
        ("vm", "-p -P -m -x -d -R -f -v -M", "vtop --pid N ADDRESS shows a page"),
        ("files", "-p", "the pages of a file are in p xarray(((struct file *)ADDRESS)->f_mapping->i_pages, struct page)"),
        ("files", "-d -c -R -M", NotHere),
        ("sig", "-l -s -g", NotHere),
        ("mount", "-f -i -n", "mounts --pid N shows the namespace of a process"),
        ("ipcs", "-s -m -q -M -n", "all three are in one list: ipcs"),
        ("sys", "-c", "rd -s sys_call_table 450 shows the system calls"),
        ("sys", "-t -i -p", NotHere),
        ("mach", "-m -c -o -x -d", NotHere),
    ];

    internal const string NoLines = "lines of the source are in no dump: open the shell with --vmlinux";

    internal const string NotHere = "there is no such thing here (docs/crash-commands.md)";

    /// <summary>Options that require an address.</summary>
    private static readonly (string Name, string Option)[] NeedAddress = [("kmem", "-S"), ("kmem", "-p")];

    /// <summary>Why a command line of crash cannot be run; null if it can.</summary>
    public static string? Refusal(string name, string[] words)
    {
        foreach ((string command, string options, string why) in Refused)
            if (command == name && options.Split(' ').FirstOrDefault(words.Contains) is { } option)
                return $"{name} {option}: {why}";
        foreach ((string command, string option) in NeedAddress)
            if (command == name && words is [var only] && only == option)
                return $"{name} {option}: an address was expected";
        return null;
    }
}
