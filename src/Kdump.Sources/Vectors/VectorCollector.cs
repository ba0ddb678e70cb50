using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Vectors;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Vectors;

/// <summary>
/// Forecasts the interrupt vectors of a machine's crash kernel, from a root and the image that the crash kernel will have.
/// </summary>
public static class VectorCollector
{
    /// <param name="facts">What was collected so far: the crash kernel's parameters, the targets of the image.</param>
    /// <param name="commandLine">The crash kernel's, instead of what is configured.</param>
    /// <param name="goesOn">The crash kernel goes on to the machine's root (kdump-tools).</param>
    /// <returns>Null when the root of an x86 machine shows no PCI device.</returns>
    public static VectorOutlook? Collect(MachineTree root, BootImage? image, Facts facts, string? commandLine, bool goesOn)
    {
        CaptureParameter[] configured = [.. facts.Of<CaptureParameter>()];
        CommandLine capture = CommandLine.Parse(
            commandLine ?? string.Join(' ',
            configured.Select(p => p.Value switch
            {
                null => p.Name,
                _ when p.Value.Contains(' ') => $"{p.Name}=\"{p.Value}\"",
                _ => $"{p.Name}={p.Value}",
            })));
        var interrupts = new Facts();
        root.Parse("/proc/interrupts", new ProcInterrupts(), interrupts);
        InterruptTable? table = interrupts.Of<InterruptTable>() is [.., var t] ? t : null;
        bool other = !IsX86(table, facts);
        if (other)
            GicCollector.Collect(root, facts);
        var target = new VectorTarget(root, image, capture, facts);
        var devices = new VectorDevices(root, image is null ? null : new ImageDrivers(image, root, capture), table, target,
            goesOn);
        List<VectorDevice> found = devices.Read();
        if (found.Count == 0 && !other)
            return null;
        int possible = CpuList.Count(root.Text("/sys/devices/system/cpu/possible")) ?? table?.Cpus.Count ?? 1;
        int? limit = capture.LastNumber("nr_cpus"), most = capture.LastNumber("maxcpus");
        bool assumed = commandLine is null && configured.Length == 0;
        int cpus = assumed ? 1 : Math.Clamp(Math.Min(limit ?? possible, most is > 0 ? most.Value : possible), 1, 8192);
        bool maxcpus = limit is null && most is > 0 && most < possible;
        bool remapping = table?.Rows.Any(r => r.Chip.StartsWith("IR-", StringComparison.Ordinal)) == true;
        CaptureConditions conditions = CaptureConditions.Of(capture, cpus, maxcpus ? possible : cpus, remapping);
        if (assumed)
            conditions = conditions with { ResetDevices = true };
        IEnumerable<VectorConsumer> consumers = found.Select(VectorConsumer.Of).Concat(Others(table, devices.Claimed, found, conditions));
        var forecast = new VectorForecast(consumers, Capacity(root), conditions, Memory(root), maxcpus);
        var source = new Source(root.Shown("/proc/interrupts"), table is null ? "not there"
            : $"{Counted.Of(table.VectorsHeld, "vector")} requested on {Counted.Of(table.Cpus.Count, "CPU")}");
        return new VectorOutlook(source, forecast, table, image?.Name ?? "", assumed)
        {
            MaxCpus = maxcpus,
            Target = target.Name,
            OtherArchitecture = other,
            Gaps = [.. Gaps(devices, table, target, found, image)],
        };
    }

    /// <summary>Holders of vectors other than PCI functions: interrupt lines, HPET, IOMMUs.</summary>
    private static IEnumerable<VectorConsumer> Others(InterruptTable? table, HashSet<int> claimed, List<VectorDevice> devices,
        CaptureConditions c)
    {
        foreach (InterruptRow row in (table?.Rows ?? []).Where(r => r.HoldsVector && !claimed.Contains(r.Irq)))
        {
            Source source = row.Source ?? table!.Source;
            if (row.Chip.StartsWith("DMAR", StringComparison.Ordinal) || row.Chip.StartsWith("AMD-Vi", StringComparison.Ordinal))
            {
                yield return new(source, $"irq {row.Irq}", row.Actions, ProbePhase.Kernel, null) { Fixed = c.NoIommu
                    ? VectorNeed.Between(0, 0, 1, Certainty.Range) : VectorNeed.Exactly(1) };
                continue;
            }
            // A pin that PCI functions share is used if one of their drivers is there.
            VectorDevice[] sharing = [.. devices.Where(d => d.Line == row.Irq && d.Driver.Length > 0)];
            VectorNeed need;
            if (sharing.Length == 0)
                need = VectorNeed.Exactly(1);
            else if (sharing.Any(d => d.Module.Length > 0 && d.InImage))
                need = VectorNeed.Exactly(1);
            else if (sharing.Any(d => d.Module.Length > 0))
                need = VectorNeed.Between(0, 1, 1, Certainty.Range);
            else
                need = VectorNeed.None;
            if (need.High > 0)
                yield return new(source, $"irq {row.Irq} ({row.Chip})", row.Actions, ProbePhase.Kernel, null) { Fixed = need };
        }
        if (c.NoMsi)
        {
            int pins = Math.Min(24, devices.Count(d => d.Module.Length > 0 && d.HasMessages));
            yield return new(table?.Source ?? new Source("", ""), "pins", "pci=nomsi", ProbePhase.Module,
                null) { Fixed = VectorNeed.Between(0, Math.Min(8, pins), pins, Certainty.Range) };
        }
    }

    private static VectorCapacity Capacity(MachineTree root)
    {
        var own = new Facts();
        return root.Parse("/sys/kernel/debug/irq/domains/VECTOR", new IrqMatrix(), own) && own.Of<VectorDomain>() is [.., var domain] &&
            domain.Capacity.Low > 0 ? domain.Capacity : VectorCapacity.Unmeasured;
    }

    /// <summary>The pages that the kernel reserves for each CPU, from its log.</summary>
    private static CpuMemory Memory(MachineTree root)
    {
        foreach (string path in GicCollector.Logs)
        {
            foreach (string line in (root.Text(path) ?? "").Split('\n'))
            {
                var c = new TextCursor(line);
                if (c.SkipPast("percpu: Embedded ") && c.Number(out long pages) && pages is > 0 and < 4096)
                    return new CpuMemory(pages * 4096, $"{root.Shown(path)}: {line.Trim()}");
            }
        }
        return CpuMemory.Assumed;
    }

    /// <summary>
    /// Only x86 has these vectors: true if its interrupt controllers are listed, or if nothing shows another architecture.
    /// </summary>
    private static bool IsX86(InterruptTable? table, Facts facts) =>
        facts.Of<MachineArchitecture>() is [var known, ..] ? known.Name == "x86_64" : table?.WithoutVectors != true;

    private static IEnumerable<string> Gaps(VectorDevices devices, InterruptTable? table, VectorTarget target, List<VectorDevice> found,
        BootImage? image)
    {
        if (image is null)
            yield return "no image was given: the drivers bound now were counted, though the image may lack some (--image)";
        if (table is null)
            yield return "there is no /proc/interrupts: what drivers ask for now could not be compared with what they will ask for";
        if (!devices.SeesCapabilities)
            yield return "config space shows no capabilities (root rights are needed): sizes of MSI-X tables are those in use now";
        if (target.Network && found.All(d => d.Up != true))
            yield return "the dump goes over the network and nothing says which interface is brought up for it";
    }
}
