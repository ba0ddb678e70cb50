using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>A mapped range of a process's address space: struct vm_area_struct of include/linux/mm_types.h.</summary>
public sealed class VmArea
{
    private const ulong Readable = 1, Writable = 2, Executable = 4, MayShare = 8;

    internal VmArea(StructReader reader)
    {
        Struct = reader;
        Start = reader.Pointer("vm_start");
        End = reader.Pointer("vm_end");
        Flags = reader.U64("vm_flags");
        PageOffset = reader.U64("vm_pgoff");
        File = reader.Pointer("vm_file");
    }

    public StructReader Struct { get; }

    public VirtualAddress Start { get; }

    /// <summary>The address after the last byte.</summary>
    public VirtualAddress End { get; }

    public ulong Bytes => unchecked(End.Value - Start.Value);

    /// <summary>Flags of the area: VM_* of include/linux/mm.h.</summary>
    public ulong Flags { get; }

    /// <summary>Offset of the range in its file, in pages.</summary>
    public ulong PageOffset { get; }

    /// <summary>The struct file of the mapped file; NULL for anonymous memory.</summary>
    public VirtualAddress File { get; }

    public bool IsReadable => (Flags & Readable) != 0;

    public bool IsWritable => (Flags & Writable) != 0;

    public bool IsExecutable => (Flags & Executable) != 0;

    /// <summary>Permissions as in /proc/PID/maps: r, w, x, and s (VM_MAYSHARE) or p.</summary>
    public string Permissions =>
        $"{(IsReadable ? 'r' : '-')}{(IsWritable ? 'w' : '-')}{(IsExecutable ? 'x' : '-')}{((Flags & MayShare) != 0 ? 's' : 'p')}";

    /// <summary>
    /// Areas of a process by address: the maple tree mm_mt since Linux commit 763ecb035029 ("mm: remove the vma linked list") (v6.1),
    /// before that, the list mmap linked by vm_next.
    /// </summary>
    public static IReadOnlyList<VmArea> All(CrashedKernel kernel, ProcessMemory mm, List<Damage> damages)
    {
        StructType type = kernel.Struct("vm_area_struct");
        IEnumerable<VirtualAddress> entries = mm.Struct.Has("mm_mt")
            ? MapleTree.Walk(kernel, mm.Struct.AddressOf("mm_mt"), damages).Select(e => e.Entry)
            : Chain.Walk(kernel.Memory, mm.Struct.AddressOf("mmap"), type.Offset("vm_next"), "mm_struct.mmap", damages);
        List<VmArea> all = [];
        foreach (VirtualAddress at in entries)
        {
            try
            {
                VmArea area = new(new StructReader(kernel.Memory, type, at));
                if (area.End <= area.Start || (all.Count > 0 && area.Start < all[^1].End))
                    throw new InputException(kernel.Dump.Name, "vm_area_struct", -1,
                        $"{area.Start}-{area.End} at {at} does not come behind the area before it");
                all.Add(area);
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        return all;
    }
}
