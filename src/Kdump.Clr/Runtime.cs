using Kdump.Formats.Bytes;

namespace Kdump.Clr;

/// <summary>The .NET runtime that a process has mapped, and the file that reads its structures (the DAC), which no dump holds.</summary>
/// <param name="Path">Of libcoreclr.so.</param>
/// <param name="Version">Null where neither the path nor the memory tells.</param>
/// <param name="BuildId">Of libcoreclr.so; null where its first page is not there.</param>
internal sealed record Runtime(string Path, ulong Base, string? Version, string? BuildId)
{
    private const string Library = "libcoreclr.so", Dac = "libmscordaccore.so";

    /// <summary>The runtime among mapped files; null if it is not a .NET process.</summary>
    /// <param name="mapped">Path and first address of every mapped file.</param>
    public static Runtime? Find(IEnumerable<(string Path, ulong Base)> mapped, Func<ulong, byte[], bool> read)
    {
        foreach ((string path, ulong at) in mapped)
            if (System.IO.Path.GetFileName(path) is Library)
            {
                string folder = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path) ?? "") ?? "";
                return new Runtime(path, at, folder.Length > 0 && char.IsAsciiDigit(folder[0]) && folder.Contains('.') ? folder : null,
                    Kernel.Views.BuildId.Of((offset, raw) => read(at + offset, raw)));
            }
        return null;
    }

    /// <summary>In words: what somebody has to get.</summary>
    public string Words => $"{Dac} of .NET {Version ?? "(version not known)"} for linux-x64" +
        (BuildId is null ? "" : $", whose libcoreclr.so has the build id {BuildId}");

    /// <summary>The DAC beside a libcoreclr.so of the same build id.</summary>
    /// <exception cref="InputException">It is not there, or of another build.</exception>
    public string FindDac(string? asked, string? sysroot)
    {
        List<string> tried = [];
        string own = System.IO.Path.GetDirectoryName(Path) ?? "/";
        string?[] folders = asked is not null ? [File.Exists(asked) ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(asked))
            : asked]
            : [sysroot is null ? null : System.IO.Path.Join(sysroot, own), own];
        foreach (string? folder in folders)
        {
            if (folder is null)
                continue;
            string dac = System.IO.Path.Join(folder, Dac);
            if (!File.Exists(dac))
                tried.Add($"{folder} has no {Dac}");
            else if (Differs(System.IO.Path.Join(folder, Library)) is { } other)
                tried.Add($"{folder}: {other}");
            else
                return dac;
        }
        throw new InputException(asked ?? "--dac", "runtime", -1,
            $"needs {Words}: it is in the package Microsoft.NETCore.App.Runtime.linux-x64 of that version and in its container images; " +
            $"--dac names its folder ({string.Join("; ", tried)})");
    }

    private string? Differs(string library)
    {
        if (BuildId is null)
            return "the build id of the process's libcoreclr.so is not in the dump, so it cannot be told whether it is the same";
        if (!File.Exists(library))
            return $"{Library} is not beside it, by which it would be recognised";
        using FileSource file = FileSource.Open(library);
        string? its = Kernel.Views.BuildId.Of((offset, raw) => offset <= long.MaxValue && file.Read((long)offset, raw) == raw.Length);
        return its == BuildId ? null : $"its {Library} has the build id {its ?? "(none)"}, the process's {BuildId}";
    }
}
