using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>A range of a process's addresses, struct vm_area_struct of include/linux/mm_types.h.</summary>
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

    /// <summary>The first byte behind it.</summary>
    public VirtualAddress End { get; }

    public ulong Bytes => unchecked(End.Value - Start.Value);

    /// <summary>VM_* of include/linux/mm.h.</summary>
    public ulong Flags { get; }

    /// <summary>Where in its file it begins, in pages.</summary>
    public ulong PageOffset { get; }

    /// <summary>struct file; NULL for anonymous memory.</summary>
    public VirtualAddress File { get; }

    public bool IsReadable => (Flags & Readable) != 0;

    public bool IsWritable => (Flags & Writable) != 0;

    public bool IsExecutable => (Flags & Executable) != 0;

    /// <summary>r, w, x and s or p, as /proc/PID/maps shows them: s is VM_MAYSHARE.</summary>
    public string Permissions =>
        $"{(IsReadable ? 'r' : '-')}{(IsWritable ? 'w' : '-')}{(IsExecutable ? 'x' : '-')}{((Flags & MayShare) != 0 ? 's' : 'p')}";

    /// <summary>
    /// Areas of a process by address: the maple tree mm_mt since Linux commit 763ecb035029 ("mm: remove the vma linked list") (v6.1), the
    /// list from mmap by vm_next before.
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
