using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>EDAC counted errors of caches, buses and bridges, or reads an error register that does not answer.</summary>
public sealed class EdacDeviceFailing : Rule
{
    /// <summary>Larger values are not physical addresses: a register that does not answer reads as all ones.</summary>
    private const ulong Ones = 0x7f_ffff_f000;

    public override string Id => "edac-device-error";

    public override Entry Entry => new("edac-device-error", "EDAC counted errors of a cache, a bus or a bridge")
    {
        Area = Area.Hardware,
        Signature = ["EDAC DEVICE0: CE: … instance: … block: … count: …", "EDAC PCI: Detected Parity Error on …"],
        Cause = "A part other than memory protects its data with check bits, and these were wrong.",
        Origin = "drivers/edac/edac_device.c, edac_pci_sysfs.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var same in facts.Of<EdacDeviceError>().GroupBy(e => (e.What, e.Uncorrected)))
        {
            long count = same.Sum(e => Math.Clamp(e.Count, 1, uint.MaxValue));
            Severity severity;
            if (same.Key.Uncorrected)
                severity = Severity.Error;
            else
                severity = count > 1 ? Severity.Warning : Severity.Info;
            yield return new Finding(Id,
                $"{count} {(same.Key.Uncorrected ? "uncorrected" : "corrected")} error{(count == 1 ? "" : "s")}: {same.Key.What}",
                severity, 0.9,
                same.Key.Uncorrected ? "EDAC counted them: data in that part was lost."
                    : "EDAC counted them: the data used was correct; watch a part with several of them.")
            {
                Subject = $"{same.Key.What}-{(same.Key.Uncorrected ? "uncorrected" : "corrected")}",
                Watch = true,
                Reckoning = [new($"{(same.Key.Uncorrected ? "uncorrected" : "corrected")} error{(count == 1 ? "" : "s")}", count)],
                Fixes = [new(same.Key.What.StartsWith("PCI", StringComparison.Ordinal)
                    ? "Check that device and its slot; parity status bits of bridges can also be left from enumeration " +
                        "(edac_core.check_pci_errors=0 stops the check)"
                    : "Watch the count; if it grows, replace the processor or the part",
                        "grep . /sys/devices/system/edac/*/*/*_count")],
                Evidence = [.. same.Select(e => e.Source).Take(4)],
            };
        }
        foreach (var same in facts.Of<EdacLooked>().GroupBy(e => (e.Driver, e.Address)).Where(g => g.Key.Address >= Ones ||
            (g.Key.Address & 0xffff_ffff) is 0xffff_ffff or 0xffff_ffe0))
        {
            if (facts.Of<EdacError>().Any(e => e.Address >> 12 == same.Key.Address >> 12 || e.Source.Input == same.First().Source.Input))
                continue;
            yield return new Finding("edac-false-report",
                $"{same.Key.Driver}_edac reports memory errors that do not exist: its error register reads all ones " +
                    $"(0x{same.Key.Address:x})",
                Severity.Warning, 0.85,
                $"{Counted.Of(same.Count(), "time")} the same address of all ones, and never a line that counts an error: " +
                    "the in-band ECC does not exist or its registers do not answer, and the driver does not check that. " +
                    "This log shows no memory error.")
            {
                Subject = same.Key.Driver,
                Fixes = [new("Prevent the driver from loading, or use a kernel whose driver checks for it",
                    $"echo blacklist {same.Key.Driver}_edac > /etc/modprobe.d/{same.Key.Driver}_edac.conf",
                    "no EDAC counts on this machine then")],
                Evidence = [.. same.Select(e => e.Source).Take(3)],
            };
        }
    }
}
