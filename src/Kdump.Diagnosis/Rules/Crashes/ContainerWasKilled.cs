using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>docker or Kubernetes shows that a container's program was ended by a signal, and why as far as it knows.</summary>
public sealed class ContainerWasKilled : Rule
{
    private const int Most = 8, Interrupt = 130, Kill = 137, Terminate = 143;

    public override string Id => "container-killed";

    public override Entry Entry => new(Id, "a container ended by a signal")
    {
        Area = Area.Crashing,
        Signature = ["Reason: OOMKilled", "Exit Code: 137", "\"OOMKilled\": true", "Exited (137) 3 minutes ago"],
        Cause = "An exit status of 129 to 192 is 128 plus the number of a signal. 137 is SIGKILL: the kernel's OOM killer, a liveness " +
            "probe, a " +
            "stop that took too long, or a person. OOMKilled says that it was for lack of memory: the container's own limit, or the " +
            "node's.",
        Fixes = [new("Look at the limit, and at what the kernel wrote on that node", "kubectl describe pod POD; journalctl -k -g oom")],
        Origin = "Kubernetes pkg/kubelet, docker inspect",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KubeletSawOom? oom = facts.Of<KubeletSawOom>().Count > 0 ? facts.Of<KubeletSawOom>()[0] : null;
        foreach (ContainerEnded ended in facts.Of<ContainerEnded>().Where(c => c.Exit is not (1 or 2) || c.Reason == "OOMKilled")
            .DistinctBy(c => (c.Source.Input, c.Name, c.Exit)).Take(Most))
        {
            string who = ended.Name.Length > 0 ? ended.Name : "a container";
            KubeletSawOom? seen = oom is not null && oom.Source.Input == ended.Source.Input && ended.Exit is null or Kill ? oom : null;
            bool memory = ended.Reason == "OOMKilled";
            if (ended is { Exit: null, Reason: "CrashLoopBackOff" })
            {
                yield return Looping(ended, who);
                continue;
            }
            if (seen is null && Stopped(ended) is { } stopped)
            {
                yield return Told(ended, who, stopped);
                continue;
            }
            yield return new Finding(Id, memory ? $"{who} was killed for lack of memory (OOMKilled{Status(ended)})"
                : $"{who} was killed by signal {ended.Exit - 128}{Status(ended)}" +
                    (seen is null ? "" : ", and the kubelet saw the kernel kill for lack of memory"), Severity.Error, memory ? 0.95 : 0.85,
                Why(ended, memory, seen is not null))
            {
                Subject = who,
                Evidence = new[] { ended.Source, ended.At, seen?.Source }.Known().DistinctBy(s => (s.Input, s.Line)).ToArray(),
                Fixes = memory || seen is not null
                    ? [new("See what the kernel wrote on that node: the limit that was reached, and what used the memory",
                        "journalctl -k -b -g 'oom|Killed process'; kubectl describe node NODE; kubectl top pod --containers"),
                        new("Raise the container's memory limit, or make its program use less", null)]
                    : [new("Find out who sent the signal: the kernel's log of that node, the pod's events, the probes",
                        "journalctl -k -b -g 'oom|Killed process'; kubectl get events --sort-by=.lastTimestamp")],
            };
        }
        if (facts.Of<ContainerEnded>().Count == 0 && oom is not null)
            yield return new Finding(Id, "the kubelet saw the kernel kill a container's process for lack of memory", Severity.Error, 0.9,
                "Which container and which limit it was stands in the kernel's log of that node.")
            {
                Evidence = [oom.Source],
                Fixes = [new("Read the kernel's log of that node", "journalctl -k -b -g 'oom|Killed process'")],
            };
    }

    private static Finding Looping(ContainerEnded ended, string who) => new("container-killed",
        $"{who} ends after every start (CrashLoopBackOff)", Severity.Error, 0.85,
        "The kubelet waits longer each time before it starts it again. Why it ends stands in its own log, and in Last State.")
    {
        Subject = who,
        Evidence = [ended.Source],
        Fixes = [new("Read the log of the run before, and how it ended", PlainWord.Is(ended.Name)
            ? $"kubectl logs {ended.Name} --previous; kubectl describe pod {ended.Name}" : null)],
    };

    /// <summary>
    /// The ways a stop ends a container: asked to (SIGTERM, SIGINT), and killed when it took too long. Kubernetes names a reason, and
    /// starts the container again.
    /// </summary>
    private static string? Stopped(ContainerEnded ended) => ended switch
    {
        { Reason: "OOMKilled" } => null,
        { Exit: Terminate } => "was stopped (SIGTERM) or ended by another program",
        { Exit: Interrupt } => "was stopped (SIGINT) or interrupted at a terminal",
        { Exit: Kill, Reason: "" } => "was stopped (SIGKILL) or killed",
        _ => null,
    };

    private static Finding Told(ContainerEnded ended, string who, string stopped) => new("container-killed",
        $"{who} {stopped}{Status(ended)}", Severity.Info, 0.6,
        "A stop (docker stop, a restart, a new version) sends SIGTERM, and SIGKILL to what still runs some seconds later. " +
        "Mostly somebody asked for it." + (ended.Exit == Kill ? " Lack of memory ends a container with the same code." : ""))
    {
        Subject = who,
        Evidence = new[] { ended.Source, ended.At }.Known().DistinctBy(s => (s.Input, s.Line)).ToArray(),
        Fixes = [new("If nobody stopped it: read its log, and what the kernel wrote at that time",
            "docker logs CONTAINER; docker inspect CONTAINER; journalctl -k -g 'oom|Killed process'")],
    };

    private static string Status(ContainerEnded ended) => ended.Exit is { } code ? $", exit code {code}" : "";

    private static string Why(ContainerEnded ended, bool memory, bool seen)
    {
        var why = new List<string>();
        if (memory)
            why.Add("It, or the whole node, had no memory left, and the kernel ended it with SIGKILL.");
        else if (ended.Exit == Kill)
            why.Add("137 is 128 + 9, SIGKILL. It does not by itself prove lack of memory: a liveness probe and a slow stop end so " +
                "as well.");
        else
            why.Add("An exit code of 129 to 192 is 128 plus the signal's number.");
        if (seen)
            why.Add("The kubelet recorded an OOM event in the same text.");
        if (ended.Limit.Length > 0)
            why.Add($"The memory that the text names for it is {Printable.Escape(ended.Limit)}.");
        if (ended.Restarts > 0)
            why.Add($"It was restarted {Counted.Of(ended.Restarts, "time")}.");
        return string.Join(' ', why);
    }
}
