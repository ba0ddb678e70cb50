using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary>crash's ps: its options become those of <c>kdt vmcore ps</c>, its operands (pids, names, addresses) choose lines.</summary>
internal static class ShellPs
{
    /// <summary>Options of crash and what answers them.</summary>
    private static readonly (string Option, string[] Ours)[] Options =
    [
        ("-a", ["--args", "--env"]), ("-m", ["--sort", "since"]), ("-l", ["--sort", "since"]), ("-t", ["--sort", "time"]),
        ("-p", ["--tree"]), ("-c", ["--tree"]), ("-g", ["--processes"]), ("-G", ["--processes"]), ("-s", []), ("-x", []), ("-d", []),
    ];

    /// <param name="invoke">Runs a command of kdt vmcore.</param>
    public static bool Run(string[] words, Context here, Func<string[], Context, bool> invoke)
    {
        List<string> line = ["ps"], wanted = [];
        bool user = false, kernel = false, active = false, summary = false;
        foreach (string word in words)
        {
            if (Array.Find(Options, o => o.Option == word).Ours is { } ours)
                line.AddRange(ours);
            else if (word == "-u")
                user = true;
            else if (word == "-k")
                kernel = true;
            else if (word == "-A")
                active = true;
            else if (word == "-S")
                summary = true;
            else if (word.StartsWith('-') || line[^1] is "--state" or "--sort" or "--pid")
                line.Add(word);
            else
                wanted.Add(word.TrimStart('\\'));
        }
        if (!user && !kernel && !active && !summary && wanted.Count == 0)
            return invoke([.. line], here);
        StringWriter all = new();
        bool good = invoke([.. line], here with { Output = all });
        string[] lines = all.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return good;
        IEnumerable<string[]> chosen = lines.Skip(1).Select(Parts).Where(p => p.Length > 6 && Is(p));
        if (summary)
        {
            foreach (IGrouping<string, string[]> state in chosen.GroupBy(p => p[5]).OrderBy(g => g.Key, StringComparer.Ordinal))
                here.Output.WriteLine($"  {state.Key}: {state.Count()}");
            return good;
        }
        here.Output.WriteLine(lines[0]);
        foreach (string text in lines.Skip(1))
            if (Parts(text) is { Length: > 6 } parts && Is(parts))
                here.Output.WriteLine(text);
        return good;

        // PID TGID PPID CPU TASK ST …, with a mark before those that ran.
        bool Is(string[] parts)
        {
            string name = parts[^1].Trim('[', ']');
            bool thread = parts[^1].EndsWith(']') || parts[0] == "0";
            return (wanted.Count == 0 || wanted.Exists(w => w == parts[0] || w == name || w == parts[4] || w == "0x" + parts[4])) &&
                (!user || !thread) && (!kernel || thread) && (!active || parts[^2] == ">");
        }

        // The mark goes before the name, where nothing else is of interest here.
        static string[] Parts(string text)
        {
            string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return parts is [">", ..] ? [.. parts[1..^1], ">", parts[^1]] : parts;
        }
    }
}
