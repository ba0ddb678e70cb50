namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>The kernel that runs, from /proc and /sys.</summary>
/// <param name="Capture">It is a capture kernel: told an elfcorehdr= or offering /proc/vmcore. Null: neither file could be read.</param>
/// <param name="Vmcore">/proc/vmcore is there.</param>
/// <param name="NrCpus">nr_cpus= as given.</param>
/// <param name="MaxCpus">maxcpus= as given.</param>
/// <param name="Possible">CPUs that may ever come: this many hold managed interrupt vectors.</param>
/// <param name="Online">CPUs that run.</param>
/// <param name="UptimeSeconds">Since this kernel started; -1 when unknown.</param>
public sealed record KernelState(
    Source Source, string Release, string CommandLine, bool? Capture, bool Vmcore, int? NrCpus, int? MaxCpus, int Possible, int Online,
    int UptimeSeconds) : Fact(Source);

/// <summary>A list of CPUs as sysfs writes it: <c>0-3,8</c>, empty for none.</summary>
public static class CpuList
{
    /// <summary>The number of CPUs in the list, or null when it is none. Bounded by the kernel's own limit of 8192.</summary>
    public static int? Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        ReadOnlySpan<char> rest = text.Trim();
        while (!rest.IsEmpty)
        {
            int comma = rest.IndexOf(',');
            ReadOnlySpan<char> part = comma < 0 ? rest : rest[..comma];
            rest = comma < 0 ? default : rest[(comma + 1)..];
            int dash = part.IndexOf('-');
            if (!int.TryParse(dash < 0 ? part : part[..dash], System.Globalization.NumberStyles.None, null, out int first))
                return null;
            int last = first;
            if (dash >= 0 && !int.TryParse(part[(dash + 1)..], System.Globalization.NumberStyles.None, null, out last))
                return null;
            if (last < first || last >= 8192 || count > 8192)
                return null;
            count += last - first + 1;
        }
        return count;
    }
}
