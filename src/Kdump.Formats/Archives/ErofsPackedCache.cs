namespace Kdump.Formats.Archives;

/// <summary>The packed inode's map, and the clusters of it that were decoded last.</summary>
internal sealed class ErofsPackedCache
{
    /// <summary>Maximum number of decoded bytes to keep.</summary>
    private const long MaxBytes = 64L << 20;

    private readonly Dictionary<long, byte[]> clusters = [];
    private long bytes;

    public ErofsMap? Map { get; set; }

    public ErofsExtent[]? Extents { get; set; }

    public byte[]? Find(long logical) => clusters.GetValueOrDefault(logical);

    public void Keep(long logical, byte[] decoded)
    {
        if (bytes + decoded.Length > MaxBytes)
        {
            clusters.Clear();
            bytes = 0;
        }
        clusters[logical] = decoded;
        bytes += decoded.Length;
    }

    /// <summary>Index of the first extent that ends after an offset.</summary>
    public int FirstAt(long logical)
    {
        int low = 0, high = Extents!.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Extents[middle].Logical + Extents[middle].Length <= logical)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
