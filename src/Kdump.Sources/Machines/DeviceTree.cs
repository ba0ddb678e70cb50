using System.Buffers.Binary;
using System.Text;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// The machine's device tree as the kernel shows it: a folder for each node, a file for each property, whose numbers are big-endian words
/// (Devicetree Specification 2.2; drivers/of/kobj.c).
/// </summary>
public sealed class DeviceTree
{
    private const int MaxDepth = 6, MaxNodes = 4096, MaxProperty = 64 << 10;

    private readonly MachineTree root;

    private DeviceTree(MachineTree root, string at)
    {
        this.root = root;
        At = at;
    }

    /// <summary>Path of its folder.</summary>
    public string At { get; }

    /// <summary>Null for a machine without one (ACPI alone).</summary>
    public static DeviceTree? Of(MachineTree root)
    {
        foreach (string at in new[] { "/sys/firmware/devicetree/base", "/proc/device-tree" })
        {
            if (root.IsFolder(at) && root.List(at).Count > 0)
                return new(root, at);
        }
        return null;
    }

    public string? Text(string path) => root.Bytes($"{At}/{path}", MaxProperty) is { } bytes
        ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Replace('\0', ' ') : null;

    public bool Has(string path) => root.Exists($"{At}/{path}");

    /// <summary>The numbers of a property; empty where it is not there.</summary>
    public uint[] Cells(string path)
    {
        byte[] bytes = root.Bytes($"{At}/{path}", MaxProperty) ?? [];
        var cells = new uint[bytes.Length / 4];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(i * 4));
        return cells;
    }

    /// <summary>Nodes whose <c>compatible</c> names this device, by their paths.</summary>
    public IEnumerable<string> Compatible(string with)
    {
        int left = MaxNodes;
        return Below("", 0);

        IEnumerable<string> Below(string path, int depth)
        {
            foreach (string name in root.List($"{At}/{path}"))
            {
                string node = path.Length == 0 ? name : $"{path}/{name}";
                if (depth >= MaxDepth || left <= 0 || !root.IsFolder($"{At}/{node}"))
                    continue;
                left--;
                if (Text(node + "/compatible")?.Split(' ').Contains(with) == true)
                    yield return node;
                foreach (string inner in Below(node, depth + 1))
                    yield return inner;
            }
        }
    }

    /// <summary>Bytes of memory by the nodes <c>memory@…</c>; 0 without such a node (EFI then has the memory map).</summary>
    public long Memory()
    {
        int address = (int)(Cells("#address-cells") is [var a, ..] ? a : 2), size = (int)(Cells("#size-cells") is [var s, ..] ? s : 1);
        long sum = 0;
        if (address is < 1 or > 2 || size is < 1 or > 2)
            return 0;
        foreach (string node in root.List(At).Where(n => n is "memory" || n.StartsWith("memory@", StringComparison.Ordinal)))
        {
            uint[] cells = Cells(node + "/reg");
            for (int i = address; i + size <= cells.Length; i += address + size)
            {
                ulong bytes = size == 2 ? (ulong)cells[i] << 32 | cells[i + 1] : cells[i];
                if (bytes < 1UL << 52)
                    sum += (long)bytes;
            }
        }
        return sum;
    }
}
