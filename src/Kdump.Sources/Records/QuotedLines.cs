using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Cases;

namespace Kdump.Sources.Records;

/// <summary>Lines of a kernel that another program of the machine wrote into its log.</summary>
/// <param name="Last">The number of the last of them.</param>
/// <param name="Host">Of the machine on which the program ran; null: the line does not tell.</param>
internal sealed record QuotedRun(Source Source, long Last, string? Host) : Fact(Source);

/// <summary>
/// Finds what programs quote: an agent that prints a log, a receiver of consoles. Whose kernel that was, such a line does not tell.
/// </summary>
internal sealed class QuotedLines : LineParser
{
    /// <summary>The most runs of one log that are kept.</summary>
    private const int MaxRuns = 4096;

    private Source? first;
    private string? writer;
    private long last;
    private int runs;

    public override string Kind => "log";

    /// <summary>Every line is looked at, and none is taken.</summary>
    public override bool Line(in TextLine line, Facts facts)
    {
        string? host = null;
        // Nobody takes what is known as another program's for a kernel's.
        bool quoted = !line.Kernel.Foreign && !line.Text.IsEmpty && IsQuoted(line, out host);
        if (first is not null && (!quoted || host != writer))
            Close(facts);
        if (quoted)
        {
            if (first is null)
                (first, writer) = (line.ToSource(), host);
            last = line.Number;
        }
        return false;
    }

    public override void End(Facts facts)
    {
        if (first is not null)
            Close(facts);
        runs = 0;
    }

    /// <summary>A line of the machine's log, that its kernel did not write.</summary>
    /// <param name="host">The machine's name; a line that names another host within is of that one.</param>
    public static bool Has(Facts facts, Source line, string host) => facts.Of<QuotedRun>().Any(r => r.Source.Input == line.Input &&
        line.Line >= r.Source.Line && line.Line <= r.Last &&
        (r.Host is null || FirstOf(r.Host).Equals(FirstOf(host), StringComparison.OrdinalIgnoreCase)));

    private static bool IsQuoted(in TextLine line, out string? host)
    {
        host = null;
        if (IsOfRecord(line.Raw))
            return !line.Text.Contains("kernel: ", StringComparison.Ordinal);
        ReadOnlySpan<char> named = HostColumn.Of(line.Raw, out bool? ofKernel);
        if (ofKernel != false || named.IsEmpty)
            return false;
        host = named.ToString();
        return true;
    }

    /// <summary>The message of a record in the journal's export, verbose and pretty forms.</summary>
    private static bool IsOfRecord(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> field = text.TrimStart(" \t");
        return field.StartsWith("MESSAGE=", StringComparison.Ordinal) || field.StartsWith("\"MESSAGE\"", StringComparison.Ordinal);
    }

    private static ReadOnlySpan<char> FirstOf(ReadOnlySpan<char> host) => host.IndexOf('.') is > 0 and var dot ? host[..dot] : host;

    private void Close(Facts facts)
    {
        if (runs++ < MaxRuns)
            facts.Add(new QuotedRun(first!, last, writer));
        first = null;
    }
}
