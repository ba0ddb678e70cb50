using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>What <c>--root</c> names: the running machine, a folder, or an archive that is read in place.</summary>
public static class RootArgument
{
    /// <exception cref="InputException">It is none of these, or nothing in it is of a machine.</exception>
    public static MachineTree Open(string path)
    {
        MachineTree tree = Tree(path);
        // A root whose links lead nowhere, or an archive that was cut at its front, would pass for a machine without a fault.
        return tree.IsMachine ? tree : throw new InputException(path, "--root", -1,
            tree.Note is { } missing ? $"nothing that was read of it is of a machine: {missing}"
                : "nothing in it is of a machine: no /etc, /proc, /sys, /usr");
    }

    private static MachineTree Tree(string path)
    {
        if (Directory.Exists(path))
            return new MachineTree(path);
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        return input.Kind.IsArchive ? new MachineTree(ArchiveInput.Open(path, input), path)
            : throw new InputException(path, "--root", -1, $"is no folder and no archive of one: it is {input.Kind.Name}");
    }
}
