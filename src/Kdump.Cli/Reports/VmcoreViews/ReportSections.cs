using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>The sections of the report. Each throws <see cref="InputException"/> if its structures cannot be read.</summary>
internal static class ReportSections
{
    private const int Few = 6, Some = 10, Deep = 14;

    private static readonly string[] Accounted =
        ["MemTotal", "MemFree", "MemAvailable", "Cached", "AnonPages", "Shmem", "Slab", "SUnreclaim", "KernelStack", "PageTables",
            "VmallocUsed", "Percpu", "SwapTotal", "SwapFree"];

    /// <summary>Deadlocks and stuck worker pools; they come first, for every kind of panic.</summary>
    public static ReportSection Alarms(Vmcore vmcore)
    {
        List<string> lines = [];
        Locks locks = LocksView.Of(vmcore);
        foreach (IReadOnlyList<TaskStruct> circle in locks.Deadlocks)
        {
            lines.Add($"deadlock of {Counted.Of(circle.Count, "task")}:");
            lines.AddRange(circle.Select(t => locks.WaitOf(t) is { Holder: { } holder } wait
                ? $"{LocksView.Who(t)} waits for the {LocksView.Words(wait.Kind)} {LocksView.Named(wait.Name, wait.Object)} " +
                    $"of {LocksView.Who(holder)}"
                : LocksView.Who(t)));
        }
        foreach (Spinner spinner in locks.Spinners)
            lines.Add($"CPU {spinner.Cpu} spins in {spinner.Function}" + (spinner.Lock is { } at
                ? $" for {LocksView.Named(spinner.Name, at)}" : ""));
        try
        {
            foreach (WorkerPool pool in WorkQueuesView.Of(vmcore).Pools.Where(p => p.Stuck))
                lines.Add($"pool {pool.Id} ({(pool.Cpu >= 0 ? $"CPU {pool.Cpu}" : "unbound")}) " +
                    $"started no work for {Seconds(pool.Seconds ?? 0)} s, {pool.Pending.Count} pending");
        }
        catch (InputException e)
        {
            lines.Add($"cannot determine whether a worker pool is stuck: {e.Field}: {e.Reason}");
        }
        return new ReportSection("look here first", lines, null);
    }

    public static ReportSection Locks(Vmcore vmcore)
    {
        Locks locks = LocksView.Of(vmcore);
        List<string> lines = [];
        foreach (LockState held in locks.All.Take(Few))
            lines.Add($"{LocksView.Words(held.Kind)} {LocksView.Named(held.Name, held.Address)}: {held.Waiters.Count} waiting, " +
                $"longest {Seconds((held.Longest ?? 0) / 1e9)} s ({string.Join(", ", held.Waiters.Take(3).Select(LocksView.Who))})" +
                (held.Holder is { } holder ? $", {(held.Readers ? "last reader" : "held by")} {LocksView.Who(holder)} {holder.State}" +
                    (BlockedTasks.Within(locks.StackOf(holder)) is { } at ? $" in {Name(at)}" : "") : ""));
        return new ReportSection("locks", Cut(lines, locks.All.Count), "locks");
    }

    public static ReportSection Blocked(Vmcore vmcore)
    {
        // Those that nothing but what they wait for can wake come first.
        IReadOnlyList<StackGroup> groups = [.. vmcore.Stacks().All(StackGroupsView.InStates(vmcore, ["UN"]))
            .OrderBy(g => g.Tasks.Any(t => t.Blocked) ? 0 : 1)];
        List<string> lines = [];
        foreach (StackGroup group in groups.Take(Few))
            lines.Add($"{group.Tasks.Count} × {Where(group.Stack)}: {string.Join(", ", group.Tasks.Take(3).Select(LocksView.Who))}" +
                (group.Tasks.Max(t => t.NanosecondsSinceRun) is { } ns ? $", up to {Seconds(ns / 1e9)} s" : "") +
                StackGroupsView.Notes(group.Tasks));
        return new ReportSection("uninterruptible sleep, by where", Cut(lines, groups.Count), "bt --group --state UN");
    }

    /// <summary>Unfinished requests, the oldest first, and problems of disks.</summary>
    public static ReportSection Requests(Vmcore vmcore)
    {
        Disks disks = new(vmcore, vmcore.Tasks.Value);
        List<string> lines = [.. disks.All.Where(d => d.Trouble.Count > 0).Select(d => $"{d.Name}: {string.Join("; ", d.Trouble)}")];
        (BlockDisk Disk, BlockRequest Request)[] open = [.. disks.All.SelectMany(d => d.Requests.Select(r => (d, r)))
            .OrderByDescending(r => r.r.Age ?? 0)];
        foreach ((BlockDisk disk, BlockRequest request) in open.Take(Few))
            lines.Add($"{disk.Name}: {request.Operation} of {Counted.Of(request.Bytes, "byte")} at sector {request.Sector}, " +
                $"{request.State}" +
                (request.Age is { } age ? $", {Seconds(age / 1e9)} s old" : "") +
                (request.Owner is { } owner ? $", of {LocksView.Who(owner)}" : ""));
        if (open.Length > Few)
            lines.Add($"and {open.Length - Few} more");
        return new ReportSection("unfinished disk requests", lines, "block");
    }

