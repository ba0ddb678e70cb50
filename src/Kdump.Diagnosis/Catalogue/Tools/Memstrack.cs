using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// The memory that a kernel module uses, as memstrack prints it: <c>Module qed using 149.6MB (2394 pages), peak allocation …</c>
/// </summary>
public sealed record ModuleMemory(Source Source, string Module, double Megabytes) : Fact(Source);

/// <summary>Reads memstrack's summaries, which dracut's module of that name prints in a crash kernel (rd.memdebug).</summary>
public sealed class Memstrack : LineParser
{
    public override string Kind => "memstrack report";

    public override IReadOnlyList<string> Signs => ["MB (", "Report format module_summary"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.SkipPast("Module ") || !c.Before(" using ", out ReadOnlySpan<char> module) || module.Contains(' ') || module.Length > 64 ||
            !c.Before("MB (", out ReadOnlySpan<char> size) || size.Length > 12 ||
            !double.TryParse(size, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double megabytes))
            return line.Text.Contains("Report format module_summary", StringComparison.Ordinal);
        facts.Add(new ModuleMemory(line.ToSource(), module.ToString(), megabytes));
        return true;
    }
}
