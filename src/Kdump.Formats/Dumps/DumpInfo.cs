namespace Kdump.Formats.Dumps;

/// <summary>
/// What a dump's own headers say of the machine and of the dump. Null where the format has no such field or left it empty.
/// </summary>
public sealed record DumpInfo
{
    /// <summary>The machine as <c>uname -m</c> says it.</summary>
    public required string Machine { get; init; }

    public required bool Is64Bit { get; init; }

    public required bool BigEndian { get; init; }

    /// <summary>utsname.sysname.</summary>
    public string? SystemName { get; init; }

    public string? NodeName { get; init; }

    public string? Release { get; init; }

    public string? Version { get; init; }

    public string? DomainName { get; init; }

    /// <summary>Seconds since the epoch when the dump was written.</summary>
    public long? Timestamp { get; init; }

    /// <summary>makedumpfile's -d: 1 zero, 2 cache, 4 private cache, 8 user, 16 free pages left out.</summary>
    public int? DumpLevel { get; init; }

    /// <summary>How many CPUs the header speaks of; often 1 or 0, whatever the machine had.</summary>
    public int? Cpus { get; init; }

    /// <summary>
    /// phys_base of the kernel, from the sub header. VMCOREINFO's own NUMBER(phys_base) is to be preferred: QEMU 7.2 reads that decimal
    /// number as hexadecimal and writes the wrong value here.
    /// </summary>
    public ulong? PhysBase { get; init; }

    /// <summary>The compressions the header announces; each page may still have its own.</summary>
    public IReadOnlyList<string> Compression { get; init; } = [];

    /// <summary>Unused vmemmap pages were left out (makedumpfile -e).</summary>
    public bool UnusedVmemmapExcluded { get; init; }

    /// <summary>makedumpfile's ERASEINFO: what was overwritten with 'X' on purpose.</summary>
    public string? EraseInfo { get; init; }

    /// <summary>For each part of a split set: file and its range of frames.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];
}
