namespace Kdump.Diagnosis.Reports;

/// <summary>A verdict, and the facts that a report shows beside it, with stand-ins for what identifies a machine.</summary>
/// <param name="names">The stand-ins of this answer.</param>
/// <param name="path">The stand-in for the path of an input.</param>
/// <param name="line">A line of an input without the secrets that it may hold.</param>
public sealed class RedactedVerdict(StandIns names, Func<string, string> path, Func<string, string> line)
{
    /// <summary>Equal sources stay equal: reports look for a finding by its line.</summary>
    private readonly Dictionary<Source, Source> sources = [];

    /// <summary>Learns the names that a verdict's lines have in them; before any text is replaced.</summary>
    public void Read(Verdict verdict, Facts facts)
    {
        foreach (Source source in facts.All.Select(f => f.Source).Concat(verdict.Findings.SelectMany(f => f.Evidence))
            .Concat(verdict.Unknowns.SelectMany(u => u.Evidence)))
            names.Read(source.Text);
    }

    /// <summary>The same facts, quoted with stand-ins.</summary>
    public Facts Of(Facts facts) => facts.With(Of);

    /// <summary>The same verdict with stand-ins in all of its texts.</summary>
    public Verdict Of(Verdict verdict) => verdict with
    {
        Headline = names.Of(verdict.Headline),
        RootCauses = [.. verdict.RootCauses.Select(Of)],
        Findings = [.. verdict.Findings.Select(Of)],
        Chain = [.. verdict.Chain.Select(Of)],
        Unknowns = [.. verdict.Unknowns.Select(u => new Unknown(names.Of(u.Question), names.Of(u.Settle))
        {
            Evidence = [.. u.Evidence.Select(Of)],
        })],
        Faults = [.. verdict.Faults.Select(f => f with { Source = Of(f.Source) })],
    };

    private Finding Of(Finding f) => f with
    {
        Title = names.Of(f.Title), Why = names.Of(f.Why), Subject = Subject(f.Subject),
        Impact = f.Impact is null ? null : names.Of(f.Impact),
        Evidence = [.. f.Evidence.Select(Of)],
        CausedBy = [.. f.CausedBy.Select(c => c with { Subject = Subject(c.Subject) })],
        Reckoning = [.. f.Reckoning.Select(r => r.Note is null ? r : r with { Note = names.Of(r.Note) })],
        Memory = f.Memory is null ? null : f.Memory with { Place = names.Of(f.Memory.Place), First = names.Of(f.Memory.First),
            Last = names.Of(f.Memory.Last) },
        Fixes = [.. f.Fixes.Select(x => x with { Text = names.Of(x.Text), Command = x.Command is null ? null : names.Of(x.Command),
            Undo = x.Undo is null ? null : names.Of(x.Undo) })],
    };

    private string? Subject(string? subject) => subject is null ? null : names.Of(subject);

    private Source Of(Source source)
    {
        if (sources.TryGetValue(source, out Source? known))
            return known;
        return sources[source] = source with { Input = path(source.Input), Text = names.Of(line(source.Text)),
            Bare = source.Bare is null ? null : names.Of(line(source.Bare)) };
    }
}
