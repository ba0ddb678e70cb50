using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// A kernel update switched the IOMMU on by default (CONFIG_INTEL_IOMMU_DEFAULT_ON=y), and a device whose DMA was never checked
/// before now brings the machine down at probe. The error that is seen (machine check, panic) names the processor, not the device.
/// </summary>
public sealed class IommuEnabledByDefault : Rule
{
    public override string Id => "iommu-enabled-by-default";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IommuDefault? on = facts.Of<IommuDefault>().FirstOrDefault(d => d is { Option: "CONFIG_INTEL_IOMMU_DEFAULT_ON", On: true });
        if (on is null)
            yield break;
        IommuDefault? off = facts.Of<IommuDefault>().FirstOrDefault(d => d is { Option: "CONFIG_INTEL_IOMMU_DEFAULT_ON", On: false });
        IommuParameter? tested = facts.Of<IommuParameter>().FirstOrDefault(p => p.Text.Contains("iommu=off", StringComparison.Ordinal));
        // On the command line of a kernel that runs, the parameter overrides the default.
        if (facts.Of<KernelCommandLine>().Any(c => c.Text.Contains("intel_iommu=off", StringComparison.Ordinal)))
            yield break;
        (LspciFunction Function, string Driver, string Name, string Report)[] known = facts.Of<LspciFunction>()
            .Select(f => (f, IommuSensitive.Find(f.Ids))).Where(x => x.Item2 is not null).Select(x => (x.f, x.Item2!.Value.Driver, x.Item2!.Value.Name, x.Item2!.Value.Report)).DistinctBy(x => x.f.Address).ToArray();
        IReadOnlyList<DmarFault> faults = facts.Of<DmarFault>();
        bool died = facts.Any<MachineCheckPanic>() || facts.Of<MachineCheckSeen>().Any(m => m.Record.ContextCorrupt || m.Record.RootPort is not null);
        ReportedTrouble[] reported = facts.Of<ReportedTrouble>().ToArray();
        string[] kinds = reported.Select(r => r.Words.ToLowerInvariant()).Distinct().ToArray();
        double weight = (faults.Count > 0 ? 0.3 : 0) + (died ? 0.2 : 0) + (known.Length > 0 ? 0.25 : 0) + (off is not null ? 0.2 : 0) + (tested is not null ? 0.2 : 0) + (kinds.Length * 0.05);
        if (weight < 0.3)
            yield break;
        var why = new List<string> { $"This kernel is built with {on.Option}=y{(off is not null ? "; the other config has it off" : "")}: every device's DMA is translated and checked without anybody having asked for it." };
        if (known.Length > 0)
            why.Add($"{known[0].Name} at {known[0].Function.Address} ({known[0].Driver}) is known to crash machines under an IOMMU ({known[0].Report}).");
        if (faults.Count > 0)
            why.Add($"The IOMMU refused DMA of {string.Join(", ", faults.Select(f => f.Device.ToString()[5..]).Distinct().Take(4))}.");
        if (died || kinds.Length > 0)
            why.Add($"What is seen ({string.Join(", ", (died ? ["machine check"] : Array.Empty<string>()).Concat(kinds).Distinct())}) is the consequence: a machine check names the processor that passed the error on.");
        if (tested is not null)
            why.Add($"The input speaks of {tested.Text}, which is the test.");
        string who = known.Length > 0 ? $", and {known[0].Driver} ({known[0].Function.Address}) does not survive it" : faults.Count > 0 ? $", and {faults[0].Device.ToString()[5..]} does not survive it" : "";
        yield return new Finding(Id, $"the kernel switches the IOMMU on by default (CONFIG_INTEL_IOMMU_DEFAULT_ON=y){who}", Severity.Error, Math.Min(0.95, 0.45 + (weight / 2)), string.Join(' ', why))
        {
            Fixes =
            [
                new("Test: boot the new kernel with intel_iommu=off; if it comes up, the IOMMU is the cause, not the processor", "sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT=\"/&intel_iommu=off /' /etc/default/grub && update-grub",
                    "no protection against stray DMA, no device can be given to a guest, no interrupt remapping (x2APIC machines with many CPUs may need it)"),
                new("Milder: iommu=pt keeps the IOMMU for guests and maps host devices one to one", Risk: "host devices can again write to any memory; if the device's DMA itself is broken it may go on crashing"),
                new("For good: update BIOS and the device's firmware, or exchange the device; compare kernel configs with kdt kconfig diff OLD NEW"),
            ],
            Evidence = [on.Source, .. off is null ? Array.Empty<Source>() : [off.Source], .. known.Select(k => k.Function.Source).Take(2), .. faults.Select(f => f.Source).Take(3), .. tested is null ? Array.Empty<Source>() : [tested.Source], .. reported.Select(r => r.Source).DistinctBy(r => r.Line).Take(3)],
        };
    }
}
