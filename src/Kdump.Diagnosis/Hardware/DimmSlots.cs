using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// The slot on the board behind a place of the ledger, as far as SMBIOS proves it: its mapped address, or a slot whose own name stands in
/// EDAC's label. How a driver's channel numbers meet silk-screen names is different on every board and not guessed.
/// </summary>
public static class DimmSlots
{
    public static string? Words(DimmEntry entry, Facts facts)
    {
        MemoryDevice[] slots = facts.Of<MemoryDevice>().Where(d => d.Size.Length > 0).DistinctBy(d => d.Handle).ToArray();
        if (slots.Length == 0)
            return null;
        if (slots is [var only])
            return $"The machine has one DIMM: {Name(only)}.";
        MemoryDevice[] named = slots.Where(s => s.Locator.Length > 2 && entry.Place.Contains(s.Locator,
            StringComparison.Ordinal)).ToArray();
        if (named is [var one])
            return $"Slot: {Name(one)}{(one.Part.Length > 0 ? $", part {one.Part}" : "")}.";
        MemoryDeviceRange[] ranges = facts.Of<MemoryDeviceRange>().ToArray();
        MemoryDevice[] there = entry.Errors.Select(e => e.Address).OfType<ulong>().Distinct().Take(64)
            .Select(a => ranges.Where(r => a >= r.First && a <= r.Last).Select(r => slots.FirstOrDefault(s => s.Handle == r.Device))
                .OfType<MemoryDevice>().Distinct().ToArray())
            .Where(found => found.Length == 1).Select(found => found[0]).Distinct().ToArray();
        return there is [var mapped] ? $"SMBIOS maps its addresses to one DIMM: {Name(mapped)}." : null;
    }

    private static string Name(MemoryDevice d) => d.Bank.Length > 0 && d.Bank != "Not Specified" ? $"{d.Locator} ({d.Bank})" : d.Locator;
}
