using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// The ORC tables of the kernel and of its modules; a module's table is read when a stack first contains an address in it.
/// </summary>
internal sealed class OrcTables(CrashedKernel kernel, Orc? image)
{
    private readonly Dictionary<KernelModule, Orc?> moduleTables = [];

    /// <summary>True if the kernel has a table.</summary>
    public bool Any => image is not null;

    /// <param name="symbol">True if a symbol covers the address: addresses between the kernel's symbols are not code.</param>
    public OrcEntry? Find(VirtualAddress address, bool symbol)
    {
        if (kernel.Modules.Value?.At(address) is not { } module)
            return symbol ? image?.Find(address) : null;
        if (!moduleTables.TryGetValue(module, out Orc? table))
            moduleTables[module] = table = OfModule(module);
        return table?.Find(address);
    }

    /// <summary>Reads a module's table: module.arch with num_orcs, orc_unwind_ip, orc_unwind.</summary>
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
            // Frames that need this table become guesses, with the reason "no ORC entry".
            return null;
        }
    }
}
