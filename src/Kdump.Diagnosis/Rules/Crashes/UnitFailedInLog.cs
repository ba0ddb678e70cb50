using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A log tells that a unit failed, and no rule knows the unit: how it ended, its program's own last words, and what was not started
/// because of it. Of units that other findings tell of, the program's words are added to those.
/// </summary>
public sealed class UnitFailedInLog : Rule
{
    /// <summary>Units told one by one; more of them, none with words of its own, are one finding.</summary>
    private const int Most = 6, Few = 2, MostQuoted = 6, MostWords = 160;

    /// <summary>Findings that tell how a unit ended, and not why.</summary>
    private static readonly string[] WithoutReason = ["unit-restart-loop", "unit-program-not-run", "unit-listed-failed"];

    public override string Id => "unit-failed";

    public override Entry Entry => new(Id, "a service of the machine failed")
    {
        Area = Area.Crashing,
        Signature = ["UNIT: Main process exited, code=exited, status=…", "UNIT: Failed with result '…'",
            "Unit … entered failed state"],
        Cause = "systemd tells how the unit's program ended; the program's own last lines give the reason. " +
            "Units that need it are not started: of several, the one that failed first is the cause.",
        Fixes = [new("Read its own lines", "systemctl status UNIT; journalctl -b -u UNIT -n 50")],
        Origin = "systemd src/core/service.c, unit.c, job.c, src/basic/exit-status.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    public override IEnumerable<Opinion> JudgeRest(Facts facts, IReadOnlyList<Opinion> said)
    {
        var quoted = new HashSet<(string, long)>(said.SelectMany(o => o is Finding f ? f.Evidence : ((Unknown)o).Evidence)
            .Select(s => (s.Input, s.Line)));
        UnitEnd[] ends = [.. facts.Of<UnitEnd>().Where(u => u.Boot?.Capture != true && !UnitListedFailed.IsKdump(u.Unit) &&
            !u.Lines.Any(l => quoted.Contains((u.Source.Input, l))) && !u.Unit.EndsWith(".target", StringComparison.Ordinal) &&
            !said.OfType<Finding>().Any(f => f.Subject == u.Unit) && u.Result != "dependency" && !Asked(u))];
        UnitEnd[] mute = [.. ends.Where(u => u is { Said.Count: 0, Beside: null, Dependents.Count: 0, Started: false })];
        if (mute.Length > Few)
        {
            yield return After(mute[0], said, Together(mute));
            ends = [.. ends.Except(mute)];
        }
        foreach (UnitEnd unit in ends.DistinctBy(u => u.Unit).Take(Most))
            yield return BecauseOf(unit, said, Alone(unit,
                facts.Of<MachineStepped>().Any(m => m.Step == MachineStep.Stopping && m.Boot == unit.Boot &&
                m.Source.Input == unit.Source.Input && m.Source.Order < unit.Source.Order)));
    }

    private static readonly string[] Reasons = ["unit-mount-failed", "unit-device-missing", "filesystem-damaged", "filesystem-full",
        "filesystem-shut-down", "volume-not-activated", "out-of-memory"];

    /// <summary>A unit that did not say why it failed did so because of what was reported just before it.</summary>
    private static Finding After(UnitEnd unit, IReadOnlyList<Opinion> said, Finding finding)
    {
        const int Near = 64;
        return finding with
        {
            // A session's own mounts are nothing that a unit of the machine needs.
            CausedBy = [.. said.OfType<Finding>().Where(f => Array.IndexOf(Reasons, f.Id) >= 0 &&
                f.Subject?.Contains("/run/user/", StringComparison.Ordinal) != true && f.Evidence.Any(e =>
                e.Input == unit.Source.Input && unit.Source.Line - e.Line is > 0 and <= Near)).Select(f => f.Ref)],
        };
    }

    /// <summary>What its program said is told by another finding: that is why it failed, and it weighs no more than that.</summary>
    private static Finding BecauseOf(UnitEnd unit, IReadOnlyList<Opinion> said, Finding finding)
    {
        finding = unit.Said.Count == 0 ? After(unit, said, finding) : finding;
        Finding? why = said.OfType<Finding>().FirstOrDefault(f => f.Evidence.Any(e => e.Input == unit.Source.Input &&
            unit.Said.Exists(s => s.Line == e.Line)));
        return why is null ? finding : finding with
        {
            Severity = (Severity)Math.Min((int)finding.Severity, (int)why.Severity), CausedBy = [.. finding.CausedBy, why.Ref],
        };
    }

    /// <summary>Who is asked to stop (SIGTERM, SIGINT) and says so with its status did not fail: a JVM ends with 143.</summary>
    internal static bool Asked(UnitEnd unit) => unit.Result is "" or "exit-code" or "signal" &&
        (unit.Status.StartsWith("143", StringComparison.Ordinal) || unit.Status.StartsWith("130", StringComparison.Ordinal) ||
            unit.Status is "15/TERM" or "2/INT");

    public override Finding Revise(Finding finding, Facts facts)
    {
        if (Array.IndexOf(WithoutReason, finding.Id) < 0 || finding.Subject is not { } name || finding.Evidence.Count == 0)
            return finding;
        UnitEnd? unit = facts.Of<UnitEnd>().FirstOrDefault(u => u.Unit == name && u.Source.Input == finding.Evidence[0].Input);
        if (unit is null || unit.Said.Count == 0 || finding.Evidence.Any(e => e.Line == unit.Said[^1].Line))
            return finding;
        return finding with
        {
            Why = $"{finding.Why} Its own last words before it: \"{Words(unit.Said[^1])}\".",
            Evidence = [.. finding.Evidence, unit.Said[^1]],
        };
    }

    private Finding Alone(UnitEnd unit, bool stopping)
    {
        Source? reason = unit.Said.Count > 0 ? unit.Said[^1] : null;
        string ended = Ended(unit);
        string title = $"{unit.Unit} failed" + (ended.Length > 0 ? $" ({ended})" : "") +
            (reason is null ? "" : $": {Words(reason)}") + (unit.Started ? "; later it was started" : "");
        var why = new List<string> { Meaning(unit) };
        if (reason is not null)
            why.Add("The line of its own program before it gives the reason.");
        else if (unit.Beside is { } beside)
            why.Add($"Its own lines give the reason. Just before, another program said: \"{Words(beside)}\".");
        else
            why.Add("Only its own lines give the reason, and they are not in this text.");
        if (unit.Times > 1)
            why.Add($"It failed {Counted.Of(unit.Times, "time")}.");
        if (unit.Dependents.Count > 0)
            why.Add($"{Counted.Of(unit.Dependents.Count, "unit", "was", "were")} not started because of it: " +
                string.Join(", ", unit.Dependents.Take(MostQuoted).Select(d => Printable.Escape(d.What))) + ".");
        if (stopping)
            why.Add("The machine was being stopped by then.");
        return new Finding(Id, title, unit.Started || stopping ? Severity.Warning : Severity.Error, 0.85, string.Join(' ', why))
        {
            Subject = unit.Unit,
            Evidence = [.. unit.Said.TakeLast(2), .. unit.Beside is { } near && reason is null ? new[] { near } : [], unit.Source,
                .. unit.Dependents.Take(MostQuoted).Select(d => d.Source)],
            Fixes = [Read(unit.Unit)],
            Explains = unit.Dependents.Exists(d => d.What.StartsWith("Local File Systems", StringComparison.Ordinal))
                ? ["emergency-mode"] : [],
        };
    }

    /// <summary>Many that failed without a word have one cause, which none of their lines tells.</summary>
    private Finding Together(UnitEnd[] units)
    {
        string names = string.Join(", ", units.Take(MostQuoted).Select(u => u.Unit)) + (units.Length > MostQuoted ? " …" : "");
        string[] ways = [.. units.Select(Ended).Distinct(StringComparer.Ordinal)];
        return new Finding(Id, $"{Counted.Of(units.Length, "unit")} failed, {units[0].Unit} first: {names}", Severity.Error, 0.8,
            "Their own lines are not in this text, and without them the reason is not known." + (ways is [{ Length: > 0 } way]
                ? $" All ended in the same way ({way}): that points to something that all of them use, not to each one." : ""))
        {
            Subject = units[0].Unit,
            Evidence = [.. units.Take(MostQuoted).Select(u => u.Source)],
            Fixes = [new Fix("Read the lines of the first of them, and of the journal itself", PlainWord.Is(units[0].Unit)
                ? $"systemctl --failed; journalctl -b -u {units[0].Unit} -n 50" : "systemctl --failed; journalctl -b -p warning")],
        };
    }

    private static Fix Read(string unit) => new("Read its own lines", UnitEnds.IsUnit(unit) && PlainWord.Is(unit)
        ? $"systemctl status {unit}; journalctl -b -u {unit} -n 50" : null);

    private static string Words(Source line) => Printable.Quoted(ProgramLine.WordsOf(line.Plain).Trim().TrimEnd('.'), MostWords);

    private static string Ended(UnitEnd unit)
    {
        if (unit.Result is not ("" or "exit-code" or "signal"))
            return unit.Result;
        return unit.Status.Length > 0 ? $"status {unit.Status}" : unit.Result;
    }

    private static string Meaning(UnitEnd unit)
    {
        if (unit.Status.IndexOf('/') is > 0 and var slash && int.TryParse(unit.Status[..slash], out int number) &&
            number is >= 200 and < 255)
            return $"systemd could not do its step {unit.Status[(slash + 1)..]} for the unit: the program itself did not run.";
        return UnitResult.Meaning(unit.Result) ?? unit.Result switch
        {
            "timeout" => "It did not report in time that it is ready (TimeoutStartSec), or did not end in time, and was killed.",
            "watchdog" => "It no longer reported that it is alive (WatchdogSec), and was killed.",
            "core-dump" => "Its program crashed; coredumpctl shows where.",
            "protocol" => "Its program ended, or did not say that it is ready, before systemd took it as started.",
            _ when unit.Status.Length > 0 && unit.Status[0] != '0' => "Its program ended with an error.",
            _ => "systemd reports that it failed.",
        };
    }
}
