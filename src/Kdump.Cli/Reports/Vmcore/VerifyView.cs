using Kdump.Diagnosis;
using Kdump.Formats.Dumps;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore verify</c>.</summary>
internal static class VerifyView
{
    public static void Text(Context context, Dump dump, VerificationResult result)
    {
        TextWriter output = context.Output;
        output.WriteLine($"{result.Counts.Present} pages read, {result.Counts.Excluded} left out on purpose, {result.Counts.Damaged} damaged");
        foreach (DamagedRange range in result.Damaged)
            output.WriteLine($"  PFN 0x{range.First}..0x{new Formats.Bytes.Pfn(range.End.Value - 1)}: {Printable.Escape(range.Why.ToString())}");
        if (result.RangesLeftOut > 0)
            output.WriteLine($"  and {result.RangesLeftOut} more ranges");
        if (dump.Incomplete)
            output.WriteLine("the program that wrote the dump says that it did not finish");
    }

    public static void Json(TextWriter output, Dump dump, VerificationResult result) => JsonText.Write(output, "kdt.vmcore.verify/1", json =>
    {
        json.WriteStartObject("pages");
        json.WriteNumber("read", result.Counts.Present);
        json.WriteNumber("excluded", result.Counts.Excluded);
        json.WriteNumber("damaged", result.Counts.Damaged);
        json.WriteEndObject();
        json.WriteBoolean("incomplete", dump.Incomplete);
        json.WriteStartArray("damaged");
        foreach (DamagedRange range in result.Damaged)
        {
            json.WriteStartObject();
            json.WriteString("firstPfn", $"0x{range.First}");
            json.WriteString("endPfn", $"0x{range.End}");
            json.WriteString("why", range.Why.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("rangesLeftOut", result.RangesLeftOut);
    });
}
