using System.Text.RegularExpressions;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Field;

/// <summary>
/// What is left of English sentences in an answer in Chinese: four words in a row that are neither quoted nor the kernel's own. Names,
/// commands and evidence are the same in every language.
/// </summary>
internal static partial class EnglishLeft
{
    /// <summary>The texts of an answer that a person reads, each with the id of its finding.</summary>
    public static IEnumerable<(string Id, string Text)> Texts(Verdict verdict) =>
    [
        ("", verdict.Headline),
        .. verdict.Findings.SelectMany(f => new[] { f.Title, f.Why, f.Impact }.Concat(f.Reckoning.SelectMany(r => new[] { r.What, r.Note }))
            .Concat(f.Fixes.SelectMany(x => new[] { x.Text, x.Risk })).OfType<string>().Select(t => (f.Id, t))),
        .. verdict.Unknowns.SelectMany(u => new[] { u.Question, u.Settle }).Select(t => ("", t)),
    ];

    /// <summary>The English sentences in this text; what a line of evidence has is the kernel's or a program's.</summary>
    public static IEnumerable<string> In(string text, Verdict verdict) =>
        Chinese().Split(Quoted().Replace(text, "。")).Where(p => Words().IsMatch(p)).Select(p => p.Trim(Around))
            .Where(p => !p.StartsWith("BUG: ", StringComparison.Ordinal) && !verdict.Findings.SelectMany(f => f.Evidence)
                .Concat(verdict.Unknowns.SelectMany(u => u.Evidence)).Any(e => e.Text.Contains(p, StringComparison.Ordinal)));

    private static readonly char[] Around = [' ', '.', ',', ':', ';', '(', ')', '"', '\''];

    [GeneratedRegex("«[^»]*»|`[^`]*`|\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")]
    private static partial Regex Chinese();

    [GeneratedRegex(@"(?:(?<![\w./=-])[A-Za-z][a-z']+[,:;.]? ){3,}[a-z']{2,}(?![\w./=-])")]
    private static partial Regex Words();
}
