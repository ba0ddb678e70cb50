using System.Text;
using System.Text.RegularExpressions;
using Kdump.Cli.Languages;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Catalogue;

/// <summary>src/Kdump.Cli/Languages/zh.po against the English texts that it translates.</summary>
public sealed partial class TranslationTests
{
    public static TheoryData<string> Ids => [.. Entries.All.Select(e => e.Id).Distinct()];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_entry_of_the_catalogue_is_translated(string id)
    {
        string[] missing = [.. Entries.All.Where(e => e.Id == id).SelectMany(Texts).Distinct(StringComparer.Ordinal)
            .Where(t => Chinese.Messages.Exact(id, t) is null)];
        // Printed as it has to stand in zh.po, with the translation still to be written.
        Assert.True(missing.Length == 0, $"src/Kdump.Cli/Languages/zh.po lacks texts of {id}; add:\n" +
            string.Join("\n", missing.Select(t => $"msgctxt \"{id}\"\nmsgid {Quoted(t)}\nmsgstr \"\"\n")));
    }

    [Fact]
    public void No_message_is_for_an_unknown_id_or_stands_there_twice()
    {
        HashSet<string> ids = [.. Entries.All.Select(e => e.Id), ""];
        Assert.Empty(Chinese.Messages.All.Where(m => !ids.Contains(m.Id)).Select(m => m.Id).Distinct());
        Assert.Empty(Chinese.Messages.All.GroupBy(m => (m.Id, m.English)).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void A_translation_has_the_placeholders_and_the_quotations_of_its_original()
    {
        var wrong = new List<string>();
        foreach ((string id, string english, string chinese) in Chinese.Messages.All)
        {
            if (!Template.Placeholders(english).Order().SequenceEqual(Template.Placeholders(chinese).Order()))
                wrong.Add($"{id}: other placeholders in: {chinese}");
            wrong.AddRange(Quotations().Matches(english).Select(q => q.Value).Where(q => !chinese.Contains(q, StringComparison.Ordinal))
                .Select(q => $"{id}: {q} is not in: {chinese}"));
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>Whoever writes a log may fill a quoted line with the marks at which sentences are parted.</summary>
    [Theory]
    [InlineData(": a")]
    [InlineData("; b c")]
    [InlineData(": a; b")]
    [InlineData(", d e")]
    [InlineData(" and f (g")]
    public void A_text_made_of_a_thousand_clauses_stays_as_it_is(string clause)
    {
        string text = "zzz " + string.Concat(Enumerable.Repeat(clause, 1000));
        Assert.Equal(text, new Chinese().Of("", text));
    }

    [Fact]
    public void A_template_takes_the_values_out_of_a_text_it_made()
    {
        foreach ((string id, string english, _) in Chinese.Messages.All.Where(m => Template.Is(m.English)))
        {
            string[] names = [.. Template.Placeholders(english).Distinct()];
            string text = english;
            foreach (string name in names)
                text = text.Replace(name, $"v{Array.IndexOf(names, name)}0", StringComparison.Ordinal);
            Assert.True(new Template(english, english).Values(text) is { } values && new Template(english, english).Fill(values) == text,
                $"{id}: {english}");
        }
    }

    /// <summary>A message whose original was changed or deleted would never be used again.</summary>
    [Fact]
    public void Every_message_translates_a_text_that_the_sources_have()
    {
        HashSet<string> known = [.. Entries.All.SelectMany(Texts), .. Entries.All.OfType<Family>().SelectMany(Tellings)];
        string sources = Sources();
        string[] gone = [.. Chinese.Messages.All.Where(m => !known.Contains(m.English))
            .Where(m => !Says(sources, m.English)).Select(m => $"{m.Id}: {m.English}")];
        Assert.True(gone.Length == 0, "nothing in src says:\n" + string.Join("\n", gone));
    }

    private static IEnumerable<string> Texts(Entry entry) =>
        entry.Fixes.SelectMany(f => new[] { f.Text, f.Risk }).Prepend(entry.Cause).Prepend(entry.Title).OfType<string>();

    private static IEnumerable<string> Tellings(Family family) => family.Tellings.SelectMany(t =>
        (t.Fixes ?? []).SelectMany(f => new[] { f.Text, f.Risk }).Prepend(t.Why).Prepend(t.Title)).OfType<string>();

    /// <summary>
    /// Whether the sources have this text: at least two thirds of its fixed characters, since a report joins some texts from several, as
    /// where it chooses between singular and plural, or puts a kind in brackets behind a name.
    /// </summary>
    private static bool Says(string sources, string english)
    {
        int unsaid = 0, all = 0;
        foreach (string piece in Placeholder().Split(english).Select(p => p.Trim(' ', '(', ')')).Where(p => p.Length > 0))
        {
            all += piece.Length;
            unsaid += sources.Contains(piece, StringComparison.Ordinal) ? 0 : Unsaid(sources, piece);
        }
        return unsaid * 3 <= all;
    }

    /// <summary>The characters of the words that are in no longer text of the sources.</summary>
    private static int Unsaid(string sources, string text)
    {
        int unsaid = 0;
        for (int at = 0; at < text.Length;)
        {
            int known = 0, left = text.Length - at;
            while (known < left && (sources.Contains(text[at..(at + known + 1)], StringComparison.Ordinal) ||
                sources.Contains(Turned(text[at..(at + known + 1)]), StringComparison.Ordinal)))
                known++;
            if (known < Math.Min(left, 8))
            {
                known = text.IndexOf(' ', at) is >= 0 and var space ? space + 1 - at : left;
                unsaid += known;
            }
            at += known;
        }
        return unsaid;
    }

    private static string Turned(string text) =>
        (char.IsAsciiLetterUpper(text[0]) ? char.ToLowerInvariant(text[0]) : char.ToUpperInvariant(text[0])) + text[1..];

    /// <summary>All texts of the sources, those that stand on several lines joined.</summary>
    private static string Sources()
    {
        var all = new StringBuilder();
        foreach (string file in Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
            all.AppendLine(File.ReadAllText(file));
        return Joint().Replace(all.ToString(), "").Replace("\\\"", "\"", StringComparison.Ordinal);
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Commands, parameters, settings and paths: they are the same in every language.</summary>
    [GeneratedRegex(@"`[^`]+`|[A-Z][A-Z0-9]*_[A-Z0-9_]+=?|\b[a-z_]+\.[a-z_]+=\w*|/(?:etc|proc|sys|dev|boot|var)/[\w./-]*\w")]
    private static partial Regex Quotations();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("""(?<!\\)"\s*\+\s*\$?"(?!")""")]
    private static partial Regex Joint();
}
