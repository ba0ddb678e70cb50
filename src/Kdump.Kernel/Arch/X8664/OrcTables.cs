using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>The ORC tables of the kernel and of its modules; a module's is read when a stack first leads into it.</summary>
internal sealed class OrcTables(CrashedKernel kernel, Orc? image)
{
    private readonly Dictionary<KernelModule, Orc?> moduleTables = [];

    /// <summary>The kernel has a table.</summary>
    public bool Any => image is not null;

    /// <param name="symbol">A symbol covers the address: what lies between those of the kernel is no code.</param>
    public OrcEntry? Find(VirtualAddress address, bool symbol)
    {
        if (kernel.Modules.Value?.At(address) is not { } module)
            return symbol ? image?.Find(address) : null;
        if (!moduleTables.TryGetValue(module, out Orc? table))
            moduleTables[module] = table = OfModule(module);
        return table?.Find(address);
    }

    /// <summary>module.arch: num_orcs, orc_unwind_ip, orc_unwind.</summary>
    private Orc? OfModule(KernelModule module)
    {
        try
        {
            StructReader arch = module.Struct.Inner("arch");
            uint count = arch.U32("num_orcs");
            if (count is 0 or > Orc.MaxEntries)
                return null;
            return Orc.Read(kernel.Memory, arch.Pointer("orc_unwind_ip"), arch.Pointer("orc_unwind"), (int)count, null, image?.Version);
        }
        catch (InputException)
        {
            // The frame that needs it becomes a guess, with the reason "no ORC entry".
            return null;
        }
    }
}
