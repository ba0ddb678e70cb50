using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>systemctl status shows a unit as failed; the unit's own lines give the reason, where they are there.</summary>
public sealed class UnitListedFailed : Rule
{
    private const int Most = 8;

    public override string Id => "unit-listed-failed";

    public override Entry Entry => new(Id, "a unit has failed")
    {
        Area = Area.Crashing,
        Signature = ["Active: failed (Result: …)"],
        Cause = "systemd records how it ended: exit-code (its program ended with an error), timeout, signal, core-dump, start-limit-hit. " +
            "The program's own lines give the reason.",
        Fixes = [new("Read its own lines", "journalctl -b -u UNIT")],
        Origin = "systemd src/systemctl/systemctl-show.c, src/core/service.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (UnitFailed failed in facts.Of<UnitFailed>().Where(u => u.Boot?.Capture != true && !IsKdump(u.Unit))
            .DistinctBy(u => u.Unit).Take(Most))
        {
            string name = failed.Unit.Length > 0 ? failed.Unit : "a unit";
            Source[] own = [.. failed.Said.Where(s => TroubleWords.In(WordsOf(s), out _) != 0)];
            yield return new Finding(Id, $"{name} failed" + (failed.Result.Length > 0 ? $" ({failed.Result})" : ""), Severity.Error, 0.85,
                Meaning(failed) + Reason(failed, own))
            {
                Subject = failed.Unit.Length > 0 ? failed.Unit : null,
                Evidence = [.. new[] { failed.Source, failed.Ended }.Known(),
                    .. own.Length > 0 ? own.TakeLast(2) : failed.Said.TakeLast(1)],
                Fixes = [new Fix("Read its own lines", PlainWord.Is(failed.Unit) ? $"journalctl -b -u {failed.Unit}" : null)],
                CausedBy = ["unit-program-missing", "unit-mount-failed", "unit-device-missing", "filesystem-damaged", "filesystem-full",
                    "volume-not-activated", "kexec-load-rejected"],
                Explains = ["emergency-mode"],
            };
        }
    }

    private static string Reason(UnitFailed failed, Source[] own)
    {
        if (own.Length > 0)
            return $" Its own last line of trouble: {Printable.Escape(WordsOf(own[^1]))}.";
        // Programs give up in words of their own, and these are the last before systemd tells it.
        return failed.Said.Count == 0 ? " Only its own lines give the reason."
            : $" The last that its programs said: {Printable.Escape(WordsOf(failed.Said[^1]))}.";
    }

    /// <summary>What the program said, without the journal's prefix.</summary>
    private static string WordsOf(Source source) =>
        ProgramLine.WordsOf(source.Plain).Trim().TrimEnd('.').ToString();

    /// <summary>The services of kdump have a rule of their own.</summary>
    internal static bool IsKdump(string unit) => unit is "kdump.service" or "kdump-tools.service" or "kdump-early.service" or
        "Crash recovery kernel arming" or "Kernel crash dump capture service" or "Load kdump kernel" or "Load kdump kernel and initrd" or
        "Load kdump kernel early on startup" or "Kdump Vmcore Save Service";

    private static string Meaning(UnitFailed failed) => UnitResult.Meaning(failed.Result) ?? failed.Result switch
    {
        "exit-code" => "Its program ended with an error code.",
        "timeout" => "It did not finish in the time that systemd gives it.",
        "core-dump" => "Its program crashed.",
        "dependency" => "A unit that it needs did not start.",
        _ => "systemd shows it as failed.",
    };
}
