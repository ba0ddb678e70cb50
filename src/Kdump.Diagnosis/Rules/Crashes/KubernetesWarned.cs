using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>Warnings in the events of a Kubernetes cluster that tell of a node, its memory, disks, volumes and containers.</summary>
public sealed class KubernetesWarned : Rule
{
    private const int Most = 8, MaxQuoted = 4, MostWords = 200;

    private sealed record Known(string Reason, string Title, string Why, Severity Severity, string? Look);

    private const string NodeLook = "kubectl describe node NODE; journalctl -u kubelet -b; journalctl -k -b";

    /// <summary>What each reason means; the graver ones first.</summary>
    private static readonly Known[] Table =
    [
        new("SystemOOM", "the node ran out of memory: the kernel killed processes", "The memory of the whole node was used up, and " +
            "not only " +
            "the limit of one container. The kernel's log of the node names what it killed and what held the memory.", Severity.Error,
            "journalctl -k -b -g 'oom|Killed process'; kubectl top pod -A --sort-by=memory"),
        new("OOMKilling", "the kernel killed processes for lack of memory", "node-problem-detector repeats the kernel's line.",
            Severity.Error, "journalctl -k -b -g 'oom|Killed process'"),
        new("KernelOops", "the node's kernel reported an error of its own", "node-problem-detector repeats the kernel's line; the whole " +
            "report is in the kernel's log.", Severity.Error, "journalctl -k -b"),
        new("TaskHung", "a task hung on the node", "node-problem-detector repeats the kernel's line; the stack is in the kernel's log.",
            Severity.Error, "journalctl -k -b"),
        new("FilesystemIsReadOnly", "a file system of the node became read-only", "The kernel turns it read-only after an error of " +
            "the file " +
            "system or its disk.", Severity.Error, "journalctl -k -b; findmnt -t ext4,xfs,btrfs"),
        new("Rebooted", "the node was restarted", "Its boot id changed. Why stands in the log of the boot before.", Severity.Error,
            "journalctl -b -1 -e; last -x | head"),
        new("NodeNotReady", "the node was not ready", "The kubelet did not report, or reported that it cannot run pods.", Severity.Error,
            NodeLook),
        new("NodeHasInsufficientMemory", "the node was short of memory", "The kubelet begins to evict pods.", Severity.Warning, NodeLook),
        new("NodeHasDiskPressure", "the node was short of disk space", "The kubelet deletes images and evicts pods.", Severity.Warning,
            "df -h; df -i; kubectl describe node NODE"),
        new("NodeHasInsufficientPID", "the node was short of process numbers", "The kubelet begins to evict pods.", Severity.Warning,
            NodeLook),
        new("Evicted", "a pod was evicted", "The node ran short of a resource, which the message names.", Severity.Error, NodeLook),
        new("EvictionThresholdMet", "the node reached a limit at which pods are evicted", "The message names the resource.",
            Severity.Warning, NodeLook),
        new("FailedMount", "a volume was not mounted", "The pod waits until it is; the message has the words of mount or of the storage " +
            "driver.", Severity.Error, "kubectl describe pod POD; journalctl -u kubelet -b; dmesg"),
        new("FailedAttachVolume", "a volume was not attached", "The storage did not give the volume to this node, often because another " +
            "one still holds it.", Severity.Error, "kubectl get volumeattachments; kubectl describe pod POD"),
        new("FailedMapVolume", "a volume was not made available", "The message has the words of the storage driver.", Severity.Error,
            "kubectl describe pod POD"),
        new("FailedCreatePodSandBox", "the runtime did not create a pod's sandbox", "The message has the runtime's words: network " +
            "plug-in, " +
            "cgroups, image of the sandbox.", Severity.Error, "journalctl -u containerd -u crio -u docker -b"),
        new("ContainerGCFailed", "the kubelet could not clean up containers", "The container runtime did not answer it: it hung or was " +
            "stopped, often while the node had no memory left.", Severity.Warning, "systemctl status containerd crio docker"),
        new("ImageGCFailed", "the kubelet could not free space of images", "Its disk is full, or the runtime did not answer.",
            Severity.Warning, "df -h; crictl info"),
        new("FreeDiskSpaceFailed", "the kubelet could not free disk space", "The disk is used by something else than images.",
            Severity.Warning, "df -h; du -xsh /var/lib/*"),
        new("FailedScheduling", "a pod found no node", "The message counts the nodes and what each one lacks.", Severity.Warning,
            "kubectl describe nodes"),
        new("FailedKillPod", "a pod could not be stopped", "A process of it does not end, often one that waits for storage (state D).",
            Severity.Error, "ps -eo pid,stat,wchan:32,comm | grep ' D'"),
        new("BackOff", "a container ends after every start", "The kubelet waits longer each time before it starts it again.",
            Severity.Warning, "kubectl logs POD --previous; kubectl describe pod POD"),
        new("Unhealthy", "a container did not answer its probe", "It hung, was too busy, or the probe's limits are too strict.",
            Severity.Warning, "kubectl describe pod POD; kubectl logs POD"),
        new("Failed", "a step of a pod failed", "The message names it.", Severity.Warning, "kubectl describe pod POD"),
    ];

