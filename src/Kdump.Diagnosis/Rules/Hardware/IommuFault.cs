using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>An IOMMU refused a request of a device: which device, what, why, and since when.</summary>
public sealed class IommuFault : Rule
{
    /// <summary>Until drivers are up, only firmware's own DMA can be running.</summary>
    private const double EarlySeconds = 2.5;

    public override string Id => "iommu-fault";

    public override Entry Entry => new("iommu-fault", "the IOMMU blocked a memory access of a device")
    {
        Area = Area.Hardware,
        Signature =
        [
            "DMAR: [DMA Write NO_PASID] Request device […] fault addr … [fault reason 0x05] …",
            "AMD-Vi: Event logged [IO_PAGE_FAULT …]",
            "AMD-Vi: Completion-Wait loop timed out",
        ],
        Cause = "In a crash kernel, usually DMA that the crashed kernel had started. " +
            "Otherwise a driver that unmaps too early or bypasses the DMA interface, or firmware without a needed RMRR.",
        Origin = "drivers/iommu/intel/dmar.c, drivers/iommu/amd/iommu.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var device in facts.Of<DmarFault>().GroupBy(f => (f.Device, f.Interrupt)).OrderBy(d => d.Key.Device))
            yield return OfIntel(device.ToArray(), facts);
        foreach (var device in facts.Of<AmdViEvent>().GroupBy(e => (e.Device, e.Name)).OrderBy(d => d.Key.Device)
            .ThenBy(d => d.Key.Name, StringComparer.Ordinal))
            yield return device.Key.Name == "COMPLETION_WAIT_TIMEOUT" ? Waits(device.ToArray(), facts) : OfAmd(device.ToArray(), facts);
        foreach (DmarQueueError error in facts.Of<DmarQueueError>().DistinctBy(e => e.Device))
        {
            yield return new Finding(Id,
                $"the Intel IOMMU's invalidation queue failed{(error.Device is { } d ? $": {d.Short} does not answer" : "")}",
                Severity.Error, 0.9,
                $"The Intel IOMMU (intel-vt-d) reported: {error.Words}. " +
                    $"{(error.Device is null ? "A command was invalid, or" : "The device with the address cache (ATS) failed, or")} " +
                    "the link to a device is lost; CPUs that wait for the queue lock up.")
            {
                Subject = $"queue-{error.Device?.ToString() ?? "unknown"}",
                Evidence = [error.Source],
                CausedBy = [.. GoneBefore(error, error.Device, facts),
                    .. error.Device is { } dead ? [new("aer-uncorrectable", $"{dead}")] : Array.Empty<FindingRef>()],
                Explains = [.. LockupsAfter(error, facts)],
                Fixes = [new(error.Device is { } ill ? $"Check {ill.Short}: its link, its power, its driver's last messages"
                    : "Find the device that disappeared just before: its link, its power, its driver's last messages"),
                    new("To test whether the device's address cache (ATS) is the cause, boot with pci=noats",
                        Risk: "DMA becomes a little slower")],
            };
        }
        if (facts.Of<IrteExhausted>() is [var irte, ..])
        {
            // drivers/iommu/intel/irq_remapping.h; AMD's tables belong to one device each, and their size changed between kernels.
            bool amd = irte.Source.Plain.Contains("AMD-Vi", StringComparison.Ordinal);
            yield return new Finding("interrupt-remapping-exhausted",
                amd ? "a device's interrupt-remapping table is exhausted" : "interrupt-remapping table exhausted (65536 per IOMMU)",
                Severity.Error, 0.9,
                "Devices get no interrupts because the IOMMU's table is full. The limit is not the CPU vectors, so more CPUs do not help.")
            {
                Fixes = [
                    new("Reduce the number of interrupts used behind that IOMMU (queues, virtual functions), " +
                    "or boot without interrupt remapping to test (intremap=off)", Risk: "without remapping devices can forge interrupts")],
                Evidence = facts.Of<IrteExhausted>().Select(i => i.Source).Take(4).ToArray(),
            };
        }
    }

