using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>What <c>--root</c> names: the running machine, a folder, or an archive that is read in place.</summary>
public static class RootArgument
{
    public static MachineTree Open(string path)
    {
        if (Directory.Exists(path))
            return new MachineTree(path);
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        return input.Kind.IsArchive ? new MachineTree(ArchiveInput.Open(path, input), path)
            : throw new InputException(path, "--root", -1, $"is no folder and no archive of one: it is {input.Kind.Name}");
    }
}
