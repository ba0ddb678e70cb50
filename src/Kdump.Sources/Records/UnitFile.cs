using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;

namespace Kdump.Sources.Records;

/// <summary>The file that stands for an input: itself, or of a machine's collection in a folder the list of what was collected.</summary>
internal static class UnitFile
{
    public static string Of(string path) => Directory.Exists(path) ? Path.Combine(path, CollectedMachine.ManifestName) : path;

    /// <summary>Why it is not opened, or null. A scan reads no pipe, by itself or not: the next one would find it empty.</summary>
    public static string? Refusal(string path) => FileKind.Refusal(path) is { } refusal
        ? refusal.Replace(": give it by itself", ": not read", StringComparison.Ordinal) : null;

    /// <summary>Its size, and when it was written (seconds since 1970), of what a link leads to.</summary>
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
