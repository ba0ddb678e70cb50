using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// One hardware error that firmware reported (APEI: GHES while running, BERT from the boot before), as the kernel prints it:
/// drivers/firmware/efi/cper.c; UEFI specification, appendix N.
/// </summary>
/// <param name="Severity">corrected, recoverable, fatal, info.</param>
public sealed record CperError(Source Source, string Severity, bool PreviousBoot) : Fact(Source)
{
    /// <summary>Lines kept of one report.</summary>
    private const int MaxLines = 40;

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);

    /// <summary><c>memory error</c>, <c>PCIe error</c>, <c>processor error</c> …</summary>
    public string Section => fields.GetValueOrDefault("section_type", "");

    /// <summary>The number in braces: how many reports there were since the kernel started, this one included; 0 where there is
    /// none.</summary>
    public int Number { get; init; }

    public string? this[string field] => fields.GetValueOrDefault(field);

    public List<Source> Lines { get; } = [];

    internal void Add(string name, string value, Source source)
    {
        if (Lines.Count >= MaxLines)
            return;
        fields.TryAdd(name, value);
        Lines.Add(source);
    }
}

/// <summary>
/// Reads CPER reports: <c>{7}[Hardware Error]:   section_type: memory error</c>, the number in braces holding a report together.
/// </summary>
public sealed class Cper : LineParser
{
    private readonly Dictionary<string, CperError> open = new(StringComparer.Ordinal);
    private bool bert;

    public override string Kind => "hardware error report";

    public override IReadOnlyList<string> Signs => ["[Hardware Error]: ", "BERT: Error records"];

    public override bool Line(in TextLine line, Facts facts)
    {
        int tag = line.Text.IndexOf("[Hardware Error]: ", StringComparison.Ordinal);
        if (tag < 0)
        {
            if (line.Text.Contains("BERT: Error records from previous boot", StringComparison.Ordinal))
                bert = true;
            return false;
        }
        string number = tag > 0 && line.Text[tag - 1] == '}' && line.Text[..tag].LastIndexOf('{') is >= 0 and var brace
            ? line.Text[brace..tag].ToString() : "";
        ReadOnlySpan<char> said = line.Text[(tag + "[Hardware Error]: ".Length)..].Trim();
        int colon = said.IndexOf(": ", StringComparison.Ordinal);
        if (said.StartsWith("Hardware error from APEI", StringComparison.Ordinal))
        {
            open.Remove(number);
            return number.Length > 0;
        }
        if (said.StartsWith("event severity: ", StringComparison.Ordinal))
        {
            if (open.Count > 256)
                open.Clear();
            // A report in a kernel's first seconds is one that firmware had kept from before.
            bool kept = bert || line.Kernel.Time is < 5;
            var error = new CperError(line.ToSource(), said["event severity: ".Length..].ToString(), kept)
            {
                Number = number.Length > 1 && int.TryParse(number.AsSpan(1, number.Length - 2), out int count) ? count : 0,
            };
            open[number] = error;
            error.Lines.Add(error.Source);
            facts.Add(error);
            return true;
        }
        if (!open.TryGetValue(number, out CperError? report))
            return false;
        if (said.StartsWith("node:", StringComparison.Ordinal) || said.StartsWith("card:", StringComparison.Ordinal))
            report.Add("location", said.ToString(), line.ToSource());
        else if (said.StartsWith("the error has ", StringComparison.Ordinal))
            report.Add("outcome", said.ToString(), line.ToSource());
        else if (colon <= 0)
            return false;
        else
            report.Add(said[..colon].Trim().ToString(), said[(colon + 2)..].Trim().ToString(), line.ToSource());
        return true;
    }
}
