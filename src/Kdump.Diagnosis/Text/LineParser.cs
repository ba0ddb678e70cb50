namespace Kdump.Diagnosis.Text;

/// <summary>
/// Reads one form of text out of a stream of lines. Every parser sees every line, because people paste tables, traces and listings into
/// one file; it takes what is its own, skips the rest and never throws.
/// </summary>
public abstract class LineParser
{
    /// <summary>What a file that is mostly this is called: <c>console log</c>, <c>/proc/interrupts</c> …</summary>
    public abstract string Kind { get; }

    /// <summary>True when the line is of this form (facts may follow later, when a table is complete).</summary>
    public abstract bool Line(in TextLine line, Facts facts);

    /// <summary>Texts one of which stands in every line that it takes while it is idle; null: it looks at every line itself.</summary>
    public virtual IReadOnlyList<string>? Signs => null;

    /// <summary>The parser is inside a record of several lines: it gets the next line even where that has none of its signs.</summary>
    public virtual bool Busy => false;

    /// <summary>A line without any of its signs while it is busy. True as for <see cref="Line"/>.</summary>
    public virtual bool Within(in TextLine line, Facts facts) => Line(line, facts);

    /// <summary>It wants <see cref="Pass"/> to be called.</summary>
    public virtual bool SeesAll => false;

    /// <summary>
    /// A line without any of its signs goes by while it is idle: what little there is to do. True as for <see cref="Line"/>.
    /// </summary>
    public virtual bool Pass(in TextLine line, Facts facts) => false;

    /// <summary>The input ended: yields what was waiting for more lines.</summary>
    public virtual void End(Facts facts) { }
}
