using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A control group (container, pod, unit, virtual machine) used up its own memory limit, and the kernel killed a task of
/// it.</summary>
public sealed class CgroupOutOfMemory : Rule
{
    public override string Id => "cgroup-out-of-memory";

    public override Entry Entry => new("cgroup-out-of-memory", "a control group reached its memory limit and a task of it was killed")
    {
        Area = Area.Crashing,
        Signature =
        [
            "Memory cgroup out of memory: Killed process … (…)",
            "oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=…",
            "Task in … killed as a result of limit of …",
        ],
        Cause = "The container, pod, unit or virtual machine reached its memory limit; " +
            "how much memory the whole machine has does not matter.",
        Fixes = [new("Raise the limit, or make the programs in it use less memory", "systemd-cgtop -m; kubectl describe pod POD")],
        Origin = "mm/memcontrol.c, mm/oom_kill.c",
    };

    /// <summary>Programs that run a whole virtual machine.</summary>
    private static bool IsMachine(string name) => name.StartsWith("qemu", StringComparison.Ordinal) || name.StartsWith("kvm",
        StringComparison.Ordinal) ||
        name is "firecracker" or "cloud-hyperviso" or "cloud-hypervisor" or "crosvm" or "VBoxHeadless" || name.StartsWith("CPU ",
            StringComparison.Ordinal);

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, GroupOutOfMemory> group in facts.Of<GroupOutOfMemory>().Where(o => o.Boot?.Capture != true)
            .GroupBy(o => Name(o), StringComparer.Ordinal))
        {
            GroupOutOfMemory[] all = [.. group];
            GroupOutOfMemory told = all.FirstOrDefault(o => o.LimitKiB is not null && o.Victim.Length > 0) ?? all[0];
            long? limit = all.Select(o => o.LimitKiB).FirstOrDefault(l => l is not null);
            string[] victims = [.. all.Select(o => o.Victim).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Take(4)];
            string path = all.Select(o => o.Path).FirstOrDefault(p => p.Length > 0) ?? "";
            string kind = Kind(path);
            bool machine = victims.Any(IsMachine);
            string who = victims.Length == 0 ? "a task" : string.Join(", ", victims);
            string title = machine ? $"a virtual machine was killed: {who} reached the memory limit of its {kind}"
                : $"{who} was killed: its {kind} reached its memory limit";
            if (limit is { } l)
                title += $" ({Size(l)})";
            var why = new List<string> { "Its control group reached its memory limit. " +
                "This says nothing about the memory of the whole machine." };
            if (limit is { } kib)
                why.Add(string.Create(CultureInfo.InvariantCulture, $"The limit is {kib} KiB") +
                    (told.AnonKiB is { } anon ? string.Create(CultureInfo.InvariantCulture,
                        $"; {told.Victim} used {anon} KiB ({Size(anon)}) of it as anonymous memory.") : "."));
            else if (told.AnonKiB is { } own)
                why.Add($"{told.Victim} used {Size(own)} of anonymous memory; the lines about the limit itself are not in this log.");
            if (machine)
                why.Add("The memory of the guest plus the overhead of the hypervisor program must fit below the limit together.");
            if (path.Length > 0)
                why.Add($"Group: {path}.");
            if (all.Length > 1)
                why.Add($"It happened {Counted.Of(all.Length, "time")}.");
            yield return new Finding(Id, title, Severity.Error, 0.95, string.Join(' ', why))
            {
                Subject = group.Key.Length == 0 ? null : group.Key,
                Fixes = Fixes(path, machine),
                Evidence = [.. all.SelectMany(o => o.Lines).DistinctBy(s => (s.Input, s.Line)).Take(6)],
            };
        }
    }

    private static string Name(GroupOutOfMemory o) => o.Path.Length > 0 ? Short(o.Path) : o.Victim;

    /// <summary>The last part of a cgroup path that users recognise: pod, unit, machine.</summary>
    private static string Short(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.LastOrDefault(p => p.Contains("-pod", StringComparison.Ordinal) || p.StartsWith("pod", StringComparison.Ordinal)) ??
            parts.LastOrDefault(p => p.EndsWith(".service", StringComparison.Ordinal) || p.EndsWith(".scope", StringComparison.Ordinal)) ??
            parts.LastOrDefault() ?? path;
    }

    private static string Kind(string path) =>
        Array.Find(Kinds, k => path.Contains(k.Part, StringComparison.Ordinal)).Kind ?? "control group (container, pod or unit)";

    /// <summary>The kind of a group; the first entry that occurs in its path applies.</summary>
    private static readonly (string Part, string Kind)[] Kinds =
    [
        ("kubepods", "pod (container)"), ("machine.slice", "virtual machine's group"), ("libvirt", "virtual machine's group"),
        ("docker", "container"), ("libpod", "container"), ("lxc", "container"), ("containerd", "container"),
        (".service", "unit (service)"), ("user.slice", "user session's group"),
    ];

    private static Fix[] Fixes(string path, bool machine)
    {
        if (machine)
            return [new("Raise the limit of the virtual machine's pod or scope, " +
                "or reserve more overhead for the hypervisor program, or give the guest less memory")];
        if (path.Contains("kubepods", StringComparison.Ordinal))
            return [new("Raise resources.limits.memory of the container, or make it use less memory (fewer workers, smaller caches)",
                "kubectl describe pod POD; kubectl top pod POD --containers")];
        if (path.Contains(".service", StringComparison.Ordinal))
            return [new("Raise MemoryMax= of the unit, or make it use less memory",
                "systemctl show -p MemoryMax,MemoryHigh,MemoryPeak UNIT; " + "systemctl edit UNIT")];
        return [new("Raise the memory limit of the container or unit, or make the programs in it use less memory",
            "systemd-cgtop -m; docker stats --no-stream; kubectl describe pod POD")];
    }

    internal static string Size(long kib) => kib >= 1024 * 1024
        ? (kib / 1048576.0).ToString(kib % 1048576 == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " GiB"
        : (kib / 1024.0).ToString("0", CultureInfo.InvariantCulture) + " MiB";
}
