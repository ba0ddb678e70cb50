namespace Kdump.Cli.Commands;

/// <summary>A command of crash as the shell answers it.</summary>
/// <param name="Name">As crash calls it.</param>
/// <param name="Option">The option or first word that this line is about; empty: none, or any.</param>
/// <param name="View">The command of <c>kdt vmcore</c> that answers, with its options.</param>
/// <param name="Operand">The option that what follows belongs to (<c>--pid</c>); empty: it is handed on as it stands.</param>
internal sealed record CrashName(string Name, string Option, string View, string Operand = "")
{
    /// <summary>In the order in which they are tried: the ones with an option first.</summary>
    public static readonly CrashName[] All =
    [
        new("bt", "", "bt"),
        new("ps", "", "ps"),
        new("irq", "-s", "irq"),
        new("irq", "-a", "irq"),
        new("irq", "-d", "irq"),
        new("irq", "-b", "irq"),
        new("mod", "-t", "modules"),
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
        new("dis", "-l", "disasm", "--at"),
        new("dis", "-s", "disasm", "--at"),
        new("dis", "-r", "disasm", "--at"),
        new("dis", "-x", "disasm", "--at"),
        new("dis", "", "disasm", "--at"),
        new("timer", "-r", "timers"),
        new("runq", "-t", "runq"),
        new("runq", "-g", "runq"),
        new("runq", "-m", "runq"),
        new("runq", "", "runq"),
        new("net", "-s", "net"),
        new("net", "-a", "net"),
        new("kmem", "-n", "memory"),
        new("kmem", "-z", "memory"),
        new("kmem", "-V", "memory"),
        new("kmem", "-f", "memory"),
        new("kmem", "", "memory", "--at"),
        new("sys", "", "sys"),
        new("mach", "", "info"),
    ];
}
