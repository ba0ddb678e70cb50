using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;

namespace Kdump.Sources.Records;

/// <summary>The file that stands for an input: itself, or of a machine's collection in a folder the list of what was collected.</summary>
internal static class UnitFile
{
    public static FileInfo Of(string path) => new(Directory.Exists(path) ? Path.Combine(path, CollectedMachine.ManifestName) : path);

    /// <summary>Why it is not opened, or null. A scan reads no pipe, by itself or not: the next one would find it empty.</summary>
    public static string? Refusal(string path) => FileKind.Refusal(path) is { } refusal
        ? refusal.Replace(": give it by itself", ": not read", StringComparison.Ordinal) : null;

    /// <summary>Seconds since 1970.</summary>
    public static long Modified(FileInfo file) => new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds();
}
