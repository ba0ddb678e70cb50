namespace Kdump.Diagnosis.Vectors;

/// <summary>When a consumer asks for vectors: earlier ones get them, later ones may be refused.</summary>
public enum ProbePhase
{
    /// <summary>The kernel's own: timer, interrupt lines, IOMMU.</summary>
    Kernel,

    /// <summary>Built-in drivers, in the order of the bus.</summary>
    Builtin,

    /// <summary>Modules that udev loads for PCI functions, in the order of the first function each drives.</summary>
    Module,

    /// <summary>Drivers of devices that a module created: virtio devices.</summary>
    Child,

    /// <summary>Interfaces that are brought up.</summary>
    Interface,

    /// <summary>What the machine's own root loads, where the crash kernel goes on to it (kdump-tools).</summary>
    Root,
}

/// <summary>Something that takes vectors in the crash kernel: a device, an interrupt line, an IOMMU.</summary>
/// <param name="Name">The device's address, or <c>IO-APIC 9</c>, <c>dmar0</c>.</param>
/// <param name="Driver">Who asks.</param>
public sealed record VectorConsumer(Source Source, string Name, string Driver, ProbePhase Phase, VectorDevice? Device)
{
    /// <summary>Vectors that it takes under any conditions: one for an interrupt line.</summary>
    public VectorNeed Fixed { get; init; }

    public DriverDemand? Row { get; init; }

    public bool OnTargetPath { get; init; }

    public Fallback Fallback => Row?.Fallback ?? (Device is null ? Fallback.Degrades : Fallback.OneThenPin);

    public VectorNeed Need(CaptureConditions c) => Device is null ? Fixed : DemandRules.Of(Device, c);

    /// <summary>Memory of its queues beyond those it has with one CPU.</summary>
    public long QueueMemory(CaptureConditions c)
    {
        if (Row is not { QueueBytes: > 0, PerCpu: true } row)
            return 0;
        int more = Need(c).Shown - Need(c with { Cpus = 1, Possible = 1 }).Shown;
        return more <= 0 ? 0 : (long)more * row.QueueBytes;
    }

    public static VectorConsumer Of(VectorDevice device)
    {
        DriverDemand? row = DriverDemands.Find(device.Module);
        ProbePhase phase;
        if (device.Builtin)
            phase = ProbePhase.Builtin;
        else if (device.FromRoot)
            phase = ProbePhase.Root;
        else if (row is { WhenUp: true, AtProbe: 0 })
            phase = ProbePhase.Interface;
        else if (device.Driver == "virtio-pci" || device.Module.StartsWith("virtio_", StringComparison.Ordinal))
            phase = ProbePhase.Child;
        else
            phase = ProbePhase.Module;
        return new(device.Source, device.Address.ToString(), device.Module, phase, device) { Row = row,
            OnTargetPath = device.OnTargetPath };
    }
}
