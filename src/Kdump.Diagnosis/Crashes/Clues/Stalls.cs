using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A CPU's first soft lockup that lasted far longer than the watchdog's limit: the watchdog looks every few seconds, so all that
/// time nothing ran on the CPU, not even its timer (kernel/watchdog.c). Seen on machines that were suspended and on guests that
/// their host did not run.
/// </summary>
internal static class Stalls
{
    /// <summary>
    /// The limit is 20 s by default and 120 s at most (kernel.watchdog_thresh up to 60), and is checked five times within it: a
    /// later first report means that the CPU's timer did not run. For shorter times the limit may have been raised.
    /// </summary>
    private const int Certain = 150, Likely = 60;

    private static readonly string[] Hypervisors =
    [
        "QEMU", "KVM", "VMware", "Virtual Machine", "VirtualBox", "Xen", "HVM domU", "Bochs", "OpenStack", "Google Compute Engine",
        "Alibaba Cloud", "Amazon EC2", "Huawei Cloud", "Nutanix", "oVirt", "RHEV", "Parallels", "KubeVirt", "bhyve", "BHYVE",
            "DigitalOcean",
        "Droplet", "Hetzner vServer", "Scaleway", "Tencent", "Vultr", "Linode", "Firecracker", "Propolis", "UTM",
        "Oxide", "OxVM", "Proxmox", "CloudStack", "Apache", "UpCloud", "OVHcloud", "Exoscale", "Yandex", "acrn", "ACRN", "crosvm",
    ];

    /// <summary>Guest agents of hypervisors, by the name of their task (15 characters).</summary>
    private static readonly string[] Agents =
        ["qemu-ga", "vmtoolsd", "VBoxService", "VBoxClient", "xe-daemon", "hv_kvp_daemon", "hv_vss_daemon", "spice-vdagent", "waagent",
            "google_guest_ag", "amazon-ssm-agen", "prltoolsd"];

    private static readonly NamePattern Paravirtual = new(["pv_native", "kvm_wait", "pvclock", "__pv_queued", "xen_safe_halt", "hv_"]);

    public static void Tell(List<Crash> found)
    {
        TellStoppers(found);
        var seen = new HashSet<(Boot?, int)>();
        foreach (Crash crash in found)
        {
            if (crash.Kind != "soft-lockup" || SecondsOf(crash.Source.Text) is not { } seconds)
                continue;
            // Taint L was set by an earlier report that this log does not hold.
            bool first = seen.Add((crash.Boot, crash.Context.Cpu ?? -1)) && crash.Context.Tainted?.Contains('L') != true;
            Clue? ticks = found.Where(c => c.Boot == crash.Boot).SelectMany(c => c.Clues).FirstOrDefault(c => c.Meaning == "no-ticks");
            if (Idle(crash))
            {
                crash.Clues = [Waited(crash, seconds), .. crash.Clues];
                continue;
            }
            // A host that loops in KVM is not a guest. If the report names a module or function, that one is to blame.
            if (first && seconds < Likely && crash.Module is null && (crash.Function is null || crash.Context.Pid is 0) &&
                Hypervisor(crash) is { } host)
                crash.Clues = [.. crash.Clues, Guest(crash, host)];
            if (!first || seconds < (ticks is null ? Certain : Likely) || crash.Frames.Where(f => f.Reliable).Take(4)
                .Any(f => f.Module?.StartsWith("kvm", StringComparison.Ordinal) == true))
                continue;
            crash.Clues = [Of(crash, seconds, ticks, IsFirst(crash)), .. crash.Clues];
        }
    }

    /// <summary>True if the CPU was in its idle loop when it was reported.</summary>
    private static bool Idle(Crash crash) => crash.Context.Comm?.StartsWith("swapper", StringComparison.Ordinal) == true &&
        crash.Frames.FirstOrDefault(f => f.Reliable) is { Name: not null } at && LostTicks.Idle.Fits(at.Function);

    private static Clue Waited(Crash crash, int seconds) => new("not-run",
        $"The CPU had nothing to do: it was in its idle loop, which never holds it for {seconds} s. " +
        (Hypervisor(crash) is { } name
            ? $"This is a virtual machine ({name}): its host did not run it for that time, paused or migrated it."
            : "The machine was suspended, its timer stood, or, if it is a virtual machine, its host did not run it."), crash.Source)
    {
        Elsewhere = true,
        Fixes =
        [
            new("Look at the host at that time: " +
                "overcommitted CPUs, snapshots, a paused or migrated guest; in the guest, steal time shows it", "sar -u ALL"),
        ],
    };

    /// <summary>The hypervisor of a virtual machine, if the report shows one.</summary>
    public static string? Hypervisor(Crash crash)
    {
        if (crash.Context.Hardware is { } hardware && Hypervisor(hardware) is { } name)
            return name;
        if (Array.Find(Agents, a => crash.Context.Comm?.StartsWith(a, StringComparison.Ordinal) == true) is { } agent)
            return $"{agent} runs in guests only";
        return crash.Frames.Any(f => Paravirtual.Fits(f.Function)) ? "paravirtual functions on its stack" : null;
    }

