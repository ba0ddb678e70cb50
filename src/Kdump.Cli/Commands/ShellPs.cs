using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Commands;

/// <summary>crash's ps: its options become those of <c>kdt vmcore ps</c>, its operands (pids, names, addresses) choose lines.</summary>
internal static class ShellPs
{
    /// <summary>Options of crash and the options that replace them.</summary>
    private static readonly (string Option, string[] Ours)[] Options =
    [
        ("-a", ["--args", "--env"]), ("-m", ["--sort", "since"]), ("-l", ["--sort", "since"]), ("-G", ["--processes"]),
    ];

    /// <param name="invoke">Runs a command of kdt vmcore.</param>
    public static bool Run(string[] words, Context here, Func<string[], Context, bool> invoke)
    {
        List<string> line = ["ps"], wanted = [];
        bool user = false, kernel = false, active = false, summary = false, parents = false, children = false;
        // crash's -g: a process with its threads.
        if (words is ["-g", var process])
            return invoke(["ps", "--pid", process], here);
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
            else if (word == "-p")
                parents = true;
            else if (word == "-c")
                children = true;
            else if (word.StartsWith('-') || line[^1] is "--state" or "--sort" or "--pid")
                line.Add(word);
            else
                wanted.Add(word.TrimStart('\\'));
        }
        if ((parents || children) && wanted.Count == 0)
            line.Add("--tree");
        if (!user && !kernel && !active && !summary && wanted.Count == 0)
            return invoke([.. line], here);
        StringWriter all = new();
        bool good = invoke([.. line], here with { Output = all, Terminal = here.Terminal with { Screen = false } });
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
        int shown = 0;
        foreach (string text in Chosen())
        {
            here.Output.WriteLine(text);
            shown++;
        }
        if (shown > 0 || wanted.Count == 0)
            return good;
        here.Error.WriteLine($"kdt: ps: no task has that id, name or address: {Printable.Escape(string.Join(' ', wanted))}");
        return false;

        // The selected tasks; or each with its chain of parents; or their children.
        IEnumerable<string> Chosen()
        {
            (string Text, string[] Parts)[] rows = [.. lines.Skip(1).Select(l => (l, Parts(l)))];
            if (!parents && !children)
                return Blocks(rows, Is);
            HashSet<string> own = [.. rows.Where(r => r.Parts.Length > 6 && Is(r.Parts)).Select(r => r.Parts[0])];
            if (children)
                return Blocks(rows, p => own.Contains(p[2]));
            ILookup<string, string> above = rows.Where(r => r.Parts.Length > 6).ToLookup(r => r.Parts[0], r => r.Parts[2]);
            for (Queue<string> open = new(own); open.TryDequeue(out string? pid);)
                foreach (string parent in above[pid])
                    if (own.Add(parent))
                        open.Enqueue(parent);
            return Blocks(rows, p => own.Contains(p[0]));
        }

        // A task's line with the lines below it: arguments and environment.
        static IEnumerable<string> Blocks((string Text, string[] Parts)[] rows, Func<string[], bool> wanted)
        {
            bool inside = false;
            foreach ((string text, string[] parts) in rows)
            {
                if (!text.StartsWith(TasksView.Margin, StringComparison.Ordinal))
                    inside = parts.Length > 6 && wanted(parts);
                if (inside)
                    yield return text;
            }
        }

        // PID TGID PPID CPU TASK ST …, with a mark before those that ran.
        bool Is(string[] parts)
        {
            string name = parts[^1].Trim('[', ']');
            bool thread = parts[^1].EndsWith(']') || parts[0] == "0";
            return (wanted.Count == 0 || wanted.Exists(w => w == parts[0] || w == name || w == parts[4] || w == "0x" + parts[4])) &&
                (!user || !thread) && (!kernel || thread) && (!active || parts[^2] == ">");
        }

        // Move the mark of running tasks before the name, so that the other columns keep their positions.
        static string[] Parts(string text)
        {
            string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return parts is [">", ..] ? [.. parts[1..^1], ">", parts[^1]] : parts;
        }
    }
}
