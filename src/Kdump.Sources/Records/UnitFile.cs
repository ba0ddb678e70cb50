using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;

namespace Kdump.Sources.Records;

/// <summary>
/// The file whose state stands for an input: the file itself, or for a machine's collection in a folder its list of collected
/// files.
/// </summary>
internal static class UnitFile
{
    public static string Of(string path) => Directory.Exists(path) ? Path.Combine(path, CollectedMachine.ManifestName) : path;

    /// <summary>Why the file is not opened, or null. A scan reads no pipes, because a second scan would find them empty.</summary>
    public static string? Refusal(string path) => FileKind.Refusal(path) is { } refusal
        ? refusal.Replace(": give it by itself", ": not read", StringComparison.Ordinal) : null;

    /// <summary>Size in bytes and time of the last change (seconds since 1970); links are followed.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static (long Bytes, long Modified) Stamp(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is null)
            return (file.Length, Seconds(file.LastWriteTimeUtc));
        using Microsoft.Win32.SafeHandles.SafeFileHandle open = File.OpenHandle(path);
        return (RandomAccess.GetLength(open), Seconds(File.GetLastWriteTimeUtc(open)));
    }

    private static long Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
