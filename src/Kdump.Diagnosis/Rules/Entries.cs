using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Diagnosis.Rules;

/// <summary>All entries of the catalogue: of hand-written rules, and of failures that log lines prove.</summary>
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

    /// <summary>Entries whose id, title or signature contains the words, for users who have a log line but no id.</summary>
    public static IReadOnlyList<Entry> Near(string words)
    {
        return [.. All.Where(e => Has(e.Id) || Has(e.Title) || e.Signature.Any(Has))];

        bool Has(string text) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
