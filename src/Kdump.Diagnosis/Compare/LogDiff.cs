namespace Kdump.Diagnosis.Compare;

/// <summary>One thing that two boots do not have in common.</summary>
/// <param name="Kind"><c>first-driver-line</c>, <c>new-trouble</c>, <c>device-missing</c>, <c>environment</c>, <c>device-new</c>.</param>
/// <param name="What">The thing, for a person.</param>
/// <param name="Good">Where the good boot says it; null: it does not.</param>
public sealed record LogDifference(string Kind, string What, Source? Good, Source? Bad);

/// <summary>
/// Compares a boot that works with one that does not, aligned by message and not by time. Differences between any two boots are omitted:
/// addresses, sizes, times, the order in which drivers probe at the same time.
/// </summary>
public static class LogDiff
{
    private const int MaxOfKind = 20;

    /// <summary>Lines that describe what the kernel started on: the words they begin with, and what they describe.</summary>
    private static readonly (string Begins, string What)[] Environment =
    [
        ("DMI: ", "firmware"), ("efi: EFI ", "firmware"), ("microcode: ", "microcode"), ("smpboot: CPU0: ", "processor"),
        ("DMAR: ", "IOMMU"), ("AMD-Vi: ", "IOMMU"), ("iommu: ", "IOMMU"), ("arm-smmu", "IOMMU"), ("Memory: ", "memory"),
        ("x86/PAT", "memory"), ("Kernel is locked down", "lockdown"), ("secureboot: ", "lockdown"), ("crashkernel reserved", "crashkernel"),
        ("ACPI: RSDP", "firmware tables"), ("pci=", "PCI"), ("PCI: Using", "PCI"), ("clocksource: Switched to", "clock"),
    ];

    public static IReadOnlyList<LogDifference> Between(BootLog good, BootLog bad)
    {
        var found = new List<LogDifference>();
        HashSet<string> goodSays = [.. good.Lines.Select(l => l.Shape)], badSays = [.. bad.Lines.Select(l => l.Shape)];
        // Only a driver that is in both boots can say something else about a device.
        SaidLine? first = bad.Lines.FirstOrDefault(l => l.Device is not null && !goodSays.Contains(l.Shape));
        if (first is not null)
            found.Add(new("first-driver-line", $"the first driver line that only the bad boot has: {first.Message}",
                good.Lines.FirstOrDefault(l => l.Device == first.Device)?.Source, first.Source));
        found.AddRange(bad.Lines.Where(l => l.Trouble && !goodSays.Contains(l.Shape)).DistinctBy(l => l.Shape).Take(MaxOfKind)
            .Select(l => new LogDifference("new-trouble", l.Message, null, l.Source)));
        found.AddRange(Devices(good, bad).Select(l => new LogDifference("device-missing",
            $"{l.Device} spoke in the good boot and not in the bad one", l.Source, null)));
        found.AddRange(Kernels(good, bad));
        found.AddRange(Surroundings(good, bad, goodSays, badSays));
        found.AddRange(Devices(bad, good).Select(l => new LogDifference("device-new",
            $"{l.Device} spoke in the bad boot and not in the good one", null, l.Source)));
        return found;
    }

    private static IEnumerable<SaidLine> Devices(BootLog here, BootLog there)
    {
        HashSet<string> known = [.. there.Lines.Select(l => l.Device).OfType<string>()];
        return here.Lines.Where(l => l.Device is not null && !known.Contains(l.Device)).DistinctBy(l => l.Device).Take(MaxOfKind);
    }

    private static IEnumerable<LogDifference> Kernels(BootLog good, BootLog bad)
    {
        SaidLine? Line(BootLog log, string begins) => log.Lines.FirstOrDefault(l => l.Message.StartsWith(begins, StringComparison.Ordinal));
        if (good.Boot.Release != bad.Boot.Release)
            yield return new("environment", $"kernel: {good.Boot.Release ?? "not told"} -> {bad.Boot.Release ?? "not told"}",
                Line(good, "Linux version ")?.Source, Line(bad, "Linux version ")?.Source);
        if (good.Boot.CommandLine is not { } before || bad.Boot.CommandLine is not { } now)
            yield break;
        string[] old = Words(before), fresh = Words(now);
        string[] gone = [.. old.Except(fresh, StringComparer.Ordinal)], added = [.. fresh.Except(old, StringComparer.Ordinal)];
        if (gone.Length + added.Length > 0)
            yield return new("environment", "command line: " + string.Join(" ", [.. gone.Select(w => $"without {w}"),
                .. added.Select(w => $"with {w}")]), Line(good, "Command line: ")?.Source ?? Line(good, "Kernel command line: ")?.Source,
                Line(bad, "Command line: ")?.Source ?? Line(bad, "Kernel command line: ")?.Source);
    }

    /// <summary>The name of the kernel image differs with each kernel, and says no more than its release does.</summary>
    private static string[] Words(string commandLine) =>
        [.. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w =>
            !w.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) && !w.StartsWith("initrd=", StringComparison.Ordinal))];

    private static IEnumerable<LogDifference> Surroundings(BootLog good, BootLog bad, HashSet<string> goodSays, HashSet<string> badSays)
    {
        foreach (IGrouping<string, (string Begins, string What)> group in Environment.GroupBy(e => e.What))
        {
            // Firmware and microcode differ by their numbers; of the others only what is said at all counts.
            bool exact = group.Key is "firmware" or "microcode" or "processor";
            bool IsOf(SaidLine l) => group.Any(e => l.Message.StartsWith(e.Begins, StringComparison.Ordinal));
            SaidLine[] old = [.. good.Lines.Where(IsOf)], now = [.. bad.Lines.Where(IsOf)];
            SaidLine? gone = old.FirstOrDefault(l => exact ? now.All(n => n.Message != l.Message) : !badSays.Contains(l.Shape));
            SaidLine? added = now.FirstOrDefault(l => exact ? old.All(o => o.Message != l.Message) : !goodSays.Contains(l.Shape));
            if (gone is not null || added is not null)
                yield return new("environment", $"{group.Key}: {gone?.Message ?? "not told"} -> {added?.Message ?? "not told"}",
                    gone?.Source, added?.Source);
        }
    }
}
