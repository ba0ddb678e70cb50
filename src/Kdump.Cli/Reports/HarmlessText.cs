using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt log --harmless</c>: the messages in this log that look like problems but are harmless, with the reason.</summary>
internal static class HarmlessText
{
    public static void Write(TextWriter output, Facts facts)
    {
        IReadOnlyList<HarmlessLines> all = facts.Of<HarmlessLines>();
        output.WriteLine();
        output.WriteLine(all.Count == 0 ? "harmless: no line of this log is in the list" : "harmless, never reported as a problem:");
        foreach (HarmlessLines lines in all.OrderBy(h => h.Source.Line))
        {
            output.WriteLine($"  {Printable.Escape(lines.Source.Place)}: {Printable.Escape(lines.Source.Text.Trim())}");
            string many = lines.Count == 1 ? "" : $"{lines.Count} such lines. ";
            output.WriteLine($"      {many}{lines.Message.Why} ({lines.Message.Origin})");
        }
    }
}