    private Finding OfIntel(DmarFault[] faults, Facts facts)
    {
        DmarFault first = faults[0];
        string device = first.Device.Short;
        string[] reasons = faults.Select(f => DmarReason.Of(f.Reason)).Distinct().ToArray();
        string access;
        if (first.Interrupt)
            access = "interrupt";
        else if (faults.All(f => f.Write))
            access = "dma-write";
        else
            access = faults.Any(f => f.Write) ? "dma-read and dma-write" : "dma-read";
        bool capture = first.Boot?.Capture == true || facts.Of<DmarCopied>().Any(c => c.Boot == first.Boot);
        var why = new List<string> { $"The Intel IOMMU (intel-vt-d) refused {access} of device {device}: {string.Join("; ", reasons)}." };
        if (reasons.Any(r => r.StartsWith("scalable mode", StringComparison.Ordinal)))
            why.Add("The IOMMU runs in scalable mode.");
        if (!first.Interrupt)
            why.AddRange(AboutAddress(faults));
        else
            why.Add("Entry of the remapping table (IRTE index): " +
                $"{string.Join(", ", faults.Select(f => $"0x{f.Address:x}").Distinct().Take(6))}.");
        why.AddRange(When(first.Time, first.Device, capture, first.Boot));
        if (faults.Any(f => f.Reason == 2))
            why.Add("No driver had configured the device: a requester id without a device " +
                "(a phantom function, a bridge's alias), or DMA left running by earlier software (firmware, another kernel).");
        if (first.Device is { Bus: 0, Device: 2, Function: 0 })
            why.Add(
                "00:02.0 is the integrated graphics (GPU) of an Intel machine" + (faults.All(f => !f.Write && f.Address == first.Address)
                ? ": reads of one address again and again are its display, " +
                    "which still shows a picture from memory that was taken away." : "."));
        long suppressed = facts.Of<DmarSuppressed>().Sum(s => Math.Min(s.Count, int.MaxValue));
        if (faults.Length > 1 || suppressed > 0)
            why.Add($"{Counted.Of(faults.Length, "fault")} logged{(suppressed > 0 ? $", {suppressed} more suppressed: a storm" : "")}.");
        why.AddRange(After(first.Device, first.Time, facts));
        why.AddRange(PciNames.Sentence(first.Device, facts));
        bool harmless = capture && !faults.Any(f => f.Time is > 30);
        // An interrupt that firmware had configured in the old format, dropped when remapping is enabled.
        bool leftover = first.Interrupt && faults.Length == 1 && first.Reason == 0x25 && first.Time is < EarlySeconds;
        if (leftover)
            why.Add("One interrupt in the old format, configured by firmware before remapping was enabled, was dropped once; " +
                "this is not an error.");
        return new Finding(Id, $"IOMMU fault: device {device} was refused {access} ({reasons[0]})", (leftover, harmless) switch
        {
            (true, _) => Severity.Info,
            (_, true) => Severity.Warning,
            _ => Severity.Error,
        }, leftover ? 0.8 : 0.95, string.Join(' ', why))
        {
            Subject = $"{device}{(first.Interrupt ? "-interrupt" : "")}",
            Fixes = Fixes(device, capture, first.Time is < EarlySeconds, amd: false),
            Evidence = faults.Select(f => f.Source).Take(6).ToArray(),
            CausedBy = ["iommu-enabled-by-default"],
            Explains = [.. SystemErrorAfter(first, facts)],
        };
    }

    private Finding OfAmd(AmdViEvent[] events, Facts facts)
    {
        AmdViEvent first = events[0];
        string device = first.Device switch
        {
            { } d => (first.Driver is null ? d.Short : d.ToString()),
            _ => "whose address is not known",
        };
        bool capture = first.Boot?.Capture == true || facts.Any<AmdViReused>();
        var why = new List<string> { $"AMD-Vi logged {first.Name} for device {device}" +
            (first.Driver is { } driver ? $" ({driver})" : "") + $": {first.Meaning}." };
        if (first.Flags is { } flags)
            why.Add($"Flags 0x{flags:x}: {first.FlagWords}.");
        if (first.Address is { } address)
            why.Add($"Address 0x{address:x}.");
        if (first.Domain is 0)
            why.Add("Domain 0 is the default or identity domain.");
        if (first.Split)
            why.Add("An event split over two lines (<=4.16).");
        why.AddRange(first.Device is { } at ? When(first.Time, at, capture, first.Boot) : []);
        long suppressed = facts.Of<AmdViSuppressed>().Where(s => s.Boot == first.Boot).Sum(s => Math.Min(s.Count, int.MaxValue));
        bool overflow = facts.Of<AmdViOverflow>().Any(o => o.Boot == first.Boot);
        if (events.Length > 1 || suppressed > 0)
            why.Add($"{Counted.Of(events.Length, "event")} logged{(suppressed > 0 ? $", {suppressed} more suppressed" : "")}.");
        if (overflow)
            why.Add("The IOMMU's event log overflowed: there were more events than were logged.");
        if (first.Device is { } owner)
            why.AddRange([.. After(owner, first.Time, facts), .. PciNames.Sentence(owner, facts)]);
        string access = first.Flags switch
        {
            { } f when first.Name == "IO_PAGE_FAULT" => (f & 0x20) != 0 ? " (write)" : " (read)",
            _ => "",
        };
        return new Finding(Id, $"IOMMU fault: AMD-Vi {first.Name} of device {device}{access}", capture ? Severity.Warning : Severity.Error,
            0.95, string.Join(' ', why))
        {
            Subject = $"{device}-{first.Name}",
            Fixes = first.Device is null ? Unnamed : OfNamed(first.Name, device, capture),
            Evidence = [.. events.Select(e => e.Source).Take(6), .. facts.Of<AmdViSuppressed>().OrderByDescending(s => s.Count).Take(1)
                .Select(s => s.Source), .. facts.Of<AmdViOverflow>().Take(1).Select(o => o.Source)],
            CausedBy = [.. first.Name == "IOTLB_INV_TIMEOUT" ? GoneBefore(first, first.Device, facts) : WaitBefore(first, facts)],
        };
    }

