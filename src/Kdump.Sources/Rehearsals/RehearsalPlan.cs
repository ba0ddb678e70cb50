using Kdump.Diagnosis.Evidence.DumpSetup;

namespace Kdump.Sources.Rehearsals;

/// <summary>What a rehearsal will do: the machine that QEMU emulates, and what it cannot show of the real one.</summary>
public sealed record RehearsalPlan
{
    public required string Kernel { get; init; }

    public required string Image { get; init; }

    /// <summary>The crash kernel's command line, with a serial console.</summary>
    public required string CommandLine { get; init; }

    public required int ReservedMegabytes { get; init; }

    /// <summary>CPUs of the machine; the crash kernel takes what its command line says.</summary>
    public int Cpus { get; init; } = 2;

    /// <summary>The file system that the image looks for: its kind and id; empty where it looks for none.</summary>
    public string FileSystem { get; init; } = "";

    public string Uuid { get; init; } = "";

    public string Label { get; init; } = "";

    /// <summary>The controller of the disk: virtio-blk, nvme, ahci, virtio-scsi, megasas, pvscsi.</summary>
    public string Controller { get; init; } = "virtio-blk";

    /// <summary>
    /// The disk stands in for the root file system, where a small program has makedumpfile save the dump (kdump-tools).
    /// </summary>
    public bool PlaysRoot { get; init; }

    /// <summary>Files for that root file system: path in it, path on this machine.</summary>
    public IReadOnlyList<(string Path, string From)> RootFiles { get; init; } = [];

    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>KVM is used (otherwise TCG); the report says which.</summary>
    public bool Kvm { get; init; }

    public DumpTarget? Target { get; init; }

    /// <summary>The dump goes onto a partition without a file system.</summary>
    public RehearsalPartition? Raw { get; init; }

    /// <summary>Size of the scratch disk.</summary>
    public int DiskMegabytes { get; init; } = 512;

    /// <summary>Further devices, as arguments of QEMU's -device without their slots.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The network that leads to the target; null where the target is a disk.</summary>
    public RehearsalNetwork? Network { get; init; }

    /// <summary>The kernel that is rehearsed, by its release; empty when not known.</summary>
    public string Release { get; init; } = "";

    /// <summary>SHA-256 of the image, in hexadecimal.</summary>
    public string ImageHash { get; init; } = "";

    /// <summary>There is a scratch disk.</summary>
    public bool HasDisk => FileSystem.Length > 0 || Raw is not null;

    /// <summary>What this rehearsal cannot show.</summary>
    public IReadOnlyList<string> NotShown { get; init; } = [];
}
