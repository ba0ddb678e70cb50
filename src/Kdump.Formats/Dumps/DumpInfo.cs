namespace Kdump.Formats.Dumps;

/// <summary>
/// Fields of a dump's headers that describe the machine and the dump. Null if the format has no such field or the field is empty.
/// </summary>
public sealed record DumpInfo
{
    /// <summary>The machine's architecture, as in <c>uname -m</c>.</summary>
    public required string Machine { get; init; }

    public required bool Is64Bit { get; init; }

    public required bool BigEndian { get; init; }

    /// <summary>Name of the operating system (utsname.sysname).</summary>
    public string? SystemName { get; init; }

    public string? NodeName { get; init; }

    public string? Release { get; init; }

    public string? Version { get; init; }

    public string? DomainName { get; init; }

    /// <summary>Time when the dump was written, in seconds since 1970.</summary>
    public long? Timestamp { get; init; }

    /// <summary>
    /// makedumpfile's -d: the sum of 1 zero pages, 2 cache, 4 private cache, 8 user and 16 free pages that were excluded.
    /// </summary>
    public int? DumpLevel { get; init; }

    /// <summary>Number of CPUs in the header; often 1 or 0, whatever the machine had.</summary>
    public int? Cpus { get; init; }

    /// <summary>
    /// phys_base of the kernel in bytes, from the sub header. Prefer NUMBER(phys_base) of VMCOREINFO: QEMU 7.2 reads that decimal number
    /// as hexadecimal and writes the wrong value here.
    /// </summary>
    public ulong? PhysBase { get; init; }

    /// <summary>The compressions that the header announces; each page may have another one.</summary>
    public IReadOnlyList<string> Compression { get; init; } = [];

    /// <summary>True if unused vmemmap pages were excluded (makedumpfile -e).</summary>
    public bool UnusedVmemmapExcluded { get; init; }

    /// <summary>makedumpfile's ERASEINFO: the data that it overwrote with 'X' on purpose.</summary>
    public string? EraseInfo { get; init; }

    /// <summary>For each part of a split set its file and its range of frames.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];
}
