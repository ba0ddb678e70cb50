using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Compare;

/// <summary>Differences of two machines' <see cref="MachineProperty"/> facts: each by its area and name, all its values together.</summary>
public static class MachineProperties
{
    public const string BiosWhy = "Firmware sets up ACS, IOMMU tables and memory windows: " +
        "the same version belongs on both before anything else is suspected";

    /// <summary>Modules whose parameters decide how devices are reached.</summary>
    private static readonly string[] Deciding =
        ["pci", "intel_iommu", "iommu", "vfio", "vfio_pci", "kvm_intel", "kvm_amd", "nvme", "nvme_core", "mlx4_core", "mlx5_core", "ixgbe",
        "igb", "i40e", "ice", "megaraid_sas", "mpt3sas", "irq", "processor", "intel_idle"];

    public static IEnumerable<MachineDifference> Between(Facts a, Facts b)
    {
        Dictionary<(string, string), string[]> x = Values(a), y = Values(b);
        foreach (((string area, string name), string[] mine) in x)
        {
            // A property known of only one machine may not have been collected on the other.
            if (!y.TryGetValue((area, name), out string[]? theirs) || mine.SequenceEqual(theirs, StringComparer.Ordinal))
                continue;
            (int weight, string why) = Rank(area, name);
            yield return new(area, weight, name, string.Join(' ', mine), string.Join(' ', theirs), why);
        }
    }

    private static Dictionary<(string Area, string Name), string[]> Values(Facts facts) =>
        facts.Of<MachineProperty>().GroupBy(p => (p.Area, p.Name))
            .ToDictionary(g => g.Key, g => g.Select(p => p.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray());

    private static (int Weight, string Why) Rank(string area, string name) => area switch
    {
        "bios" => name switch { "BIOS version" => (75, BiosWhy), "BIOS date" => (45, ""),
            _ => (68, "Another machine: its wiring of slots and its firmware differ") },
        "firmware" => (60, "Another firmware on devices of the same model"),
        "cpu" => (name is "CPU" or "CPU stepping" ? 52 : 35, name is "CPU" or "CPU stepping"
            ? "Another processor: features, errata and the root ports inside it differ" : ""),
        "microcode" => (45, "Processor microcode differs: errata are fixed in one and not in the other"),
        "kdump" => (55, "One is ready to dump, or has other room for it"),
        "security" => (50, "Lockdown decides what may be loaded and read"),
        "module" => (42, "Another version of the driver"),
        "parameter" => (Deciding.Contains(name.Split('.')[0]) ? 48 : 22, ""),
        "memory" => (35, ""),
        "package" when name.Contains("kdump", StringComparison.Ordinal) || name.Contains("kexec", StringComparison.Ordinal) ||
            name is "makedumpfile" or "dracut" or "dracut-core" => (40, ""),
        "package" when name.Contains("firmware", StringComparison.Ordinal) || name.Contains("microcode", StringComparison.Ordinal) =>
            (38, ""),
        "package" => (12, ""),
        _ => (20, ""),
    };
}
