using System.Globalization;

namespace Kdump.Sources.Trees;

/// <summary>
/// <c>listing.tsv</c> of a collection: files that were too large to take along (kernels, images, dumps, firmware) or whose
/// existence alone matters. Kind, size, time and path, one a line.
/// </summary>
public sealed class Listing
{
    public const string FileName = "listing.tsv";

    private const int MaxLines = 200_000;

    private readonly Dictionary<string, (long Size, long Modified)> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> folders = new(StringComparer.Ordinal);

    public static Listing Read(IFileTree files)
    {
        var listing = new Listing();
        using Stream? stream = files.Open("/" + FileName);
        if (stream is null)
            return listing;
        try
        {
            using var reader = new StreamReader(stream);
            for (int i = 0; i < MaxLines && reader.ReadLine() is { } line; i++)
                listing.Add(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A collection whose listing cannot be read is judged by the files that it holds.
        }
        return listing;
    }

    public (long Size, long Modified)? Of(string path) => files.TryGetValue(path, out (long, long) found) ? found : null;

    public bool Any => files.Count > 0;

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
