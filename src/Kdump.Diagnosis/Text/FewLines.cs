namespace Kdump.Diagnosis.Text;

/// <summary>Parsers of single lines that are rare, as one: <see cref="LineParsers"/> has room for so many and no more.</summary>
/// <param name="parts">Without records of several lines; all of one kind.</param>
public sealed class FewLines(params LineParser[] parts) : LineParser
{
    public override string Kind => parts[0].Kind;

    public override IReadOnlyList<string> Signs { get; } = [.. parts.SelectMany(p => p.Signs!)];

    public override bool Line(in TextLine line, Facts facts)
    {
        foreach (LineParser part in parts)
        {
            foreach (string sign in part.Signs!)
            {
                if (line.Text.Contains(sign, StringComparison.Ordinal))
                    return part.Line(line, facts);
            }
        }
        return false;
    }

    public override void End(Facts facts)
    {
        foreach (LineParser part in parts)
            part.End(facts);
    }
}
