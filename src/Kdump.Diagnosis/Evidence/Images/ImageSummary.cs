namespace Kdump.Diagnosis.Evidence.Images;

/// <summary>How an image was built, and so how it boots.</summary>
public enum ImageBuilder
{
    Unknown,
    Dracut,
    InitramfsTools,
}

/// <summary>What is known about an image.</summary>
/// <param name="Kdump">It is made for a crash kernel: kdump-utils' or SUSE's scripts are in it, or its configuration says so.</param>
/// <param name="Releases">Kernel releases of the modules in it, those with most modules first.</param>
/// <param name="Bytes">Size of the file in bytes.</param>
/// <param name="Unpacked">Bytes of memory that it takes when unpacked.</param>
/// <param name="Built">When it was written, seconds since 1970; 0 when unknown.</param>
public sealed record ImageSummary(
    Source Source, string Image, ImageBuilder Builder, bool Kdump, IReadOnlyList<string> Releases, long Bytes, long Unpacked, long Built)
        : Fact(Source)
{
    /// <summary>Files that were looked into, for the report.</summary>
    public int Modules { get; init; }

    public int Programs { get; init; }

    public int Scripts { get; init; }

    /// <summary>systemd is in it, and starts everything else.</summary>
    public bool Systemd { get; init; }

    /// <summary>The tools that built the image, judged by what is in it; <see cref="KdumpTools.None"/> when it does not tell.</summary>
    public KdumpTools Tools { get; init; }

    /// <summary>
    /// What in the image reads /proc/vmcore and saves it; null: nothing does. An image of kdump-tools needs nothing of that kind,
    /// because the real root saves the dump.
    /// </summary>
    public string? Saves { get; init; }
}

/// <summary>A part of the image that cannot be read.</summary>
public sealed record ImageDamage(Source Source) : Fact(Source);

/// <summary>What the kernel refuses when it unpacks the image, or changes without a message.</summary>
/// <param name="Fatal">Nothing after it is unpacked.</param>
/// <param name="KernelMessage">What it prints behind "Initramfs unpacking failed: ".</param>
public sealed record ImageObjection(Source Source, bool Fatal, string Text, string? KernelMessage) : Fact(Source)
{
    /// <summary>It only matters for kernels before this release (<c>5.19</c>); empty: for all.</summary>
    public string Before { get; init; } = "";

    /// <summary>The image still works; it only needs more memory.</summary>
    public bool Costly { get; init; }
}

/// <summary>A name in the archive for which the kernel creates nothing.</summary>
public sealed record ImageNameLost(Source Source, string Name, string Reason) : Fact(Source);

/// <summary>The first program is missing or cannot be started.</summary>
public sealed record ImageInitBroken(Source Source, string Reason) : Fact(Source);