    public static ReportSection Cpus(Vmcore vmcore)
    {
        List<string> lines = [];
        RunQueues queues = RunQueuesView.Of(vmcore);
        foreach (CpuQueue queue in queues.All.Take(Deep))
        {
            string stack = queue.Current is { } task ? At(Interrupted(vmcore.Registers.TryGetValue(queue.Cpu, out Registers? saved)
                ? vmcore.Stacks().Of(queue.Cpu, saved) : vmcore.Stacks().Of(task))) : "";
            int waiting = queue.Fair.Count + queue.RealTime.Count + queue.Deadline.Count;
            lines.Add(
                $"CPU {queue.Cpu}: {(queue.Current is { } current ? LocksView.Who(current) : "?")}{stack}; {queue.Running} to run, " +
                $"{waiting} queued" + (queue.Behind > 1_000_000_000 ? $", clock {Seconds(queue.Behind / 1e9)} s behind" : "") +
                (queue.Throttled ? ", real-time tasks throttled" : ""));
        }
        return new ReportSection("CPUs", Cut(lines, queues.All.Count), "runq");
    }

    public static ReportSection LateTimers(Vmcore vmcore)
    {
        Timers timers = new(vmcore);
        PendingTimer[] late = [.. timers.All.Where(t => t is { Nanoseconds: < -1_000_000_000, Deferrable: false })];
        List<string> lines = [.. late.GroupBy(t => t.Cpu).Select(g =>
            $"CPU {g.Key}: {g.Count()} late by up to {Seconds(-(g.Min(t => t.Nanoseconds) ?? 0) / 1e9)} s, " +
            $"the first {(g.First().Name is { } at ? Name(at) : $"{g.First().Function}")}")];
        return new ReportSection("timers that should have fired more than 1 s ago", lines, "timers");
    }

