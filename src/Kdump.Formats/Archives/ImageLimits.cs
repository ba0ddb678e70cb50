namespace Kdump.Formats.Archives;

/// <summary>Limits for reading an image: each is far above any image that boots, and low enough to protect memory.</summary>
public static class ImageLimits
{
    /// <summary>
    /// Maximum number of bytes that an image may unpack to. All of it must fit in memory, and a crash kernel has a few hundred megabytes.
    /// </summary>
    public const long MaxUnpacked = 8L << 30;

    /// <summary>Maximum compression ratio: gzip reaches 1032:1 at best, and a real image about 5:1.</summary>
    public const long MaxRatio = 1100;

    /// <summary>The ratio is checked only for data that unpacks to more bytes than this.</summary>
    public const long RatioFree = 256L << 20;

    /// <summary>Maximum number of entries: a full root file system of a distribution has about 300 000 files.</summary>
    public const int MaxEntries = 2_000_000;

    /// <summary>
    /// Maximum length of a path in bytes: PATH_MAX of include/uapi/linux/limits.h. The kernel skips entries with longer names or links.
    /// </summary>
    public const int MaxPath = 4096;

    /// <summary>
    /// Maximum depth of folders in squashfs and erofs: PATH_MAX allows 2048. cpio stores whole paths (<see cref="MaxPath"/>).
    /// </summary>
    public const int MaxDepth = 2048;

    /// <summary>Maximum number of symlinks to follow in one look-up: MAXSYMLINKS of include/linux/namei.h.</summary>
    public const int MaxLinks = 40;

    /// <summary>
    /// Maximum size, in bytes, of a file system image inside a compressed segment, which is kept in memory while it is read.
    /// </summary>
    public const long MaxNested = 1L << 30;

    /// <summary>
    /// Files of compressed segments up to this size (configuration, scripts), in bytes, are kept when the segment is read, so that
    /// reading one of them does not unpack the segment again.
    /// </summary>
    public const int SmallFile = 32 * 1024;

    /// <summary>Maximum total size of those files, in bytes.</summary>
    public const long MaxKept = 32L << 20;

    /// <summary>Maximum number of segments in one image; each needs a decoder.</summary>
    public const int MaxSegments = 4096;
}
