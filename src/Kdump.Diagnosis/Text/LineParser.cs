namespace Kdump.Diagnosis.Text;

/// <summary>
/// Reads one form of text out of a stream of lines. Every parser sees every line, because people paste tables, traces and listings into
/// one file; it reads the lines of its format, skips the rest and never throws.
/// </summary>
public abstract class LineParser
{
    /// <summary>The name of a file that consists mostly of this form: <c>console log</c>, <c>/proc/interrupts</c> …</summary>
    public abstract string Kind { get; }

    /// <summary>True when the line is of this form (facts may follow later, when a table is complete).</summary>
    public abstract bool Line(in TextLine line, Facts facts);

    /// <summary>Signs: every line that the idle parser accepts contains one of these texts; null: it must see every line.</summary>
    public virtual IReadOnlyList<string>? Signs => null;

    /// <summary>The parser is inside a record of several lines: it gets the next line even where that has none of its signs.</summary>
    public virtual bool Busy => false;

    /// <summary>Called for a line without any of its signs while the parser is busy. True as for <see cref="Line"/>.</summary>
    public virtual bool Within(in TextLine line, Facts facts) => Line(line, facts);

    /// <summary>True if <see cref="Pass"/> must be called.</summary>
    public virtual bool SeesAll => false;

    /// <summary>
    /// Called for a line without any of its signs while the parser is idle; it should do little. True as for <see cref="Line"/>.
    /// </summary>
    public virtual bool Pass(in TextLine line, Facts facts) => false;

    /// <summary>The end of the input: yields records that were waiting for more lines.</summary>
    public virtual void End(Facts facts) { }
}
