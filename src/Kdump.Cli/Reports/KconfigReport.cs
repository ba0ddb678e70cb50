using Kdump.Diagnosis.Kconfig;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Reports;

/// <summary>Differences of two kernel configs.</summary>
internal static class KconfigReport
{
    /// <summary>Options below this weight are counted but not shown.</summary>
    private const int Shown = 20;

    /// <param name="options">How many were compared.</param>
    public static void WriteText(TextWriter output, IReadOnlyList<KconfigChange> changes, int options, bool all)
    {
        if (changes.Count == 0)
        {
            output.WriteLine($"the two configs are the same: {Counted.Of(options, "option")}");
            return;
        }
        int hidden = 0;
        foreach (KconfigChange c in changes)
        {
            if (c.Weight < Shown && !all)
            {
                hidden++;
                continue;
            }
            output.WriteLine(Printable.Escape($"{c.Option}: {Cut(c.Before)} -> {Cut(c.After)}  [{c.Area}]"));
            if (c.Why.Length > 0)
                output.WriteLine("    " + c.Why);
        }
        if (hidden > 0)
            output.WriteLine($"{Counted.Of(hidden, "more difference")} with little relevance to booting, DMA or dumps (--all shows them)");
    }

    public static void WriteJson(TextWriter output, string a, string b, IReadOnlyList<KconfigChange> changes) =>
        JsonText.Write(output, "kdt.kconfig.diff/1", json =>
    {
        json.WriteString("a", a);
        json.WriteString("b", b);
        json.WriteStartArray("changes");
        foreach (KconfigChange c in changes)
        {
            json.WriteStartObject();
            json.WriteString("option", c.Option);
            json.WriteString("a", c.Before);
            json.WriteString("b", c.After);
            json.WriteString("area", c.Area);
            json.WriteNumber("weight", c.Weight);
            json.WriteString("why", c.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static string Cut(string value) => value.Length > 60 ? value[..60] + "…" : value;
}
