namespace Kdump.Formats.Archives;

/// <summary>Limits for reading an image: each is far above any image that boots, and low enough to protect memory.</summary>
public static class ImageLimits
{
    /// <summary>All of an image unpacks into the memory of one machine; a crash kernel has a few hundred megabytes.</summary>
    public const long MaxUnpacked = 8L << 30;

    /// <summary>gzip reaches 1032:1 at best, and a real image about 5:1.</summary>
    public const long MaxRatio = 1100;

    /// <summary>A ratio is looked at only beyond this.</summary>
    public const long RatioFree = 256L << 20;

    /// <summary>A full root file system of a distribution has about 300 000 files.</summary>
    public const int MaxEntries = 2_000_000;

    /// <summary>PATH_MAX of include/uapi/linux/limits.h; the kernel steps over longer names and links.</summary>
    public const int MaxPath = 4096;

    /// <summary>Folders below folders; PATH_MAX allows 2048.</summary>
    public const int MaxDepth = 2048;

    /// <summary>Symlinks followed in one look-up: MAXSYMLINKS of include/linux/namei.h.</summary>
    public const int MaxLinks = 40;

    /// <summary>A file system image inside a compressed segment is held in memory while it is read.</summary>
    public const long MaxNested = 1L << 30;

    /// <summary>
    /// Small files of compressed segments (configuration, scripts) are kept while walking, so that looking at one does not unpack all
    /// again.
    /// </summary>
    public const int SmallFile = 32 * 1024;

    /// <summary>All of those together.</summary>
    public const long MaxKept = 32L << 20;

    /// <summary>Segments of one image; every one costs a decoder.</summary>
    public const int MaxSegments = 4096;
}
