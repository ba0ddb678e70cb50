namespace Kdump.Cli.Collect;

/// <summary>What a difference is about, most dangerous first.</summary>
internal enum ImageGroup
{
    Boot,
    DumpConfiguration,
    Modules,
    Programs,
    Hooks,
    Firmware,
    Configuration,
    Other,

    /// <summary>Differs between any two builds and means nothing: caches, lists, ids.</summary>
    Noise,
}

/// <summary>How two images differ in one path.</summary>
internal enum ImageChange
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
internal sealed record ImageDifference(ImageGroup Group, ImageChange Change, string Path, IReadOnlyList<string> Detail);