    public override string Id => "kubernetes-warned";

    public override Entry Entry => new(Id, "the events of a Kubernetes cluster tell of trouble")
    {
        Area = Area.Crashing,
        Signature = ["Warning  SystemOOM … System OOM encountered", "Normal  NodeNotReady …", "Warning  FailedMount …"],
        Cause = "The kubelet, the scheduler and node-problem-detector write events about a node and its pods; the reason in one " +
            "word tells " +
            "which kind of trouble it is, the message the rest.",
        Fixes = [new("Read the node's own logs of that time", NodeLook)],
        Origin = "Kubernetes pkg/kubelet/events/event.go, pkg/controller/nodelifecycle; node-problem-detector config",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var told = facts.Of<KubernetesEvent>().Where(e => Of(e) is not null).GroupBy(e => (e.Reason, e.About))
            .OrderBy(g => Array.IndexOf(Table, Of(g.First())!)).ThenBy(g => g.First().Source.Line).Take(Most);
        bool memory = facts.Of<KubernetesEvent>().Any(e => e.Reason is "SystemOOM" or "OOMKilling");
        foreach (IGrouping<(string Reason, string About), KubernetesEvent> group in told)
        {
            KubernetesEvent first = group.First();
            Known known = Of(first)!;
            long times = group.Sum(e => (long)e.Times);
            string about = first.About.Length > 0 && first.About.Length < 80 ? $" ({first.About})" : "";
            yield return new Finding(Id, $"{known.Title}{about}" + (times > 1 ? $", {Counted.Of(times, "time")}" : "") + Said(first, known),
                known.Severity, 0.9, known.Why)
            {
                Subject = first.Reason + (first.About.Length > 0 ? $" {first.About}" : ""),
                Evidence = [.. group.Take(MaxQuoted).Select(e => e.Source)],
                Fixes = [new Fix("Look at the node and the object that the event is about", known.Look)],
                CausedBy = memory && first.Reason is "NodeNotReady" or "ContainerGCFailed"
                    ? [.. facts.Of<KubernetesEvent>().Where(e => e.Reason is "SystemOOM" or "OOMKilling").Take(1)
                        .Select(e => new FindingRef(Id, e.Reason + (e.About.Length > 0 ? $" {e.About}" : "")))] : [],
            };
        }
    }

    /// <summary>The message, where it says more than the reason.</summary>
    private static string Said(KubernetesEvent e, Known known) => e.Message.Length < 12 ||
        e.Message.Contains("status is now", StringComparison.Ordinal) || known.Reason is "SystemOOM" or "Rebooted" ? ""
            : $": {Printable.Quoted(e.Message, MostWords)}";

    private static Known? Of(KubernetesEvent e) => Array.Find(Table, k => k.Reason == e.Reason);
}
