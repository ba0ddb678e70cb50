using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>A unit that failed, as systemd reports it in a log or on a console.</summary>
/// <param name="Source">The first line that tells it.</param>
/// <param name="Unit">Its name, or its description where a console shows nothing else.</param>
public sealed record UnitEnd(Source Source, string Unit) : Fact(Source)
{
    /// <summary>What systemd calls the failure: exit-code, timeout …; empty where no line says it.</summary>
    public string Result { get; set; } = "";

    /// <summary>How its process ended: <c>1/FAILURE</c>, <c>203/EXEC</c>, <c>9/KILL</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>How often it failed.</summary>
    public int Times { get; set; } = 1;

    /// <summary>It was started again, and that succeeded.</summary>
    public bool Started { get; set; }

    /// <summary>The numbers of the lines about it, the first few hundred.</summary>
    public HashSet<long> Lines { get; } = [];

    /// <summary>The last of them.</summary>
    public long LastLine { get; private set; }

    internal void Take(long line)
    {
        const int Most = 256;
        LastLine = line;
        if (Lines.Count < Most)
            Lines.Add(line);
    }

    /// <summary>Lines of its own programs just before, or what systemd said of its last step.</summary>
    public List<Source> Said { get; } = [];

    /// <summary>A line of another program stands just before: it may be the reason.</summary>
    public Source? Beside { get; set; }

    /// <summary>What was not started because of it.</summary>
    public List<(Source Source, string What)> Dependents { get; } = [];
}

/// <summary>
/// Reads systemd's lines about units that fail (src/core/service.c, unit.c, job.c), in the wordings of its versions since 204, with and
/// without the tag of a journal, and joins them by the unit's name. The programs' last lines of failure before it go with them.
/// </summary>
public sealed class UnitEnds : BookParser
{
    /// <summary>
    /// Units kept of one input; lines of failure that are kept, and how far before the end they may stand; other lines just before.
    /// </summary>
    private const int MaxUnits = 256, Near = 24, Before = 64, Beside = 3, MaxSaid = 3, MaxDependents = 32;

    /// <summary>systemd prints what depends on a unit right behind it.</summary>
    private const int Behind = 4;

    private const int Exited = 0, Result = 1, State = 2, TimedOut = 3, Failed = 4, See = 5, Job = 6, Depends = 7, Step = 8, Started = 9,
        TooOften = 10;

    private static readonly (int Place, string Text)[] Book =
    [
        (Exited, "rocess exited, code="), (Result, ": Failed with result '"), (State, "entered failed state"),
        (TimedOut, "operation timed out"), (Failed, "Failed to start "), (See, "'systemctl status "), (See, "\"systemctl status "),
        (Job, "/start failed with result '"), (Depends, "ependency failed for "), (Step, ".service: Failed "), (Step, ": Failed to "),
        (Started, "Started "), (Started, "Finished "), (TooOften, "tart request repeated too quickly"),
        .. TroubleWords.Signs.Select(s => (NoPlace, s)),
    ];

    private readonly Dictionary<string, UnitEnd> units = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnitEnd> described = new(StringComparer.Ordinal);
    private readonly LineRing recent = new(Near);

