using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>What <c>--root</c> names: the running machine, a folder, or an archive that is read in place.</summary>
public static class RootArgument
{
    /// <exception cref="InputException">It is none of these, or does not contain the files of a machine.</exception>
    public static MachineTree Open(string path)
    {
        MachineTree tree = Tree(path);
        // Otherwise a root with dangling links, or a truncated archive, would be reported as a machine without faults.
        return tree.IsMachine ? tree : throw new InputException(path, "--root", -1,
            tree.Note is { } missing ? $"the part that was read contains no files of a machine: {missing}"
                : "contains no files of a machine: no /etc, /proc, /sys, /usr");
    }

    private static MachineTree Tree(string path)
    {
        if (Directory.Exists(path))
            return new MachineTree(path);
        if (path == "-")
            throw new InputException(path, "--root", -1, "standard input is not read here: give a folder, or an archive by its path");
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        return input.Kind.IsArchive ? new MachineTree(ArchiveInput.Open(path, input), path)
            : throw new InputException(path, "--root", -1, $"is neither a folder nor an archive: it is {input.Kind.Name}");
    }
}
