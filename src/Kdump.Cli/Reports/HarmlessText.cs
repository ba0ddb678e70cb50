using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt log --harmless</c>: what sounds like trouble in this log and is none, each with why.</summary>
internal static class HarmlessText
{
    public static void Write(TextWriter output, Facts facts)
    {
        IReadOnlyList<HarmlessLines> all = facts.Of<HarmlessLines>();
        output.WriteLine();
        output.WriteLine(all.Count == 0 ? "harmless: no line that is in the list" : "harmless, never counted as trouble:");
        foreach (HarmlessLines lines in all.OrderBy(h => h.Source.Line))
        {
            output.WriteLine($"  {Printable.Escape(lines.Source.Place)}: {Printable.Escape(lines.Source.Text.Trim())}");
            string many = lines.Count == 1 ? "" : $"{lines.Count} lines like it. ";
            output.WriteLine($"      {many}{lines.Message.Why} ({lines.Message.Origin})");
        }
    }
}