    public static ReportSection Memory(Vmcore vmcore)
    {
        MemoryAccount account = new(vmcore);
        long kib = OomView.Kib(vmcore);
        List<string> lines = [string.Join(", ", account.Lines.Where(l => l.Bytes is not null && Accounted.Contains(l.Name))
            .Select(l => $"{l.Name} {l.Bytes >> 20} MiB"))];
        if (account.Unaccounted is { } rest)
            lines.Add($"not accounted for: {rest >> 20} MiB");
        foreach (MemoryHolder holder in new MemoryHolders(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks")).All.Take(Few))
            lines.Add(
                $"{LocksView.Who(holder.Task)}: {holder.Resident * kib >> 10} MiB resident, {holder.Swapped * kib >> 10} MiB swapped, " +
                $"adjustment {holder.Adjustment}{(holder.MemoryCgroup is { } path ? $", {path}" : "")}");
        foreach (SlabCache cache in new Slabs(vmcore).All.OrderByDescending(c => c.Bytes).Take(4))
            lines.Add($"slab {cache.Name}: " +
                $"{cache.Bytes >> 20} MiB, {Counted.Of(cache.Active, "object")} of {Counted.Of(cache.ObjectSize, "byte")}");
        return new ReportSection("memory", lines, "oom");
    }

    /// <summary>Stack of the CPU that crashed.</summary>
    public static ReportSection Stack(Vmcore vmcore)
    {
        List<string> lines = [];
        if (vmcore.Crash.Cpu is int cpu && vmcore.Registers.TryGetValue(cpu, out Registers? registers))
        {
            Stack stack = vmcore.Stacks().Of(cpu, registers);
            foreach (Frame frame in stack.Frames.Take(Deep))
                lines.Add((frame.Location is { } at ? at.ToString() : $"{frame.Ip} (no symbol)") +
                    frame.Kind switch
                    {
                        FrameKind.Guess => "  ? guess",
                        FrameKind.Call => "",
                        _ => $"  <{frame.Kind.ToString().ToLowerInvariant()}>",
                    });
            lines = Cut(lines, stack.Frames.Count);
            if (stack.Stopped is { } why)
                lines.Add($"(stopped: {why})");
        }
        return new ReportSection("stack of the CPU that crashed", lines, "bt");
    }

    /// <summary>What the registers of a fault point at, the bad address, and the code bytes.</summary>
    public static ReportSection Fault(Vmcore vmcore)
    {
        List<string> lines = [];
        if (vmcore.Crash.Cpu is not int cpu || !vmcore.Registers.TryGetValue(cpu, out Registers? saved))
            return new ReportSection("the fault", lines, null);
        // If the saved registers are those of the crash path, the registers of the fault are on the stack.
        Registers at = vmcore.Stacks().Of(cpu, saved).Frames.FirstOrDefault(f => f.Kind == FrameKind.Exception)?.Registers ?? saved;
        ulong? wrong = BadAddress(vmcore.Crash.Panic ?? "");
        if (wrong is { } bad)
            lines.Add(
                $"bad address {bad:x16}: {AddressMeaning.Of(bad, wide: true)?.Says ?? Words(vmcore, bad) ?? "unknown"}");
        foreach ((string name, ulong value) in at.All)
            if (name is not ("cs" or "ss" or "rflags" or "orig_rax" or "pstate") &&
                (Words(vmcore, value) ?? Meaning(name, value, wrong)) is { } words)
                lines.Add($"{name} = {value:x16}: {words}");
        if (Code(vmcore, at.Ip) is { } code)
            lines.Add($"code: {code}");
        return new ReportSection("the fault", lines, null);
    }

    /// <summary>
    /// What a value is that no address of the kernel has. Numbers and texts stand in registers all the time: they are called wrong
    /// pointers only where one was used.
    /// </summary>
    private static string? Meaning(string register, ulong value, ulong? wrong)
    {
        bool executed = register is "rip" or "pc";
        if (value <= 4096 && !executed || AddressMeaning.Of(value, wide: true) is not { } meaning)
            return null;
        bool used = executed || wrong is { } bad && (bad - value < 4096 || value - bad < 4096);
        if (used || meaning.Meaning is not ("text" or "null-member" or "null" or "low-address"))
            return meaning.Says;
        if (meaning.Meaning == "text" && meaning.Says.IndexOf('"') is > 0 and var from)
            return $"text {meaning.Says[from..(meaning.Says.LastIndexOf('"') + 1)]}";
        return null;
    }

    /// <summary>The stack below the innermost interrupt or exception; the whole stack if there was none.</summary>
    private static Stack Interrupted(Stack stack)
    {
        int at = stack.Frames.ToList().FindIndex(f => f.Kind is FrameKind.Interrupt or FrameKind.Exception);
        return at < 0 ? stack : stack with { Frames = [.. stack.Frames.Skip(at + 1)] };
    }

    public static string Where(Stack stack)
    {
        if (stack.Frames.Count == 0)
            return stack.UserRegisters is not null ? "user mode" : stack.Stopped ?? "no stack";
        Location? within = BlockedTasks.Within(stack);
        int from = within is null ? 0 : Math.Max(0, stack.Frames.ToList().FindIndex(f => f.Location == within));
        return string.Join(" ← ", stack.Frames.Skip(from).Take(3).Select(f => f.Location is { } at ? Name(at) : $"{f.Ip}"));
    }

    /// <summary>Where a task is, or why that is not known, behind its name.</summary>
    private static string At(Stack stack) =>
        stack is { Frames.Count: 0, UserRegisters: null, Stopped: { } why } ? $" ({why})" : $" in {Where(stack)}";

    private static string? Words(Vmcore vmcore, ulong value) => new AddressBrief(vmcore).Of(value) is { Length: > 0 } words ? words : null;

    /// <summary>
    /// Reads the bad address from the heading of an oops: <c>address: 0000000000000008</c>, <c>for address: …</c>, <c>non-canonical
    /// address 0x…</c>, on arm64 (its FAR) <c>at virtual address …</c>.
    /// </summary>
    internal static ulong? BadAddress(string heading)
    {
        foreach (string mark in (string[])["address: ", "address 0x", "virtual address "])
        {
            int start = heading.IndexOf(mark, StringComparison.Ordinal);
            if (start < 0)
                continue;
            int from = start + mark.Length, end = from;
            while (end < heading.Length && char.IsAsciiHexDigit(heading[end]))
                end++;
            if (ulong.TryParse(heading.AsSpan(from, end - from), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value))
                return value;
        }
        return null;
    }

    /// <summary>
    /// As the kernel prints it: on x86 42 bytes before the instruction and 22 from it on, on arm64 four words before it and the
    /// instruction in brackets (arch/arm64/kernel/traps.c dump_kernel_instr).
    /// </summary>
    private static string? Code(Vmcore vmcore, VirtualAddress ip)
    {
        if (vmcore.Machine == "aarch64")
        {
            byte[] words = new byte[20];
            return vmcore.Locate(ip) is null || !vmcore.Memory.TryRead(ip + -16, words) ? null
                : string.Join(' ', Enumerable.Range(0, 5).Select(i => BitConverter.ToUInt32(words, 4 * i))
                    .Select((w, i) => i == 4 ? $"({w:x8})" : $"{w:x8}"));
        }
        byte[] raw = new byte[64];
        if (vmcore.Locate(ip) is null || !vmcore.Memory.TryRead(ip + -42, raw))
            return null;
        return string.Join(' ', raw.Select((b, i) => i == 42 ? $"<{b:x2}>" : $"{b:x2}"));
    }

    private static List<string> Cut(List<string> lines, int all)
    {
        if (all > lines.Count)
            lines.Add($"and {all - lines.Count} more");
        return lines;
    }

    private static string Name(Location at) => at.Symbol + (at.Module is null ? "" : $" [{at.Module}]");

    private static string Seconds(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture);
}
