using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Diagnosis.Rules;

/// <summary>Every entry of the catalogue: those of rules written by hand, and the failures that lines of a log prove.</summary>
public static class Entries
{
    public static readonly IReadOnlyList<Entry> All =
    [
        .. RuleBook.All.Concat(HostRuleBook.Own).Concat(ImageRuleBook.All).Select(rule => rule.Entry).OfType<Entry>()
            .OrderBy(entry => entry.Area),
        .. FailureBook.All,
        .. FamilyBook.All,
    ];

    public static Entry? Find(string id) => All.FirstOrDefault(e => e.Id == id);

    /// <summary>Entries whose id, title or signature holds the words: the search for a user who has a log line and no id.</summary>
    public static IReadOnlyList<Entry> Near(string words)
    {
        return [.. All.Where(e => Has(e.Id) || Has(e.Title) || e.Signature.Any(Has))];

        bool Has(string text) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
