using Kdump.Sources.Machines;

namespace Kdump.Sources.Records;

/// <summary>The file that stands for an input: itself, or of a machine's collection in a folder the list of what was collected.</summary>
internal static class UnitFile
{
    public static FileInfo Of(string path) => new(Directory.Exists(path) ? Path.Combine(path, CollectedMachine.ManifestName) : path);

    /// <summary>Seconds since 1970.</summary>
    public static long Modified(FileInfo file) => new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds();
}
