using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Reads the lines that name CPU, task and kernel of a report. The first line of each kind counts: later ones are about other CPUs
/// and the panic.
/// </summary>
internal static class ContextLines
{
    public static CrashContext Read(IEnumerable<ReportLine> lines)
    {
        CrashContext found = CrashContext.Unknown;
        foreach (ReportLine line in lines)
        {
            ReadOnlySpan<char> text = line.Text;
            if (text.StartsWith("Hardware name: ", StringComparison.Ordinal))
                found = found with { Hardware = found.Hardware ?? text["Hardware name: ".Length..].Trim().ToString() };
            else if (text.StartsWith("Workqueue: ", StringComparison.Ordinal))
                found = found with { Workqueue = found.Workqueue ?? text["Workqueue: ".Length..].Trim().ToString() };
            else if (OfSession(text.Trim(), found) is { } told)
                found = told;
            else if (found.Comm is null)
                found = Task(text, found);
        }
        return found;
    }

    /// <summary>
    /// The head of a session of crash(8): <c>PID: 11978</c>, <c>COMMAND: "vtltape"</c>, <c>CPU: 501</c>, one on each line.
    /// </summary>
    private static CrashContext? OfSession(ReadOnlySpan<char> text, CrashContext found)
    {
        var c = new TextCursor(text);
        if (c.Skip("COMMAND: \"") && c.Before("\"", out ReadOnlySpan<char> name) && c.Rest.IsEmpty)
            return found with { Comm = found.Comm ?? name.ToString() };
        c = new TextCursor(text);
        if (c.Skip("PID: ") && c.Number(out long pid) && c.Rest.IsEmpty)
            return found with { Pid = found.Pid ?? Small(pid) };
        c = new TextCursor(text);
        return c.Skip("CPU: ") && c.Number(out long cpu) && c.Rest.IsEmpty ? found with { Cpu = found.Cpu ?? Small(cpu) } : null;
    }

    /// <summary>CPU and task as one line alone names them.</summary>
    public static CrashContext Of(ReadOnlySpan<char> line) => Task(line, CrashContext.Unknown);

    private static readonly System.Buffers.SearchValues<char> Capitals =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

    private static CrashContext Task(ReadOnlySpan<char> text, CrashContext found)
    {
        var c = new TextCursor(text);
        long pid;
        if (c.Skip("CPU: ") && c.Number(out long cpu))
        {
            if (c.Skip(" UID: "))
                c.Number(out _);
            if (!c.Skip(" PID: ") || !c.Number(out pid) || !c.Skip(" Comm: "))
                return found;
            return Named(c.Rest, found with { Cpu = Small(cpu), Pid = Small(pid) });
        }
        // Before 3.9: Pid: 2663, comm: x Tainted: G        W  3.8.11 #1
        c = new TextCursor(text);
        if (c.Skip("Pid: ") && c.Number(out pid) && c.Skip(", comm: "))
            return Named(c.Rest, found with { Pid = Small(pid) });
        // xmon: "cpu 0x2c: Vector: 300 (…", and further down "    pid   = 0, comm = swapper/44".
        c = new TextCursor(text);
        if (found.Cpu is null && c.Skip("cpu 0x") && c.Before(": Vector: ", out ReadOnlySpan<char> hex) &&
            int.TryParse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture,
                out int processor))
            return found with { Cpu = processor };
        int equals = text.IndexOf("= ", StringComparison.Ordinal), named = text.IndexOf(", comm = ", StringComparison.Ordinal);
        if (equals > 3 && named > equals && text[..equals].Trim(' ') is "pid" && long.TryParse(text[(equals + 2)..named], out pid))
            return found with { Comm = text[(named + ", comm = ".Length)..].Trim().ToString(), Pid = Small(pid) };
        // KASAN names the task in its own line: "Read of size 4 at addr ffff8881d4332414 by task swapper/22/0".
        int by = text.IndexOf(" by task ", StringComparison.Ordinal), slash = text.LastIndexOf('/');
        if (by > 0 && slash > by + 9 && text[..by].Contains(" at addr ", StringComparison.Ordinal) &&
            long.TryParse(text[(slash + 1)..].Trim(), out pid))
            return found with { Comm = text[(by + " by task ".Length)..slash].ToString(), Pid = Small(pid) };
        // m68k, and arm beside its own line: Process ping (pid: 73, task=1e7eecd7)
        c = new TextCursor(text);
        if (c.Skip("Process ") && c.Before(" (pid: ", out ReadOnlySpan<char> process) && process.Length is > 0 and < 32 &&
            c.Number(out pid) && c.Rest.StartsWith(", ", StringComparison.Ordinal))
            return found with { Comm = process.ToString(), Pid = Small(pid) };
        return found;
    }

    /// <summary>
    /// <c>comm [Kdump: loaded] Not tainted|Tainted: LETTERS release #build</c>; a task's name may hold blanks and colons.
    /// </summary>
    private static CrashContext Named(ReadOnlySpan<char> text, CrashContext found)
    {
        int clean = text.IndexOf(" Not tainted", StringComparison.Ordinal), tainted = text.IndexOf(" Tainted: ", StringComparison.Ordinal);
        int end = clean >= 0 ? clean : tainted;
        if (end < 0)
            return found with { Comm = text.Trim().ToString() };
        ReadOnlySpan<char> name = text[..end];
        bool loaded = name.EndsWith(" Kdump: loaded", StringComparison.Ordinal);
        if (loaded)
            name = name[..^" Kdump: loaded".Length];
        ReadOnlySpan<char> rest = text[(end + (clean >= 0 ? " Not tainted" : " Tainted: ").Length)..];
        var letters = new System.Text.StringBuilder();
        string? release = null;
        foreach (Range range in rest.Split(' '))
        {
            ReadOnlySpan<char> word = rest[range];
            if (word.IsEmpty)
                continue;
            if (word.IndexOfAnyInRange('0', '9') >= 0)
            {
                release = word.ToString();
                break;
            }
            // Taint letters are capitals; the word after them is the release, whatever its form.
            if (word.IndexOfAnyExcept(Capitals) >= 0)
                break;
            letters.Append(word);
        }
        return found with { Comm = name.Trim().ToString(), Tainted = clean >= 0 ? "" : letters.Replace("-", "").ToString(),
            Release = release, KdumpLoaded = loaded };
    }

    private static int? Small(long value) => value is >= 0 and <= int.MaxValue ? (int)value : null;
}
