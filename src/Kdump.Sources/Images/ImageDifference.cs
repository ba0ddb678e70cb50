namespace Kdump.Sources.Images;

/// <summary>What a difference is about, most dangerous first.</summary>
public enum ImageGroup
{
    Boot,
    DumpConfiguration,
    Modules,
    Programs,
    Hooks,
    Firmware,
    Configuration,
    Other,

    /// <summary>Differs between any two builds without effect: caches, lists, ids.</summary>
    Noise,
}

/// <summary>How two images differ in one path.</summary>
public enum ImageChange
{
    OnlyA,
    OnlyB,
    Content,
    Mode,
    Target,
    Type,
}

/// <summary>One difference.</summary>
/// <param name="Detail">What exactly: lines, sizes, modes.</param>
public sealed record ImageDifference(ImageGroup Group, ImageChange Change, string Path, IReadOnlyList<string> Detail);