    /// <summary>The IOMMU's command queue is stuck: a command waits for a device that does not answer.</summary>
    private Finding Waits(AmdViEvent[] events, Facts facts)
    {
        AmdViEvent first = events[0];
        AmdViEvent[] silent = facts.Of<AmdViEvent>()
            .Where(e => e.Name == "IOTLB_INV_TIMEOUT" && e.Boot == first.Boot && e.Device is not null)
            .DistinctBy(e => e.Device).ToArray();
        string[] names = [.. silent.Select(e => e.Device!.Value.Short)];
        return new Finding(Id, "the AMD IOMMU no longer completes its commands (Completion-Wait loop timed out)" +
            (names.Length > 0 ? $": {string.Join(", ", names)} does not answer" : ""), Severity.Error, 0.9,
            "The IOMMU executes commands in order; one of them never completes, and every CPU that unmaps memory waits for it. " +
            (names.Length > 0 ? "IOTLB_INV_TIMEOUT names the device: " +
                $"{string.Join(", ", names)} did not answer a request to flush its address cache " +
                "(ATS)." : "No line names the device (IOTLB_INV_TIMEOUT would).") +
            (first.Boot?.Capture == true
                ? " In a crash kernel, another possible reason is that the IOMMU still uses the command buffer of the crashed kernel."
                : "") + $" {Counted.Of(events.Length, "such line")}.")
        {
            Subject = "completion-wait",
            Fixes = names.Length > 0 ? Silent(names[0]) : [new("Collect the whole kernel log: " +
                "the device is named by a line IOTLB_INV_TIMEOUT",
                "journalctl -k -b -1 | grep -e AMD-Vi -e pcieport"),
                    new("To test whether a device's address cache (ATS) is the cause, boot with pci=noats",
                    Risk: "DMA becomes a little slower")],
            Evidence = [.. events.Select(e => e.Source).Take(3), .. silent.Select(e => e.Source).Take(2)],
            CausedBy = [.. silent.Select(e => new FindingRef("iommu-fault", $"{NameOf(e)}-{e.Name}")), .. GoneBefore(first, null, facts)],
            Explains = [.. LockupsAfter(first, facts)],
        };
    }

    private static Fix[] OfNamed(string name, string device, bool capture) =>
        name == "IOTLB_INV_TIMEOUT" ? Silent(device) : Fixes(device, capture, early: false, amd: true);

    /// <summary>No command can name the device.</summary>
    private static Fix[] Unnamed =>
    [
        new("Collect the whole kernel log: other events near this one may name the device",
            "journalctl -k -b | grep -e AMD-Vi -e pcieport"),
    ];

    private static Fix[] Silent(string device) =>
    [
        new($"Check {device}: its link and power, and whether it sleeps (D3cold) or was reset just then", $"lspci -vvv -s {device}"),
        new("If it is passed through to a guest, keep vfio-pci from putting it to sleep (disable_idle_d3=1)"),
        new("To test whether its address cache (ATS) is the cause, boot with pci=noats", Risk: "DMA becomes a little slower"),
    ];

    private static string NameOf(AmdViEvent e) =>
        e.Device switch { { } d => e.Driver is null ? d.Short : d.ToString(), _ => "whose address is not known" };

    /// <summary>While the command queue is stuck, mappings of other devices may differ from what the kernel expects.</summary>
    private static FindingRef[] WaitBefore(AmdViEvent e, Facts facts) =>
        facts.Of<AmdViEvent>().Any(w => w.Name == "COMPLETION_WAIT_TIMEOUT" && w.Boot == e.Boot && w.Source.Order < e.Source.Order)
            ? [new("iommu-fault", "completion-wait")] : [];

