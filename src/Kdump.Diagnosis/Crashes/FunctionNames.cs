namespace Kdump.Diagnosis.Crashes;

/// <summary>One system call has many names, by architecture, kernel and inlining. Here they become one function.</summary>
public static class FunctionNames
{
    private static readonly string[] SystemCallPrefixes =
    [
        "sys_", "SyS_", "SYSC_", "compat_SyS_", "compat_SYSC_", "ksys_", "__sys_", "___sys_", "____sys_",
        "__x64_", "__ia32_", "__arm64_", "__se_", "__se_sys_", "__do_sys_",
    ];

    /// <summary>The name without the longest prefix that fits.</summary>
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

    /// <summary>
    /// What the name of a function and of its variants have in common by kernel convention: leading underscores mark the one
    /// without lock or checks, an ending tells the context of the call. The same crash may be in another variant in another
    /// release.
    /// </summary>
    public static string Stem(string name)
    {
        string stem = name.TrimStart('_');
        foreach (string ending in Endings)
        {
            if (stem.Length > ending.Length + 3 && stem.EndsWith(ending, StringComparison.Ordinal))
                return stem[..^ending.Length];
        }
        return stem.Length > 0 ? stem : name;
    }

    private static readonly string[] Endings = ["_unlocked", "_locked", "_nolock", "_noprof", "_nested", "_atomic",
        "_slowpath", "_rcu", "_inline"];

    /// <summary>The name as printed and without each prefix that fits, except the one that was chosen.</summary>
    public static IEnumerable<string> Others(string name, string chosen) =>
        SystemCallPrefixes.Where(p => name.StartsWith(p, StringComparison.Ordinal)).Select(p => name[p.Length..]).Prepend(name)
            .Where(n => n != chosen).Distinct(StringComparer.Ordinal);

    /// <summary>The escapes that old Rust names use for characters no identifier can hold.</summary>
    private static readonly (string Written, string Meant)[] OldRust =
    [
        ("$LT$", "<"), ("$GT$", ">"), ("$u20$", " "), ("$RF$", "&"), ("$BP$", "*"), ("$C$", ","), ("$LP$", "("), ("$RP$", ")"),
            ("$u5b$", "["), ("$u5d$", "]"),
        ("$u7b$", "{"), ("$u7d$", "}"), ("$u27$", "'"), ("$u3b$", ";"), ("$u2b$", "+"), ("..", "::"),
    ];

    /// <summary>
    /// <c>_RNv…</c>, <c>_ZN4core6option4failE</c>, <c>_Z8functionii</c>: Rust, old Rust and C++, without arguments and hashes; others stay
    /// as they are.
    /// </summary>
    public static string Demangled(string name)
    {
        if (RustName.Read(name) is { } path)
            return path;
        if (!name.StartsWith("_Z", StringComparison.Ordinal))
            return name;
        int at = 2;
        bool nested = at < name.Length && name[at] == 'N';
        if (nested)
            at++;
        var parts = new List<string>();
        while (at < name.Length && char.IsAsciiDigit(name[at]) && (nested || parts.Count == 0))
        {
            int digits = at;
            while (digits < name.Length && char.IsAsciiDigit(name[digits]))
                digits++;
            if (!int.TryParse(name.AsSpan(at, digits - at), out int length) || length == 0 || length > name.Length - digits)
                return name;
            string part = name.Substring(digits, length);
            if (!(part.Length == 17 && part[0] == 'h' && FrameLine.IsHex(part.AsSpan(1))))
                parts.Add(part.Contains('$')
                    ? OldRust.Aggregate(part.TrimStart('_'), (text, o) => text.Replace(o.Written, o.Meant, StringComparison.Ordinal))
                    : part);
            at = digits + length;
        }
        return parts.Count == 0 ? name : string.Join("::", parts);
    }
}
