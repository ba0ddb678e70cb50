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

    /// <summary>One more part of the location.</summary>
    internal void AddPlace(string part, Source source)
    {
        if (Lines.Count >= MaxLines)
            return;
        fields["location"] = fields.TryGetValue("location", out string? before) ? $"{before} {part}" : part;
        Lines.Add(source);
    }

    /// <summary>One more flag.</summary>
    internal void AddState(string state, Source source)
    {
        if (Lines.Count >= MaxLines)
            return;
        fields["state"] = fields.TryGetValue("state", out string? before) ? $"{before}; {state}" : state;
        Lines.Add(source);
    }

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
            Begin(number, said["event severity: ".Length..], line, facts);
            return true;
        }
        // Before 3.13: "severity: 2, corrected", and "section: 1, severity: 2, corrected" for each part.
        if (said.StartsWith("severity: ", StringComparison.Ordinal) && said.IndexOf(", ", StringComparison.Ordinal) is > 0 and var comma &&
            !open.ContainsKey(number))
        {
            Begin(number, said[(comma + 2)..], line, facts);
            return true;
        }
        if (!open.TryGetValue(number, out CperError? report))
            return false;
        ReadOnlySpan<char> severity = Part(said);
        if (severity.Length > 0)
        {
            // A second part of the same report is an error of its own.
            if (report.Section.Length > 0)
                Begin(number, severity, line, facts);
            return true;
        }
        if (said.StartsWith("node:", StringComparison.Ordinal) || said.StartsWith("card:", StringComparison.Ordinal))
            report.AddPlace(said.ToString(), line.ToSource());
        else if (report.Section.StartsWith("memory", StringComparison.Ordinal) && Array.IndexOf(OldPlace, said[..Math.Max(colon,
            0)].ToString()) >= 0)
            report.AddPlace(said.ToString(), line.ToSource());
        else if (said.StartsWith("the error has ", StringComparison.Ordinal))
            report.Add("outcome", said.ToString(), line.ToSource());
        else if (Array.IndexOf(States, said.ToString()) >= 0)
            report.AddState(said.ToString(), line.ToSource());
        else if (colon <= 0)
            return false;
        else
            report.Add(said[..colon].Trim().ToString(), said[(colon + 2)..].Trim().ToString(), line.ToSource());
        return true;
    }

    /// <summary>Flags that a processor's section prints without a name (drivers/firmware/efi/cper-arm.c).</summary>
    private static readonly string[] States =
    [
        "processor context corrupted", "overflow occurred, error info is incomplete", "propagated error captured", "PC is imprecise",
        "first error captured", "last error captured",
    ];

    /// <summary>What kernels before 3.13 print on lines of their own.</summary>
    private static readonly string[] OldPlace = ["node", "card", "module", "rank", "bank", "device", "row", "column"];

    private void Begin(string number, ReadOnlySpan<char> severity, in TextLine line, Facts facts)
    {
        if (open.Count > 256)
            open.Clear();
        // A report in a kernel's first seconds is one that firmware had kept from before.
        bool kept = (bert && number.Length == 0) || line.Kernel.Time is < 5;
        var error = new CperError(line.ToSource(), severity.ToString(), kept)
        {
            Number = number.Length > 1 && int.TryParse(number.AsSpan(1, number.Length - 2), out int count) ? count : 0,
        };
        open[number] = error;
        error.Lines.Add(error.Source);
        facts.Add(error);
    }

    /// <summary><c>Error 1, type: corrected</c>, <c>section: 1, severity: 2, corrected</c>: the severity of a report's part.</summary>
    private static ReadOnlySpan<char> Part(ReadOnlySpan<char> said)
    {
        var c = new TextCursor(said);
        if (c.Skip("Error ") && c.Number(out _) && c.Skip(", type: "))
            return c.Rest;
        c = new TextCursor(said);
        return c.Skip("section: ") && c.Number(out _) && c.Skip(", severity: ") && c.Number(out _) && c.Skip(", ") ? c.Rest : default;
    }
}