    public static string? Hypervisor(string hardware) => Array.Find(Hypervisors, h => hardware.Contains(h, StringComparison.Ordinal));

    /// <summary>
    /// The migration thread of a CPU runs stop_machine work and waits there for the other CPUs: the other stuck CPU, without a
    /// stack, is the one that does not come (kernel/stop_machine.c).
    /// </summary>
    private static void TellStoppers(List<Crash> found)
    {
        foreach (Crash crash in found)
        {
            if (crash.Kind != "soft-lockup" || crash.Frames.Count > 0 ||
                crash.Context.Comm?.StartsWith(Stopper, StringComparison.Ordinal) != true)
                continue;
            string[] others = [.. found.Where(c => c.Boot == crash.Boot && c.Kind == "soft-lockup" &&
                    c.Context.Comm is { Length: > 0 } comm && !comm.StartsWith(Stopper, StringComparison.Ordinal))
                .Select(c => $"CPU {c.Context.Cpu} ({c.Context.Comm})").Distinct().Take(4)];
            // RCU waits for the same one.
            if (others.Length == 0)
                others = [.. found.Where(c => c.Boot == crash.Boot && c.Kind == "rcu-stall").SelectMany(c => c.Clues)
                    .Where(c => c.Cpu is { } cpu && cpu != crash.Context.Cpu).Select(c => $"CPU {c.Cpu} (RCU waits for it, too)").Distinct()
                    .Take(4)];
            crash.Clues = [.. crash.Clues, new Clue("waits-for-cpu",
                $"{crash.Context.Comm} runs work that stops all CPUs at once, and waits there until the last one has come" +
                (others.Length == 0 ? "; which one does not come is not in these lines."
                    : $": {string.Join(", ", others)} did not let go in the same time, and is the place to look at."), crash.Source)
            {
                Elsewhere = true,
            }];
        }
    }

    internal const string Stopper = "migration/";

    /// <summary>Whether the guest or its host stood still cannot be seen from inside.</summary>
    private static Clue Guest(Crash crash, string host) => new("in-a-guest",
        $"This is a virtual machine ({host}): a host that did not run this CPU for that time looks the same as code that loops.",
        crash.Source)
    {
        Fixes = [new("See in the guest how much time its host took (steal time), and whether the host was overloaded then", "sar -u ALL")],
    };

    /// <summary>
    /// Since 5.13 a lockup that goes on is reported again and again. A piece of a log that begins with the report may lack the earlier
    /// ones; an idle CPU has nothing to loop in.
    /// </summary>
    private static bool IsFirst(Crash crash) => crash.Source.Line > LinesBefore || crash.Context.Pid is 0 ||
        crash.Context.Comm?.StartsWith("swapper", StringComparison.Ordinal) == true;

    private const int LinesBefore = 20;

    private static Clue Of(Crash crash, int seconds, Clue? ticks, bool first)
    {
        string guest = Hypervisor(crash) is { } name
            ? $"This is a virtual machine ({name}): mostly its host did not run it for that long, " +
                "paused or migrated it, or did not bring in the memory that it touched; else its interrupts were off"
            : "The whole machine was suspended, or, if it is a virtual machine, its host did not run it; " +
                "else its interrupts were off all that time";
        string idle = ticks is null ? "" : " The RCU report beside it says the same: CPUs without a single timer tick.";
        bool sure = first || ticks is not null;
        return new Clue(sure ? "not-run" : "not-run-or-cut",
            string.Create(CultureInfo.InvariantCulture,
                $"The first report already says {seconds} s, far beyond the watchdog's limit: a loop is reported when it reaches ") +
            "the limit, so for all that time the CPU did not even get its timer interrupt" +
            (sure ? "" : ", unless earlier reports of it are missing in this piece of the log") + $". {guest}.{idle}", crash.Source)
        {
            Elsewhere = true,
            Fixes =
            [
                new("Look at the host at that time: overcommitted CPUs, a paused or migrated guest, swapping, blocked qemu tasks; " +
                    "in the guest, steal time shows it", "sar -u ALL"),
            ],
        };
    }

    /// <summary><c>stuck for 23s!</c></summary>
    internal static int? SecondsOf(string heading)
    {
        const string Mark = "stuck for ";
        int at = heading.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> rest = heading.AsSpan(at + Mark.Length);
        int digits = 0;
        while (digits < rest.Length && digits < 8 && char.IsAsciiDigit(rest[digits]))
            digits++;
        return digits > 0 && digits < rest.Length && rest[digits] == 's' ? int.Parse(rest[..digits], CultureInfo.InvariantCulture) : null;
    }
}
