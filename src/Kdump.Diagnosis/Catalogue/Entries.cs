using Kdump.Diagnosis.Catalogue.Rules;

namespace Kdump.Diagnosis.Catalogue;

/// <summary>Every entry of the catalogue: those of rules written by hand, and the failures that lines of a log prove.</summary>
public static class Entries
{
    public static readonly IReadOnlyList<Entry> All =
    [
        .. PreparingEntries.All, .. HostEntries.All, .. StartingEntries.All, .. ReachingEntries.All, .. WritingEntries.All, .. HardwareEntries.All, .. CrashingEntries.All, .. DumpEntries.All, .. ImageEntries.All, .. ImageLoadingEntries.All,
        .. FailureBook.All,
    ];

    public static Entry? Find(string id) => All.FirstOrDefault(e => e.Id == id);

    /// <summary>Entries whose id, title or signature holds the words: for somebody who has a line and no id.</summary>
    public static IReadOnlyList<Entry> Near(string words) => All.Where(e =>
        e.Id.Contains(words, StringComparison.OrdinalIgnoreCase) || e.Title.Contains(words, StringComparison.OrdinalIgnoreCase) || e.Signature.Any(s => s.Contains(words, StringComparison.OrdinalIgnoreCase)));
}
