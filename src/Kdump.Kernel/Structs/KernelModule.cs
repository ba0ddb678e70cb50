using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A loaded module, include/linux/module.h. Its memory is mem[] since Linux commit ac3b43283923 ("module: replace module_layout with
/// module_memory") (v6.4), core_layout and init_layout from 4.5, module_core and module_init before.
/// </summary>
public sealed class KernelModule
{
    private readonly StructReader reader;

    internal KernelModule(StructReader reader)
    {
        this.reader = reader;
        Name = reader.Text("name");
        State = reader.Has("state")
            ? reader.S32("state") switch { 0 => "live", 1 => "coming", 2 => "going", 3 => "unformed", int other => $"state {other}" } : "";
        Taints = reader.First("taints") ?? 0;
        Ranges = ReadRanges(reader);
        PerCpuStart = reader.First("percpu") ?? 0;
        PerCpuSize = reader.First("percpu_size") ?? 0;
    }

    public string Name { get; }

    /// <summary>live, coming, going or unformed.</summary>
    public string State { get; }

    public ulong Taints { get; }

    /// <summary>Letters of its taints, as the oops prints them behind its name.</summary>
    public string TaintLetters => TaintFlags.ModuleLetters(Taints);

    private ulong PerCpuStart { get; }

    private ulong PerCpuSize { get; }

    /// <summary>Parts of its memory, text first.</summary>
    public IReadOnlyList<(VirtualAddress Start, uint Size)> Ranges { get; }

    public VirtualAddress Address => Ranges.Count > 0 ? Ranges[0].Start : default;

    /// <summary>Bytes of all parts, as lsmod counts them.</summary>
    public ulong Size => (ulong)Ranges.Sum(r => (long)r.Size);

    public StructReader Struct => reader;

    /// <summary>Its per-CPU variables, which are symbols of this range: an offset from each CPU's area, in no memory of the
    /// module.</summary>
    public bool HoldsPerCpu(ulong symbol) => symbol >= PerCpuStart && symbol - PerCpuStart < PerCpuSize;

    public bool Holds(VirtualAddress address)
    {
        foreach ((VirtualAddress start, uint size) in Ranges)
            if (address >= start && address.Value - start.Value < size)
                return true;
        return false;
    }

    private static List<(VirtualAddress, uint)> ReadRanges(StructReader module)
    {
        List<(VirtualAddress, uint)> ranges = [];
        void Add(ulong start, ulong size)
        {
            // The address range for modules is 1.5 GiB.
            if (start != 0 && size is > 0 and < 0x6000_0000)
                ranges.Add((new VirtualAddress(start), (uint)size));
        }

        // Text ends where data begins: the last function reaches no further.
        void Split(ulong start, ulong text, ulong size)
        {
            text = Math.Min(text, size);
            Add(start, text);
            Add(unchecked(start + text), size - text);
        }

        if (module.Has("mem") && module.Type.Of("mem") is { } memory)
        {
            VirtualAddress at = module.AddressOf("mem");
            uint parts = Math.Min(16, module.Type.Length("mem"));
            for (int i = 0; i < parts; i++)
            {
                StructReader part = new(module.Memory, memory, at + (long)i * memory.Size);
                Add(part.U64("base"), part.U64("size"));
            }
        }
        else if (module.Has("core_layout"))
        {
            Split(module.U64("core_layout.base"), module.U64("core_layout.text_size"), module.U64("core_layout.size"));
            Split(module.U64("init_layout.base"), module.U64("init_layout.text_size"), module.U64("init_layout.size"));
        }
        else
        {
            Split(module.U64("module_core"), module.U64("core_text_size"), module.U64("core_size"));
        }
        return ranges;
    }
}
