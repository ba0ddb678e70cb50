namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>The version of a program that the machine dumps with.</summary>
/// <param name="Tool"><c>makedumpfile</c>, <c>kexec-tools</c>, <c>crash</c>.</param>
/// <param name="Version">Upstream's part: <c>1.7.2</c>.</param>
public sealed record ToolVersion(Source Source, string Tool, string Version) : Fact(Source);

/// <summary>The file of the kernel that would be loaded for a crash, or that an image brings along.</summary>
/// <param name="Form"><c>bzImage</c>, <c>Image</c>, <c>zboot</c> (a PE file that unpacks itself, arm64, riscv, loongarch), <c>uki</c>
/// (kernel, image and command line in one PE file), <c>uImage</c>.</param>
public sealed record KernelImageForm(Source Source, string Form) : Fact(Source)
{
    /// <summary>As uname -m; empty where the file does not tell.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Bytes of a page of that kernel; 0 where the file does not tell.</summary>
    public int PageSize { get; init; }

    /// <summary>What a zboot file packs the kernel with (<c>gzip</c>, <c>zstd22</c> …), also inside a unified kernel image; empty for
    /// none.</summary>
    public string Packing { get; init; } = "";

    /// <summary>The release that a unified kernel image or a bzImage names; empty for none.</summary>
    public string Release { get; init; } = "";

    /// <summary>The file is a section of the image that is judged, not a file of the machine.</summary>
    public bool InImage { get; init; }
}

/// <summary>The kernel that the boot loader starts next is another one, and there is no image for it yet.</summary>
/// <param name="Blocks">Why its first boot will not build one; empty: it will.</param>
public sealed record NextImageAbsent(Source Source, string Release, string Path, string Blocks) : Fact(Source);

/// <summary>The kernel that the boot loader starts next, and its command line.</summary>
public sealed record NextBoot(Source Source, string Release, string CommandLine) : Fact(Source);

/// <summary>Bytes of a page of the running kernel, where its architecture has several sizes (arm64).</summary>
public sealed record MachinePageSize(Source Source, int Bytes) : Fact(Source);
