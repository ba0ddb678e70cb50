using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>
/// What <c>--root</c> names: the running machine or a folder. An archive is refused with the way out: nothing of one is ever written to
/// disk by us.
/// </summary>
public static class RootArgument
{
    public const string Unpack = "is an archive, which is not unpacked for you: tar -xf it, and give the folder";

    private static readonly string[] Archives = [".tar", ".tar.zst", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2"];

    public static MachineTree Open(string path) =>
        Directory.Exists(path) ? new MachineTree(path)
            : throw new InputException(path, "--root", -1, IsArchive(path) ? Unpack : "is no folder");

    public static bool IsArchive(string path) =>
        Array.Exists(Archives, s => path.EndsWith(s, StringComparison.Ordinal)) && File.Exists(path);
}
