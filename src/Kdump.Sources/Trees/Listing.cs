using System.Globalization;

namespace Kdump.Sources.Trees;

/// <summary>
/// <c>listing.tsv</c> of a collection: files that were too large to take along (kernels, images, dumps, firmware) or of which only the
/// presence matters. Kind, size, time and path, one a line.
/// </summary>
public sealed class Listing
{
    public const string FileName = "listing.tsv";

    private const int MaxLines = 200_000;

    private readonly Dictionary<string, (long Size, long Modified)> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> folders = new(StringComparer.Ordinal);

    public static Listing Read(string root)
    {
        var listing = new Listing();
        try
        {
            if (root.Length > 0 && File.Exists($"{root}/{FileName}"))
            {
                foreach (string line in File.ReadLines($"{root}/{FileName}").Take(MaxLines))
                    listing.Add(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder without a listing is a folder.
        }
        return listing;
    }

    public (long Size, long Modified)? Of(string path) => files.TryGetValue(path, out (long, long) found) ? found : null;

    /// <summary>Names of listed files in a folder.</summary>
    public IEnumerable<string> In(string folder) => folders.TryGetValue(folder, out List<string>? names) ? names : [];

    private void Add(string line)
    {
        string[] fields = line.Split('\t');
        if (fields is not ["file", var size, var time, var path] || !long.TryParse(size, out long bytes) ||
            path.LastIndexOf('/') is not (>= 0 and var slash) ||
            !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset modified) ||
                !files.TryAdd(path, (bytes, modified.ToUnixTimeSeconds())))
            return;
        string folder = slash == 0 ? "/" : path[..slash];
        if (!folders.TryGetValue(folder, out List<string>? names))
            folders[folder] = names = [];
        names.Add(path[(slash + 1)..]);
    }
}
