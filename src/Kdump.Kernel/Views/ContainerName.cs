using System.Text.RegularExpressions;

namespace Kdump.Kernel.Views;

/// <summary>
/// Container and pod in the path of a control group, by the naming schemes of their managers: docker, containerd, CRI-O, podman
/// (systemd's and cgroupfs' drivers), LXC, and the kubelet (<c>kubepods-burstable-pod8b0d….slice</c>, <c>/kubepods/pod8b0d…</c>).
/// </summary>
/// <param name="Container">Id of the container, or its name for LXC; null if the path contains none.</param>
/// <param name="Pod">UID of the pod; null if the path contains none.</param>
public sealed partial record ContainerName(string? Container, string? Pod)
{
    public static ContainerName Of(string path)
    {
        string? pod = PodSegment().Match(path) is { Success: true } p ? p.Groups[1].Value.Replace('_', '-') : null;
        string? container;
        if (IdSegment().Matches(path) is [.., { } last])
            container = last.Groups[1].Value;
        else
            container = LxcSegment().Match(path) is { Success: true } lxc ? lxc.Groups[1].Value : null;
        return new ContainerName(container, pod);
    }

    [GeneratedRegex(@"(?:/|-)pod([0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:/|$)",
        RegexOptions.CultureInvariant)]
    private static partial Regex PodSegment();

    [GeneratedRegex(@"/(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?(?=/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex IdSegment();

    [GeneratedRegex(@"/lxc(?:\.payload)?[./]([^/]+)", RegexOptions.CultureInvariant)]
    private static partial Regex LxcSegment();
}