    /// <summary>The description in a console's line, until the line behind it names the unit.</summary>
    private (string What, Source Line)? unnamed;
    private UnitEnd? last;
    private long lastLine;
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            End(facts);
            boot = facts.Boot;
        }
        if (Concerned.Count == 0)
        {
            if (ProgramLine.TryParse(line.Text, out ProgramLine by) && by.Program is not ("systemd" or "kernel"))
                Keep(line);
            return false;
        }
        // What systemctl prints of a unit is read by UnitStates.
        if (StatusBlock.IsField(line.Text))
            return false;
        bool taken = Read(Concerned[0], line, facts);
        if (!taken && Concerned.Count > 1)
            taken = Read(Concerned[1], line, facts);
        if (!taken)
            Keep(line);
        return taken;
    }

    /// <summary>Keeps a line for the unit that fails next. What a program says it ignores did not end it.</summary>
    private void Keep(in TextLine line)
    {
        if (line.Text.Length is >= 12 and <= 400 && !line.Text.Contains(", ignoring", StringComparison.Ordinal))
            recent.Add(line);
    }

    public override void End(Facts facts)
    {
        Name(facts);
        units.Clear();
        described.Clear();
        recent.Clear();
        last = null;
    }

    private bool Read(int place, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        switch (place)
        {
            case Exited:
                ReadOnlySpan<char> exited = UnitBefore(text, "rocess exited, code=");
                if (exited.IsEmpty || text.Contains("status=0/SUCCESS", StringComparison.Ordinal) || StatusOf(text) is not { } status ||
                    Of(exited, line, facts) is not { } ended)
                    return false;
                if (ended.Status.Length == 0)
                    ended.Status = status;
                return true;
            case Result:
                int at = text.IndexOf(": Failed with result '", StringComparison.Ordinal);
                ReadOnlySpan<char> result = text[(at + ": Failed with result '".Length)..];
                if (result.IndexOf('\'') is not (> 0 and var end) || Of(UnitAt(text[..at]), line, facts) is not { } with)
                    return false;
                with.Result = result[..end].ToString();
                return true;
            case State:
                ReadOnlySpan<char> before = text[..text.IndexOf("entered failed state", StringComparison.Ordinal)].TrimEnd(' ');
                if (before.EndsWith(": Unit", StringComparison.Ordinal))
                    before = before[..^": Unit".Length];
                return Of(UnitAt(before), line, facts) is not null;
            case TimedOut:
                ReadOnlySpan<char> waited = text[..text.IndexOf("operation timed out", StringComparison.Ordinal)].TrimEnd(' ');
                foreach (string word in (ReadOnlySpan<string>)[" start", " Start", " stop", " Stop", " reload", " Reload"])
                {
                    if (waited.EndsWith(word, StringComparison.Ordinal))
                        waited = waited[..^word.Length].TrimEnd(':');
                }
                if (Of(UnitAt(waited), line, facts) is not { } slow)
                    return false;
                slow.Result = slow.Result.Length == 0 ? "timeout" : slow.Result;
                return true;
            case Failed:
                return Start(text[(text.IndexOf("Failed to start ", StringComparison.Ordinal) + "Failed to start ".Length)..], line, facts);
            case See:
                return Seen(text, line, facts);
            case Job:
                return Dependent(UnitAt(text[..text.IndexOf("/start failed with result '", StringComparison.Ordinal)]), line);
            case Depends:
                return Dependent(text[(text.IndexOf("ependency failed for ", StringComparison.Ordinal) + "ependency failed for ".Length)..]
                    .Trim(" .`'\""), line);
            case Step:
                // The reason of a step that systemd could not do: kept as a line before the end.
                return false;
            case TooOften:
                ReadOnlySpan<char> often = text[..text.IndexOf("tart request repeated too quickly", StringComparison.Ordinal)];
                ReadOnlySpan<char> unit = often.EndsWith(": S", StringComparison.Ordinal) || often.EndsWith(": s", StringComparison.Ordinal)
                    ? UnitAt(often[..^3]) : UnitAt(text.TrimEnd(". "));
                if (!unit.IsEmpty && units.TryGetValue(unit.ToString(), out UnitEnd? again))
                {
                    again.Take(line.Number);
                    (last, lastLine) = (again, line.Number);
                }
                return false;
            default:
                Recover(text, line);
                return false;
        }
    }

    /// <summary><c>Failed to start NAME - description.</c>, <c>Failed to start description.</c></summary>
    private bool Start(ReadOnlySpan<char> what, in TextLine line, Facts facts)
    {
        what = what.Trim(" .");
        int dash = what.IndexOf(" - ", StringComparison.Ordinal);
        ReadOnlySpan<char> named = dash > 0 ? what[..dash] : what;
        if (IsUnit(named))
        {
            if (Of(named, line, facts) is not { } unit)
                return false;
            if (dash > 0)
                described.TryAdd(what[(dash + 3)..].ToString(), unit);
            return true;
        }
        if (units.TryGetValue($"{what}.service", out UnitEnd? bare))
        {
            bare.Take(line.Number);
            (last, lastLine) = (bare, line.Number);
            return true;
        }
        // systemd told just before how the unit's process ended.
        if (last is not null && Distance(line.Number, lastLine) <= Behind && !described.ContainsValue(last))
        {
            described.TryAdd(what.ToString(), last);
            last.Take(line.Number);
            lastLine = line.Number;
            return true;
        }
        if (what.Length is < 3 or > 100 || what.Contains(": ", StringComparison.Ordinal) || !BySystemd(line.Text) || OfSession(line.Text))
            return false;
        Name(facts);
        unnamed = (what.ToString(), line.ToSource());
        return true;
    }

    /// <summary>A console names the unit in the line behind: <c>See 'systemctl status NAME' for details.</c></summary>
    private bool Seen(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> unit = text[(text.IndexOf("systemctl status ", StringComparison.Ordinal) + "systemctl status ".Length)..];
        unit = unit[..Math.Max(0, unit.IndexOfAny('\'', '"', ' '))];
        if (unnamed is not { } head || Distance(line.Number, head.Line.Line) > Behind || !IsUnit(unit))
            return false;
        unnamed = null;
        UnitEnd? known = Of(unit, line, facts, head.Line);
        if (known is null)
            return false;
        known.Take(head.Line.Line);
        described.TryAdd(head.What, known);
        return true;
    }

    /// <summary>No line named the unit: its description is its name.</summary>
    private void Name(Facts facts)
    {
        if (unnamed is not { } head)
            return;
        unnamed = null;
        // The bare words are anybody's, if no line behind them names a unit.
        if (!ProgramLine.TryParse(head.Line.Text, out _) && !head.Line.Text.Contains("FAILED", StringComparison.Ordinal))
            return;
        if (described.TryGetValue(head.What, out UnitEnd? known))
        {
            known.Take(head.Line.Line);
            return;
        }
        if (units.Count >= MaxUnits)
            return;
        var unit = new UnitEnd(head.Line, head.What) { Boot = boot };
        unit.Take(head.Line.Line);
        units[head.What] = described[head.What] = unit;
        facts.Add(unit);
        (last, lastLine) = (unit, head.Line.Line);
    }

    /// <summary>cloud-init, ansible and others repeat what systemctl told them.</summary>
    private static bool ByOther(ReadOnlySpan<char> text) => ProgramLine.TryParse(text, out ProgramLine by) && by.Program is not "systemd";

    private static bool BySystemd(ReadOnlySpan<char> text) => ProgramLine.TryParse(text, out ProgramLine by) ? by.Program is "systemd"
        : text.TrimStart().StartsWith("Failed to start ", StringComparison.Ordinal) ||
            text.Contains("FAILED] Failed to start ", StringComparison.Ordinal);

    /// <summary>A session's own manager: what fails there is a person's, not the machine's.</summary>
    private static bool OfSession(ReadOnlySpan<char> text) => text.IndexOf("systemd[", StringComparison.Ordinal) is >= 0 and var at &&
        !text[(at + "systemd[".Length)..].StartsWith("1]", StringComparison.Ordinal);

    private UnitEnd? Of(ReadOnlySpan<char> name, in TextLine line, Facts facts, Source? first = null)
    {
        if (!IsUnit(name) || OfSession(line.Text) || ByOther(line.Text))
            return null;
        string unit = name.ToString();
        if (!units.TryGetValue(unit, out UnitEnd? end))
        {
            if (units.Count >= MaxUnits)
                return null;
            end = new UnitEnd(first ?? line.ToSource(), unit) { Boot = facts.Boot };
            units[unit] = end;
            facts.Add(end);
        }
        else if (end.Started || Distance(line.Number, end.LastLine) > Near)
        {
            end.Times++;
            end.Started = false;
        }
        end.Take(line.Number);
        Words(end, line.Number);
        (last, lastLine) = (end, line.Number);
        return end;
    }

    /// <summary>Its own programs' lines of failure, else the one that stands just before.</summary>
    private void Words(UnitEnd end, long number)
    {
        for (int i = 0; i < recent.Count; i++)
        {
            TextLine line = recent[i];
            if (Distance(number, line.Number) is not (> 0 and <= Before) || !ProgramLine.TryParse(line.Text, out ProgramLine by) ||
                TroubleWords.In(by.Words, out Gravity gravity) == 0)
                continue;
            bool own = by.Words.StartsWith(end.Unit, StringComparison.Ordinal) || Belongs(by.Program, end.Unit);
            if (own)
            {
                // The last words count.
                if (end.Said.Count == MaxSaid)
                    end.Said.RemoveAt(0);
                end.Said.Add(line.ToSource());
            }
            else if (!own && gravity >= Gravity.Plain && Distance(number, line.Number) <= Beside && by.Program is not "systemd" &&
                !NamesUnit(by.Words))
                end.Beside = line.ToSource();
        }
        recent.Clear();
    }

    /// <summary>In a log that is newest first the numbers fall.</summary>
    private static long Distance(long one, long other) => Math.Abs(one - other);

    /// <summary>
    /// <c>rpm-ostree</c> of <c>rpm-ostreed.service</c>, <c>sshd</c> of <c>ssh.service</c>, <c>mysqld_safe</c> of <c>mysqld.service</c>:
    /// they are equal, differ in a letter or two at the end, or one is the other and a word behind a mark.
    /// </summary>
    internal static bool Belongs(ReadOnlySpan<char> program, ReadOnlySpan<char> unit)
    {
        ReadOnlySpan<char> bare = unit[..Math.Max(0, unit.LastIndexOf('.'))];
        if (bare.IndexOf('@') is > 0 and var instance)
            bare = bare[..instance];
        program = program.Trim("()");
        // systemd and the kernel speak of every unit.
        return program is not ("systemd" or "kernel") && program.Length > 2 && bare.Length > 2 &&
            (Extends(program, bare) || Extends(bare, program));
    }

    private static bool Extends(ReadOnlySpan<char> whole, ReadOnlySpan<char> part) =>
        whole.StartsWith(part, StringComparison.OrdinalIgnoreCase) &&
        (whole.Length - part.Length <= 2 || whole[part.Length] is '-' or '_' or '.' or ':' or '/');

    private static bool NamesUnit(ReadOnlySpan<char> words) => words.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon &&
        IsUnit(words[..colon]);

    private bool Dependent(ReadOnlySpan<char> what, in TextLine line)
    {
        if (last is null || Distance(line.Number, lastLine) > Behind || what.IsEmpty || last.Dependents.Count == MaxDependents)
            return false;
        string name = what.ToString();
        if (!last.Dependents.Exists(d => d.What == name))
            last.Dependents.Add((line.ToSource(), name));
        lastLine = line.Number;
        return true;
    }

    /// <summary><c>Started NAME - description.</c>, <c>Finished description.</c></summary>
    private void Recover(ReadOnlySpan<char> text, in TextLine line)
    {
        if (units.Count == 0)
            return;
        var c = new TextCursor(text);
        if (!c.SkipPast("Started ") && !c.SkipPast("Finished "))
            return;
        ReadOnlySpan<char> what = c.Rest.Trim(" .");
        int dash = what.IndexOf(" - ", StringComparison.Ordinal);
        UnitEnd? unit = null;
        if ((dash > 0 && units.TryGetValue(what[..dash].ToString(), out unit)) || described.TryGetValue(what.ToString(), out unit))
        {
            unit.Started = true;
            unit.Take(line.Number);
        }
    }

    private static string? StatusOf(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf("status=", StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> status = text[(at + "status=".Length)..];
        int end = status.IndexOfAny(' ', ',', ')');
        return (end < 0 ? status : status[..end]).Trim(" .").ToString();
    }

    /// <summary><c>NAME: Main process exited, code=…</c>: the unit stands before the colon.</summary>
    private static ReadOnlySpan<char> UnitBefore(ReadOnlySpan<char> text, string sign)
    {
        ReadOnlySpan<char> before = text[..text.IndexOf(sign, StringComparison.Ordinal)];
        int colon = before.LastIndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? default : UnitAt(before[..colon]);
    }

    /// <summary>The unit that is the last word.</summary>
    private static ReadOnlySpan<char> UnitAt(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(' ');
        ReadOnlySpan<char> word = before[(before.LastIndexOf(' ') + 1)..];
        return IsUnit(word) ? word : default;
    }

    internal static bool IsUnit(ReadOnlySpan<char> word)
    {
        int dot = word.LastIndexOf('.');
        return dot > 0 && word.Length < 200 && !word.Contains(' ') && !word.Contains('\u2026') && word[(dot + 1)..] is "service" or
            "socket" or "timer" or "path" or "scope" or "slice" or "swap" or "mount" or "automount" or "target";
    }
}
