using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Events of nodes and pods, as kubectl prints them.</summary>
public sealed class KubernetesWarnedTests
{
    [Theory]
    [InlineData("  Warning  SystemOOM  12m (x4 over 25m)  kubelet, node-9  System OOM encountered", "SystemOOM", "node-9", 4)]
    [InlineData("  Normal   NodeNotReady  25m (x3 over 46m)  kubelet, node-9  Node node-9 status is now: NodeNotReady", "NodeNotReady",
        "node-9", 3)]
    [InlineData("2m15s       Warning   Evicted   pod/api-1   The node was low on resource: memory.", "Evicted", "pod/api-1", 1)]
    [InlineData("2m15s Warning Evicted pod/api-1 The node was low on resource: memory.", "Evicted", "", 1)]
    [InlineData("  Warning  FailedMount  12s   kubelet  MountVolume.SetUp failed for volume \"pvc-1\"", "FailedMount", "", 1)]
    public void Rows_of_events_are_read_by_their_content(string row, string reason, string about, int times)
    {
        KubernetesEvent seen = Assert.Single(Explained.Facts(row + "\n").Of<KubernetesEvent>());
        Assert.Equal((reason, about, times), (seen.Reason, seen.About, seen.Times));
        Assert.NotEmpty(Explained.Findings("kubernetes-warned", row + "\n"));
    }

    [Theory]
    [InlineData("  Ready \tFalse \tMon, 02 Nov 2015 18:02:43 +0000 \tSat, 31 Oct 2015 01:11:12 +0000 \tKubeletNotReady " +
        "\tcontainer runtime is down",
        "the node was not ready: container runtime is down")]
    [InlineData("  MemoryPressure   True    Fri, 15 Sep 2023   Fri, 15 Sep 2023   KubeletHasInsufficientMemory   " +
        "kubelet has insufficient memory",
        "the node was short of memory: kubelet has insufficient memory")]
    public void A_condition_of_a_node_is_told_with_its_message(string row, string title) =>
        Assert.Equal(title, Assert.Single(Explained.Findings("kubernetes-warned", row + "\n")).Title);

    [Theory]
    [InlineData("  MemoryPressure   False   Fri, 15 Sep 2023   Fri, 15 Sep 2023   KubeletHasSufficientMemory   " +
        "kubelet has sufficient memory")]
    [InlineData("  Normal   NodeReady   19m  kubelet, node-9  Node node-9 status is now: NodeReady")]
    [InlineData("  Normal   Pulled      19m  kubelet          Container image already present on machine")]
    [InlineData("Warning Files in use")]
    [InlineData("Warning Failed to load module \"foo\" (module does not exist, 0)")]
    [InlineData("3 Warning Failed to load module")]
    [InlineData("Warning  Failed to load module")]
    [InlineData("[    1.000000] Warning  SystemOOM  12m  kubelet  System OOM encountered")]
    public void Rows_of_ordinary_work_and_other_lines_are_not_told(string row) =>
        Assert.Empty(Explained.Facts(row + "\n").Of<KubernetesEvent>());

    [Fact]
    public void Twenty_thousand_rows_keep_few()
    {
        string rows = string.Concat(Enumerable.Range(0, 20_000).Select(i =>
            $"  Warning  FailedMount  12s  kubelet  MountVolume.SetUp failed for volume \"pvc-{i}\"\n" +
            "    Reason:  Error\n  Exit Code:  139\n"));
        Facts facts = Explained.Facts(rows);
        Assert.InRange(facts.Of<KubernetesEvent>().Count, 1, 256);
        Assert.InRange(facts.Of<ContainerEnded>().Count, 1, 64);
    }
}
