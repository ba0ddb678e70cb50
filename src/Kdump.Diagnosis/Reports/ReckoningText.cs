namespace Kdump.Diagnosis.Reports;

/// <summary>The numbers of a finding as a small table for a person: the numbers one below the other, each with its words.</summary>
public static class ReckoningText
{
    public static IEnumerable<(string Figure, string Words)> Rows(IReadOnlyList<Reckoned> rows)
    {
        int width = rows.Count == 0 ? 0 : rows.Max(r => r.Figure.Length);
        foreach (Reckoned row in rows)
            yield return (row.Figure.PadLeft(width), row.Note is null ? row.What : $"{row.What} ({row.Note})");
    }
}
