using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;

namespace Kdump.Cli.Languages;

/// <summary>Reports in Chinese: the table is zh.po, read when the first text is asked for.</summary>
internal sealed class Chinese : Words
{
    private static readonly Lazy<Messages> Table = new(() => Messages.OfResource("zh.po.gz"));
    private static readonly Dictionary<string, string> NoTitles = [];

    /// <summary>The table, for tests.</summary>
    internal static Messages Messages => Table.Value;

    public override string Tag => "zh";

    public override string Of(string english) => Of("", english);

    public override string Of(string id, string english) => new Phrases(Table.Value, NoTitles).Of(id, english);

    public override Verdict Of(Verdict verdict)
    {
        var plain = new Phrases(Table.Value, NoTitles);
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Finding finding in verdict.Findings.Concat(verdict.Chain).Concat(verdict.RootCauses))
            titles.TryAdd(finding.Title, Title(plain, finding));
        var phrases = new Phrases(Table.Value, titles);
        // Not a copy of the verdict: it may have kept the English findings for EffectsOf.
        return new(Headline(verdict, phrases, titles), [.. verdict.RootCauses.Select(Said)], [.. verdict.Findings.Select(Said)],
            [.. verdict.Unknowns.Select(u => u with { Question = phrases.Of("", u.Question), Settle = phrases.Of("", u.Settle) })])
        {
            Chain = [.. verdict.Chain.Select(Said)], Faults = verdict.Faults,
        };

        Finding Said(Finding f) => f with
        {
            Title = titles[f.Title],
            Why = phrases.Of(f.Id, f.Why),
            Impact = f.Impact is null ? null : phrases.Of(f.Id, f.Impact),
            Reckoning =
            [
                .. f.Reckoning.Select(r => r with { What = phrases.Of(f.Id, r.What),
                    Note = r.Note is null ? null : phrases.Of(f.Id, r.Note) }),
            ],
            Fixes =
            [
                .. f.Fixes.Select(x => x with { Text = Sentence(phrases, f.Id, x),
                    Risk = x.Risk is null ? null : phrases.Of(f.Id, x.Risk) }),
            ],
        };
    }

    /// <summary>A sentence with one distribution's setting has no translation: that of the usual sentence, and the setting.</summary>
    private static string Sentence(Phrases phrases, string id, Fix fix) =>
        fix.Usual is { } usual && phrases.Whole(id, fix.Text) is null ? $"{phrases.Of(id, usual.Text)}（{usual.Setting}）"
            : phrases.Of(id, fix.Text);

    /// <summary>
    /// By the title's own translation or template; otherwise the catalogue's title for this id, and behind it the English title, which has
    /// the names and numbers of this case.
    /// </summary>
    private static string Title(Phrases phrases, Finding finding)
    {
        string title = phrases.Of(finding.Id, finding.Title);
        if (title != finding.Title || Entries.Find(finding.Id) is not { } entry ||
            phrases.Whole(finding.Id, entry.Title) is not { } general)
            return title;
        foreach (string placeholder in Template.Placeholders(general))
            general = general.Replace(placeholder, "…", StringComparison.Ordinal);
        return $"{general}：{finding.Title}";
    }

    /// <summary>The chain's titles, each with the number of others beside it; a headline without chain is a sentence.</summary>
    private static string Headline(Verdict verdict, Phrases phrases, Dictionary<string, string> titles)
    {
        var steps = new List<string>();
        ReadOnlySpan<char> left = verdict.Headline;
        foreach (Finding finding in verdict.Chain)
        {
            if (steps.Count > 0 && left.StartsWith(" -> "))
                left = left[" -> ".Length..];
            if (!left.StartsWith(finding.Title))
                return phrases.Of("", verdict.Headline);
            left = left[finding.Title.Length..];
            int more = left.StartsWith(" (and ") ? left.IndexOf(')') + 1 : 0;
            steps.Add(titles[finding.Title] + (more == 0 ? "" : phrases.Of("", left[1..more].ToString())));
            left = left[more..];
        }
        if (steps.Count == 0 || (!left.IsEmpty && !left.StartsWith(" (if ")))
            return phrases.Of("", verdict.Headline);
        // What the chain takes for granted.
        return string.Join(" -> ", steps) + (left.IsEmpty ? "" : phrases.Of("", left[1..].ToString()));
    }
}
