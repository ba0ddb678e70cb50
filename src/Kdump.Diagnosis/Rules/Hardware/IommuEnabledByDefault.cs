using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// A kernel update switched the IOMMU on by default (CONFIG_INTEL_IOMMU_DEFAULT_ON=y), and a device whose DMA was never checked
/// before now brings the machine down at probe. The error that is seen (machine check, panic) names the processor, not the device.
/// </summary>
public sealed class IommuEnabledByDefault : Rule
{
    public override string Id => "iommu-enabled-by-default";

    public override Entry Entry => new("iommu-enabled-by-default",
        "a kernel update enabled the IOMMU by default, and a device fails since then")
    {
        Area = Area.Starting,
        Signature = ["DMAR: IOMMU enabled"],
        Cause = "The device does DMA that was not checked before the update.",
        Fixes = [new("intel_iommu=off, or iommu=pt, until the driver is corrected", Risk: "devices can then reach all memory")],
        Origin = "drivers/iommu/intel/Kconfig INTEL_IOMMU_DEFAULT_ON",
    };

    /// <summary>Options that switch it on without a parameter; the second leaves integrated graphics alone.</summary>
    private static readonly string[] Options = ["CONFIG_INTEL_IOMMU_DEFAULT_ON", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF"];

    /// <summary>Functions of the driver core between a PCI driver's probe and the code that loaded it.</summary>
    private static readonly string[] Probing =
        ["local_pci_probe", "pci_device_probe", "really_probe", "__driver_probe_device", "driver_probe_device", "__driver_attach"];

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IommuDefault? on = facts.Of<IommuDefault>().FirstOrDefault(d => d.On && Options.Contains(d.Option));
        if (on is null)
            yield break;
        IommuDefault? off = facts.Of<IommuDefault>().FirstOrDefault(d => !d.On && d.Option == on.Option);
        // If the command line decides, the default does not matter.
        if (facts.Of<KernelCommandLine>().Any(c => c.Text.Contains("intel_iommu=", StringComparison.Ordinal)))
            yield break;
        IommuParameter? tested = facts.Of<IommuParameter>().FirstOrDefault(p => p.Text.Contains("iommu=off", StringComparison.Ordinal));
        LspciFunction[] functions = facts.Of<LspciFunction>().DistinctBy(f => f.Address).ToArray();
        (LspciFunction Function, string Driver, string Name, string Report)[] known = functions
            .Select(f => (f, IommuSensitive.Find(f.Ids))).Where(x => x.Item2 is not null)
                .Select(x => (x.f, x.Item2!.Value.Driver, x.Item2!.Value.Name, x.Item2!.Value.Report)).ToArray();
        DmarFault[] faults = facts.Of<DmarFault>().Where(f => !f.Interrupt && f.Boot?.Capture != true).ToArray();
        Crash? probing = facts.Of<Crash>()
            .FirstOrDefault(c => !c.Requested && c.Boot?.Capture != true && c.Frames.Any(f => f.Reliable && Probing.Contains(f.Function)));
        bool died = facts.Any<MachineCheckPanic>() || facts.Of<MachineCheckSeen>()
            .Any(m => m.Record.ContextCorrupt || m.Record.RootPort is not null);
        ReportedTrouble[] reported = facts.Of<ReportedTrouble>().ToArray();
        string[] kinds = reported.Select(r => r.Words.ToLowerInvariant()).Distinct().ToArray();
        bool hurt = died || probing is not null || kinds.Length > 0;
        // The default alone does not explain a crash: further evidence must connect them.
        double ties = (faults.Length > 0 ? 0.3 : 0) + (known.Length > 0 ? 0.25 : 0) + (off is not null ? 0.2 : 0) +
            (tested is not null ? 0.2 : 0);
        double weight = ties + (died || probing is not null ? 0.2 : 0) + (kinds.Length * 0.05);
        if (ties == 0 || weight < 0.3)
        {
            if (probing is not null)
            {
                yield return new Unknown(
                    "whether the IOMMU, which this kernel switches on by default " +
                    $"({on.Option}=y), has to do with the crash in {DriverOf(probing) ?? "a driver"}'s probe",
                    "a boot with intel_iommu=off, " +
                        "DMAR lines of the same boot, or the config of the kernel that still worked (kdt kconfig diff)");
            }
            yield break;
        }
        (string? who, PciAddress? where, Source? part) = Suspect(known, faults, probing, functions);
        var why =
            new List<string> { $"This kernel is built with {on.Option}=y{(off is not null ? "; the other config has it off" : "")}: " +
            "every device's DMA is translated and checked by default." };
        if (known.Length > 0)
            why.Add($"{known[0].Name} at {known[0].Function.Address} ({known[0].Driver}) is known to crash machines under an IOMMU " +
                $"({known[0].Report}).");
        if (faults.Length > 0)
            why.Add($"The IOMMU refused DMA of {string.Join(", ", faults.Select(f => f.Device.Short).Distinct().Take(4))}.");
        if (probing is not null)
            why.Add($"The kernel crashed while {DriverOf(probing) ?? "a PCI driver"} started its device " +
                $"({probing.Title}), which is when its DMA starts.");
        if (hurt && (died || kinds.Length > 0))
            why.Add("The visible error " +
                $"({string.Join(", ", (died ? ["machine check"] : Array.Empty<string>()).Concat(kinds).Distinct())}) is a consequence: " +
                "a machine check names the processor that reported the error, not the device.");
        if (tested is not null)
            why.Add($"The input mentions {tested.Text}, which is the test for this.");
        string suspect = who is null ? ""
            : $", and {who}" + (where is { } w && !who.Contains(w.ToString(), StringComparison.Ordinal) ? $" ({w})" : "") +
                " fails with it";
        yield return new Finding(Id, $"the kernel enables the IOMMU by default ({on.Option}=y){suspect}", Severity.Error,
            Math.Min(0.95, 0.45 + (weight / 2)), string.Join(' ', why))
        {
            Fixes =
            [
                new("Test: boot the new kernel with intel_iommu=off; if it comes up, the IOMMU is the cause, not the processor",
                    "sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT=\"/&intel_iommu=off /' /etc/default/grub && update-grub",
                    "no protection against stray DMA, " +
                        "no device can be given to a guest, no interrupt remapping (x2APIC machines with many CPUs may need it)"),
                new("Less drastic: iommu=pt keeps the IOMMU for guests and maps host devices one to one",
                    Risk: "host devices can again write to any memory; if the device's DMA itself is faulty, it may still crash"),
                new("Permanent fix: update BIOS and the device's firmware, or replace the device; " +
                    "compare kernel configs with kdt kconfig diff OLD NEW"),
            ],
            Evidence = [on.Source, .. new[] { off?.Source, part, probing?.Source }.OfType<Source>(),
                .. faults.Select(f => f.Source).Take(3), .. tested is null ? Array.Empty<Source>() : [tested.Source],
                .. reported.Select(r => r.Source).DistinctBy(r => r.Line).Take(3)],
        };
    }

    /// <summary>
    /// The suspected device: one that is known for it, one whose DMA was refused, or the device of the driver that crashed during start.
    /// </summary>
    private static (string? Who, PciAddress? Where, Source? Part) Suspect(
        (LspciFunction Function, string Driver, string Name, string Report)[] known, DmarFault[] faults, Crash? probing,
        LspciFunction[] functions)
    {
        if (known.Length > 0)
            return (known[0].Driver, known[0].Function.Address, known[0].Function.Source);
        if (faults.Length > 0)
        {
            LspciFunction? at = Array.Find(functions, f => f.Address == faults[0].Device);
            return (at?.Driver ?? faults[0].Device.Short, at?.Driver is null ? null : at.Address, at?.Source);
        }
        if (probing is null || DriverOf(probing) is not { } driver)
            return (null, null, null);
        LspciFunction? its = Array.Find(functions, f => f.Driver == driver);
        return (driver, its?.Address, its?.Source);
    }

    /// <summary>The module in whose code or on whose behalf it crashed.</summary>
    private static string? DriverOf(Crash crash) =>
        crash.Module ?? crash.Frames.FirstOrDefault(f => f.Reliable && f.Module is { Length: > 0 }).Module;
}
