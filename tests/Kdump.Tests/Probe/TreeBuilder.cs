namespace Kdump.Tests.Probe;

/// <summary>
/// A /proc and /sys in a temporary directory: written by the test, or laid out from fixtures/trees/NAME.tree (<c>@ path = one line</c>,
/// <c>@ path -> link</c>, or <c>@ path</c> and its lines until the next <c>@</c>).
/// </summary>
internal sealed class TreeBuilder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kdump-tree-").FullName;

    public static TreeBuilder From(string name)
    {
        var tree = new TreeBuilder();
        string? open = null;
        var body = new List<string>();
        foreach (string line in System.IO.File.ReadAllLines(System.IO.Path.Combine(Repository.Root, "fixtures", "trees", name + ".tree"))
            .Append("@ "))
        {
            if (!line.StartsWith("@ ", StringComparison.Ordinal))
            {
                body.Add(line);
                continue;
            }
            if (open is not null)
                tree.File(open, string.Join('\n', body) + "\n");
            open = null;
            body.Clear();
            string entry = line[2..];
            if (entry.Split(" -> ") is [var link, var target])
                tree.Link(link, target);
            else if (entry.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var equals)
                tree.File(entry[..equals], entry[(equals + 3)..] + "\n");
            else if (entry.Length > 0)
                open = entry;
        }
        return tree;
    }

    public TreeBuilder File(string path, string content)
    {
        System.IO.File.WriteAllText(Place(path), content);
        return this;
    }

    public TreeBuilder File(string path, byte[] content)
    {
        System.IO.File.WriteAllBytes(Place(path), content);
        return this;
    }

    public TreeBuilder Link(string path, string target)
    {
        System.IO.File.CreateSymbolicLink(Place(path), target);
        return this;
    }

    public TreeBuilder Pci(string address, int kind, int vendor, int device, string? driver = null)
    {
        string path = $"sys/bus/pci/devices/{address}/";
        File(path + "class", $"0x{kind:x6}\n").File(path + "vendor", $"0x{vendor:x4}\n").File(path + "device", $"0x{device:x4}\n");
        return driver is null ? this : Link(path + "driver", "../../drivers/" + driver);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Place(string path)
    {
        string full = System.IO.Path.Combine(Path, path.TrimStart('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        return full;
    }
}
