namespace Kdump.Diagnosis.Text;

/// <summary>
/// All <c>crashkernel=</c> of one command line, as the kernel reads them (kernel/crash_reserve.c parse_crashkernel): the last without a
/// suffix; without one that can be read the last with <c>,high</c>, and to it the last with <c>,low</c>.
/// </summary>
public readonly record struct CrashkernelRequest(string? Plain, string? High, string? Low)
{
    public bool Any => Plain is not null || High is not null || Low is not null;

    /// <summary>The request gives no size: low memory is only reserved beside high memory.</summary>
    public bool OnlyLow => Low is not null && Plain is null && High is null;

    /// <summary>The values that count, as a user would write them behind <c>crashkernel=</c>; empty for none.</summary>
    public string Text => string.Join(" crashkernel=", (Plain is null ? new[] { High, Low, Cma } : [Plain, Cma]).OfType<string>());

    /// <summary>Memory beside the reservation, which the running system may use meanwhile (<c>SIZE,cma</c>, since 6.17).</summary>
    public string? Cma { get; init; }

    /// <summary>As one argument of a shell command: in quotes where it has several words.</summary>
    public string Argument => Text.Contains(' ') ? $"\"crashkernel={Text}\"" : "crashkernel=" + Text;

    public static CrashkernelRequest Of(CommandLine line)
    {
        string? plain = null, high = null, low = null, cma = null;
        foreach (KernelParameter p in line.Parameters)
        {
            if (p.Name != "crashkernel" || p.Value is not { } value)
                continue;
            if (value.EndsWith(",high", StringComparison.Ordinal))
                high = value;
            else if (value.EndsWith(",low", StringComparison.Ordinal))
                low = value;
            else if (value.EndsWith(",cma", StringComparison.Ordinal))
                cma = value;
            else
                plain = value;
        }
        return new(plain, high, low) { Cma = cma };
    }

    public static CrashkernelRequest Of(string line) => Of(CommandLine.Parse(line));
}
