using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Memory;

/// <summary>VMCOREINFO for the layers above: symbols are addresses; large offsets and sizes are rejected as invalid.</summary>
public sealed class Keys
{
    /// <summary>Maximum for offsets and sizes of kernel structures, in bytes; struct pglist_data, the largest, has 170 kB.</summary>
    private const long MaxOffset = 1 << 24;

    private readonly VmcoreInfo info;

    public Keys(VmcoreInfo info) => this.info = info;

    public string? this[string key] => info[key];

    public VirtualAddress? Symbol(string name) => info.Symbol(name) is { } value ? new VirtualAddress(value) : null;

    public int? Offset(string name) => Small(info.Offset(name));

    public int? Size(string name) => Small(info.Size(name));

    public int? Length(string name) => Small(info.Length(name));

    public ulong? Number(string name) => info.Number(name) is { } value ? unchecked((ulong)value) : null;

    private static int? Small(long? value) => value is >= 0 and <= MaxOffset ? (int)value : null;
}
