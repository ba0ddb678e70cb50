namespace Kdump.Diagnosis.Reports;

/// <summary>A verdict, and the facts that a report shows beside it, with stand-ins for what identifies a machine.</summary>
/// <param name="names">The stand-ins of this answer.</param>
/// <param name="path">The stand-in for the path of an input.</param>
/// <param name="line">A text without the secrets that it may hold.</param>
/// <param name="secrets">The secrets that a text holds.</param>
public sealed class RedactedVerdict(StandIns names, Func<string, string> path, Func<string, string> line,
    Func<string, IEnumerable<string>> secrets)
{
    /// <summary>Equal sources stay equal: reports look for a finding by its line.</summary>
    private readonly Dictionary<Source, Source> sources = [];

    /// <summary>Learns the names that a verdict's lines have in them; before any text is replaced.</summary>
    public void Read(Verdict verdict, Facts facts)
    {
        foreach (Source source in facts.All.Select(f => f.Source).Concat(verdict.Findings.SelectMany(f => f.Evidence))
            .Concat(verdict.Unknowns.SelectMany(u => u.Evidence)))
        {
            names.Hide(secrets(source.Text), "***");
            names.Read(line(source.Text));
        }
    }

    /// <summary>The same facts, quoted with stand-ins.</summary>
    public Facts Of(Facts facts) => facts.With(Of);

    /// <summary>The same verdict with stand-ins in all of its texts.</summary>
    public Verdict Of(Verdict verdict) => verdict with
    {
        Headline = Said(verdict.Headline),
        RootCauses = [.. verdict.RootCauses.Select(Of)],
        Findings = [.. verdict.Findings.Select(Of)],
        Chain = [.. verdict.Chain.Select(Of)],
        Unknowns = [.. verdict.Unknowns.Select(u => new Unknown(Said(u.Question), Said(u.Settle))
        {
            Evidence = [.. u.Evidence.Select(Of)],
        })],
        Faults = [.. verdict.Faults.Select(f => f with { Source = Of(f.Source) })],
    };

    private Finding Of(Finding f) => f with
    {
        Title = Said(f.Title), Why = Said(f.Why), Subject = Subject(f.Subject),
        Impact = f.Impact is null ? null : Said(f.Impact),
        Evidence = [.. f.Evidence.Select(Of)],
        CausedBy = [.. f.CausedBy.Select(c => c with { Subject = Subject(c.Subject) })],
        Reckoning = [.. f.Reckoning.Select(r => r.Note is null ? r : r with { Note = Said(r.Note) })],
        Memory = f.Memory is null ? null : f.Memory with { Place = Said(f.Memory.Place), First = Said(f.Memory.First),
            Last = Said(f.Memory.Last) },
        Fixes = [.. f.Fixes.Select(x => x with { Text = Said(x.Text), Command = x.Command is null ? null : Said(x.Command),
            Undo = x.Undo is null ? null : Said(x.Undo), Usual = x.Usual is { } u ? (Said(u.Text), u.Setting) : null })],
    };

    /// <summary>Our own texts quote lines, and with them what those hold.</summary>
    private string Said(string text) => names.Of(line(text));

    private string? Subject(string? subject) => subject is null ? null : Said(subject);

    private Source Of(Source source)
    {
        if (sources.TryGetValue(source, out Source? known))
            return known;
        return sources[source] = source with { Input = path(source.Input), Text = Said(source.Text),
            Bare = source.Bare is null ? null : Said(source.Bare) };
    }
}
