using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>
/// What <c>--root</c> names: the running machine, a folder, or an archive that is read in place; also the one archive of a machine in
/// another archive, as tickets have a sosreport.
/// </summary>
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

    /// <summary>The machine whose archive is in the archive; null if there is none.</summary>
    /// <exception cref="InputException">There are several.</exception>
    private static MachineTree? Inner(string path, ArchiveTree outer)
    {
        const int most = 64;
        List<MachineTree> machines = [];
        InputException? unread = null;
        foreach (string file in outer.Files.Take(most))
        {
            try
            {
                if (Member(outer, file) is { IsMachine: true } machine)
                    machines.Add(machine);
            }
            catch (InputException e)
            {
                unread ??= e;
            }
        }
        if (machines.Count > 1)
        {
            throw new InputException(path, "--root", -1, $"contains {Counted.Of(machines.Count, "machine")} " +
                $"({string.Join(", ", machines.Take(3).Select(m => m.Name))}): unpack it, and give one of them");
        }
        return machines.Count == 0 && unread is not null ? throw unread : machines.FirstOrDefault();
    }

    private static MachineTree? Member(ArchiveTree outer, string file)
    {
        if (outer.Open(file) is not { } content)
            return null;
        using OpenInput input = OpenInput.Of(outer.Shown(file), content);
        return input.Kind.IsArchive ? new MachineTree(ArchiveInput.Held(input.Name, input), input.Name) : null;
    }

    private static MachineTree Tree(string path)
    {
        if (Directory.Exists(path))
            return new MachineTree(path);
        if (path == "-")
            throw new InputException(path, "--root", -1, "standard input is not read here: give a folder, or an archive by its path");
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        if (!input.Kind.IsArchive)
            throw new InputException(path, "--root", -1, $"is neither a folder nor an archive: it is {input.Kind.Name}");
        ArchiveTree archive = ArchiveInput.Open(path, input);
        var tree = new MachineTree(archive, path);
        return tree.IsMachine ? tree : Inner(path, archive) ?? tree;
    }
}
