namespace Kdump.Diagnosis.Memory;

/// <summary>What decides how much memory a crash kernel needs, read from a machine and its image.</summary>
public sealed record MemoryInputs
{
    /// <summary>Text, constants, data and bss of the kernel.</summary>
    public required MemoryRange Kernel { get; init; }

    public required string KernelReason { get; init; }

    /// <summary>Bytes of the image as it is loaded; measured, or a typical size where there is none.</summary>
    public required MemoryRange Packed { get; init; }

    /// <summary>Bytes of memory that the unpacked image takes.</summary>
    public required MemoryRange Unpacked { get; init; }

    /// <summary>An image was measured.</summary>
    public bool HasImage { get; init; }

    /// <summary>Percent of the remaining memory that the root file system may take: 50 for tmpfs, 100 for ramfs.</summary>
    public int RootPercent { get; init; } = 50;

    /// <summary>CPUs that the crash kernel prepares for.</summary>
    public int Cpus { get; init; } = 1;

    public long BytesPerCpu { get; init; }

    /// <summary>Sizes of the modules that will be loaded.</summary>
    public long Modules { get; init; }

    /// <summary>Drivers that will find a device: module, devices, on the way to the dump.</summary>
    public IReadOnlyList<(string Module, int Devices, bool Needed)> Drivers { get; init; } = [];

    /// <summary>Memory of the machine, which is to be dumped.</summary>
    public long Ram { get; init; }

    /// <summary>systemd runs in the image.</summary>
    public bool Systemd { get; init; } = true;

    /// <summary>The crash kernel boots the machine's own root file system (kdump-tools).</summary>
    public bool RealRoot { get; init; }

    /// <summary>The dump goes over the network.</summary>
    public bool Network { get; init; }

    /// <summary>A passphrase would be asked for, and argon2 would need its memory.</summary>
    public bool Encrypted { get; init; }

    /// <summary>Memory encryption is on: the bounce buffer takes 64 MB.</summary>
    public bool MemoryEncryption { get; init; }

    /// <summary>Tables that the interrupt controller gets in memory (arm64's ITS); 0 where the kernel's log does not tell.</summary>
    public long InterruptTables { get; init; }

    /// <summary>Pages of 64 KB.</summary>
    public bool LargePages { get; init; }
}
