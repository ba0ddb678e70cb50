using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Questions;

/// <summary>Dumps that were lost for one reason.</summary>
/// <param name="Id">Of the finding that explains it; empty where no rule does.</param>
/// <param name="Fix">What would save the next one: the commonest first fix.</param>
public sealed record LostDump(string Id, string Reason, long Machines, long Crashes, string? Fix, string Example);

/// <summary>Why dumps fail in this fleet, and the one change that would save most.</summary>
/// <param name="NotTold">Fatal crashes for which no input shows the outcome of the dump.</param>
public sealed record LostDumps(long Saved, long Incomplete, long Lost, long NotTold, IReadOnlyList<LostDump> Reasons)
{
    /// <summary>Crashes for which an input shows the outcome of the dump.</summary>
    public long Told => Saved + Incomplete + Lost;

    public static LostDumps Of(FleetStore store)
    {
        ILookup<DumpOutcome, Row> counts = store.Rows("SELECT outcome, fatal, COUNT(*) FROM crashes GROUP BY outcome, fatal")
            .ToLookup(r => (DumpOutcome)r.Number(0));
        long Count(DumpOutcome outcome, bool fatal = false) => counts[outcome].Where(r => !fatal || r.Number(1) != 0).Sum(r => r.Number(2));

        LostDump[] reasons = [.. store.Rows("""
            SELECT COALESCE(outcome_id, ''), CASE WHEN outcome_id IS NULL THEN COALESCE(outcome_reason, '') ELSE '' END AS reason,
              COUNT(DISTINCT machine) AS machines, COUNT(*) AS crashes, MIN(outcome_reason), MIN(input) FROM crashes WHERE outcome = @lost
              GROUP BY 1, 2 ORDER BY machines DESC, crashes DESC, 1, 2
            """, ("lost", (long)DumpOutcome.Lost)).Select(r => new LostDump(r.Text(0), Said(r), r.Number(2), r.Number(3), Fix(store, r.Text(0)),
                store.Rows("SELECT MIN(path) FROM inputs WHERE hash = @hash", ("hash", r.Text(5))).First().Text(0)))];
        return new(Count(DumpOutcome.Saved), Count(DumpOutcome.Incomplete), Count(DumpOutcome.Lost),
            Count(DumpOutcome.NotTold, fatal: true), reasons);
    }

    /// <summary>The catalogue's title, where a finding explains it: numbers and names differ from machine to machine.</summary>
    private static string Said(Row r) => Kdump.Diagnosis.Rules.Entries.Find(r.Text(0))?.Title ??
        (r.Text(4).Length > 0 ? r.Text(4) : "no line shows why");

    private static string? Fix(FleetStore store, string id) => id.Length == 0 ? null : store.Rows("""
        SELECT outcome_fix FROM crashes WHERE outcome_id = @id AND outcome_fix IS NOT NULL GROUP BY outcome_fix ORDER BY COUNT(*) DESC, outcome_fix LIMIT 1
        """, ("id", id)).Select(r => r.Text(0)).FirstOrDefault();
}
