using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>Vectors as a picture, one cell for each, and as a table: who has how many of those that are offered.</summary>
internal static class VectorMap
{
    private const int Colours = 8, Across = 32, MaxCells = 4096, MaxRows = 24;

    /// <param name="verb">The head of the table's numbers: held, needed.</param>
    /// <param name="owners">Those with most first.</param>
    public static void Write(TextWriter html, string verb, IReadOnlyList<(string Owner, int Vectors)> owners, int offered,
        Words words)
    {
        int total = owners.Sum(o => o.Vectors), cells = Math.Min(Math.Max(offered, total), MaxCells);
        html.Write($"<svg class=\"map\" viewBox=\"0 0 {Across * 12} {((cells + Across - 1) / Across) * 12}\" role=\"img\" aria-label=\"" +
            $"{PageFrame.Text(string.Join(", ", owners.Take(Colours).Select(o => $"{o.Owner} {o.Vectors}")))}, " +
            $"{PageFrame.Text(words.Of($"{Math.Max(0, offered - total)} free"))}\">\n");
        int cell = 0;
        for (int i = 0; i < owners.Count; i++)
        {
            for (int n = 0; n < owners[i].Vectors && cell < cells; n++)
                Cell(html, cell++, $" class=\"k{Math.Min(i, Colours - 1)}\"");
        }
        while (cell < cells)
            Cell(html, cell++, "");
        html.Write($"</svg>\n<table><thead><tr><th>{words.Of(verb)}</th><th>{words.Of("by")}</th></tr></thead><tbody>\n");
        for (int i = 0; i < Math.Min(owners.Count, MaxRows); i++)
            html.Write($"<tr class=\"k{Math.Min(i, Colours - 1)}\"><td class=\"figure\"><span class=\"key\" aria-hidden=\"true\">" +
                $"■</span>{owners[i].Vectors}</td><td>{PageFrame.Text(owners[i].Owner)}</td></tr>\n");
        html.Write("</tbody></table>\n");
    }

    private static void Cell(TextWriter html, int at, string attributes) =>
        html.Write($"<rect x=\"{at % Across * 12}\" y=\"{at / Across * 12}\" width=\"10\" height=\"10\"{attributes}/>\n");
}