    /// <summary>Findings that the device (or any device, if it is not named) disappeared or hung within two minutes before.</summary>
    private static IEnumerable<FindingRef> GoneBefore(Fact fault, PciAddress? device, Facts facts) =>
        facts.Of<DeviceSaid>().Where(s => s.Boot == fault.Boot && s.Source.Order < fault.Source.Order && !s.Word.Aftermath &&
            (s.Family.Id is "pcie-link-down" || (s.Family.Id is "pcie-link-lost" or "gpu-off-the-bus" or "gpu-hang" or "pci-reset-failed" &&
                (device is null || s.Address?.RequesterId == device.Value.RequesterId))))
            .Select(s => new FindingRef(s.Family.Id, s.Device)).Distinct();

    /// <summary>CPUs that wait for the queue.</summary>
    internal static IEnumerable<FindingRef> LockupsAfter(Fact fault, Facts facts) =>
        facts.Of<Crash>().Where(c => c.Boot == fault.Boot && c.Source.Order > fault.Source.Order &&
            c.Kind is "soft-lockup" or "hard-lockup" or
            "rcu-stall").Select(CrashFindings.KeyOf).Distinct().Take(8);

    /// <summary>The chipset's system error directly after the fault belongs to the same request.</summary>
    private static IEnumerable<FindingRef> SystemErrorAfter(DmarFault fault, Facts facts) =>
        facts.Of<FailureSeen>().Any(s => s.Failure.Id == "nmi-system-error" && s.Boot == fault.Boot && s.Source.Order > fault.Source.Order)
            ? ["nmi-system-error"] : [];


    private static IEnumerable<string> AboutAddress(DmarFault[] faults)
    {
        ulong address = faults[0].Address;
        yield return $"Fault address 0x{address:x}.";
        if (address == 0)
            yield return "Address 0: the device was given a null pointer.";
        else if (address >= 1UL << 48)
            yield return "An address outside normal IOVA space: the device generated a wrong address, or its driver gave it a CPU pointer.";
        else if (address is >= 0xc0000000 and < 1UL << 32 && faults[0].Reason is 5 or 6)
            yield return "An address below 4 GiB as the kernel allocates them for DMA: " +
                "the buffer was unmapped, or the device was assigned to another owner, while the device still used it.";
        else if (address < 1UL << 40 && faults[0].Reason is 5 or 6)
            yield return "Nothing is mapped for the device there: " +
                "the buffer was unmapped too early, or it is a RAM address that was never mapped " +
                "(DMA of firmware or of a guest, or a driver that bypasses the DMA interface).";
    }

    private static IEnumerable<string> When(double? time, PciAddress device, bool capture, Boot? boot)
    {
        if (capture)
            yield return "This is the capture kernel: the device still executes DMA that the crashed kernel had started " +
                "(in-flight DMA, kdump-inflight). It ends when the device's driver resets the device, and is harmless unless it continues.";
        else if (time is < EarlySeconds && boot?.Capture != true)
        {
            bool display = device is { Bus: 0, Device: 2, Function: 0 };
            yield return "In early boot, before any driver: firmware left " +
                $"{(display ? "display " : "")}DMA running{(display ? " / missing RMRR: the ACPI tables do not declare its memory" : "")}.";
        }
    }

    private static IEnumerable<string> After(PciAddress device, double? time, Facts facts)
    {
        PciTrouble? trouble = facts.Of<PciTrouble>()
            .FirstOrDefault(t => t.Device.RequesterId == device.RequesterId && t.Time >= time && t.Time - time < 60);
        if (trouble is null || time is null)
            yield break;
        bool gpu = trouble.Driver is "i915" or "xe" or "amdgpu" or "radeon" or "nouveau";
        yield return $"{(gpu ? "GPU hang " : "")}{Math.Round(trouble.Time!.Value - time.Value):0} s later: " +
            $"{trouble.Driver} said \"{trouble.Words}\".";
    }

    private static Fix[] Fixes(string device, bool capture, bool early, bool amd)
    {
        if (capture)
            return [new($"Include the driver of {device} in kdump.img so that it resets the device early, or ignore the faults: " +
                "they are expected until the reset")];
        if (early)
            return [new("Update the BIOS: it must declare the memory that its devices use (RMRR); " +
                "until then the faults can be ignored if the device works")];
        return [new($"Find the driver of {device} and update it and the device's firmware", $"lspci -k -s {device}"),
            new("To test whether the IOMMU only reveals accesses that always happened, boot with iommu=pt" +
            (amd ? " (or amd_iommu=off)" : " (or intel_iommu=off)"), Risk: "without an IOMMU stray DMA overwrites memory unnoticed"),];
    }
}
