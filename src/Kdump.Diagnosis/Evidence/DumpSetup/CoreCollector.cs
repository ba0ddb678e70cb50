namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// The arguments of makedumpfile in core_collector (makedumpfile(8)), judged as kdumpctl judges them before it loads the crash kernel: it
/// has makedumpfile check them, and for ssh and raw targets it requires the flattened format.
/// </summary>
public static class CoreCollector
{
    private const string PlainOptions = "cDEeFflpRzvhX";

    /// <summary>Short options with a value.</summary>
    private const string ValueOptions = "dxigbL";

    private static readonly (string Name, bool Value)[] LongOptions =
    [
        ("check-params", false), ("config", true), ("cyclic-buffer", true), ("diskset", true), ("dry-run", false), ("dump-dmesg", false),
            ("eppic", true), ("help", false), ("mem-usage", false),
        ("message-level", true), ("non-cyclic", false), ("non-mmap", false), ("num-threads", true), ("partial-dmesg", false),
            ("reassemble", false), ("show-stats", false), ("split", false),
        ("splitblock-size", true), ("vtop", true), ("work-dir", true), ("xen-syms", true), ("xen-vmcoreinfo", true),
            ("xen_phys_start", true),
    ];

    /// <param name="target">Where the dump goes; null when that is not known.</param>
    public static IEnumerable<string> Problems(string value, TargetKind? target)
    {
        string[] words = value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0][(words[0].LastIndexOf('/') + 1)..] != "makedumpfile")
            yield break;
        bool flat = false, elf = false, packed = false;
        for (int i = 1; i < words.Length; i++)
        {
            string word = words[i];
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                string name = word[2..].Split('=')[0];
                (string Name, bool Value) known = Array.Find(LongOptions, o => o.Name == name);
                if (known.Name is null)
                    yield return $"makedumpfile has no option --{name}";
                else if (known.Value && !word.Contains('='))
                {
                    if (++i >= words.Length)
                        yield return $"--{name} lacks its value";
                    else if (name is "message-level" or "num-threads" && !int.TryParse(words[i], out _))
                        yield return $"--{name} {words[i]}: is no number";
                }
                continue;
            }
            if (word[0] != '-' || word.Length < 2)
            {
                yield return $"'{word}' is no option: the files are given by kdump itself";
                continue;
            }
            for (int k = 1; k < word.Length; k++)
            {
                char option = word[k];
                flat |= option == 'F';
                elf |= option == 'E';
                packed |= option is 'c' or 'l' or 'p' or 'z';
                if (ValueOptions.Contains(option))
                {
                    string? argument;
                    if (k + 1 < word.Length)
                        argument = word[(k + 1)..];
                    else
                        argument = ++i < words.Length ? words[i] : null;
                    if (argument is null)
                        yield return $"-{option} lacks its value";
                    else if (option == 'd' && argument.Split(',').Any(l => !int.TryParse(l, out int level) || level is < 0 or > 31))
                        yield return $"-d {argument}: a dump level is 0 to 31";
                    break;
                }
                if (!PlainOptions.Contains(option))
                    yield return $"makedumpfile has no option -{option}";
            }
        }
        if (elf && packed)
            yield return "-E (ELF) cannot be had with -c, -l, -p or -z (compressed)";
        bool named = words[0] == "makedumpfile";
        if (target is TargetKind.Ssh or TargetKind.Raw && flat && named && !value.Contains("-F", StringComparison.Ordinal))
            yield return "kdumpctl looks for the very letters -F: it does not see an F among other options";
        if (target is TargetKind.Ssh or TargetKind.Raw && !flat)
            yield return $"the target is {(target == TargetKind.Ssh ? "ssh" : "raw")}, and makedumpfile lacks -F: " +
                "it cannot write its format into a pipe";
        if (target is TargetKind.FileSystem or TargetKind.Nfs or TargetKind.Root && flat)
            yield return "-F writes to standard output, and the target takes a file";
    }
}
