namespace Kdump.Diagnosis.Crashes;

/// <summary>One system call has many names, by architecture, kernel and what the compiler inlined: they are one function.</summary>
internal static class FunctionNames
{
    private static readonly string[] SystemCallPrefixes =
    [
        "sys_", "SyS_", "SYSC_", "compat_SyS_", "compat_SYSC_", "ksys_", "__sys_", "___sys_", "____sys_",
        "__x64_", "__ia32_", "__arm64_", "__se_", "__se_sys_", "__do_sys_",
    ];

    /// <summary>Without the longest prefix that fits.</summary>
    public static string Shortest(string name)
    {
        string best = name;
        foreach (string prefix in SystemCallPrefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Length - prefix.Length < best.Length)
                best = name[prefix.Length..];
        }
        return best;
    }

    /// <summary>The name as printed and without each prefix that fits, except the shortest.</summary>
    public static IEnumerable<string> Others(string name)
    {
        string shortest = Shortest(name);
        return SystemCallPrefixes.Where(p => name.StartsWith(p, StringComparison.Ordinal)).Select(p => name[p.Length..]).Prepend(name)
            .Where(n => n != shortest).Distinct(StringComparer.Ordinal);
    }
}
