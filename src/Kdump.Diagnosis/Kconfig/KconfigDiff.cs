namespace Kdump.Diagnosis.Kconfig;

/// <summary>What differs between two configs; what matters for booting, DMA and dumping comes first.</summary>
public static class KconfigDiff
{
    public static IEnumerable<KconfigChange> Between(ConfigOptions before, ConfigOptions after) =>
        before.Values.Keys.Union(after.Values.Keys, StringComparer.Ordinal)
            .Where(o => before[o] != after[o])
            .Select(o => KconfigMeaning.Of(o, before[o], after[o]))
            .OrderByDescending(c => c.Weight).ThenBy(c => c.Area, StringComparer.Ordinal).ThenBy(c => c.Option, StringComparer.Ordinal);
}
