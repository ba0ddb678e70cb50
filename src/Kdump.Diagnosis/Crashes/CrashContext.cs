namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// CPU, task and kernel of a report: <c>CPU: 0 PID: 1 Comm: x Tainted: G W 6.1.0 #1</c> and its neighbours (kernel/panic.c,
/// lib/dump_stack.c).
/// </summary>
/// <param name="Tainted">The letters as printed; empty for a kernel that says it is not tainted; null where nothing is printed.</param>
public sealed record CrashContext(int? Cpu, int? Pid, string? Comm, string? Release, string? Tainted, string? Hardware, string? Workqueue,
    bool KdumpLoaded)
{
    public static readonly CrashContext Unknown = new(null, null, null, null, null, null, null, false);
}
