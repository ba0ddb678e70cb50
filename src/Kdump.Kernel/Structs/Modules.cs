using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>The modules that were loaded, newest first as /proc/modules has them.</summary>
public sealed class Modules
{
    private const int MaxModules = 10_000;

    private readonly CrashedKernel kernel;
    private readonly List<KernelModule> all = [];
    private readonly List<Damage> damages = [];
    private readonly (ulong Start, ulong End, KernelModule Module)[] ranges;
    private readonly Dictionary<KernelModule, Layer<ModuleSymbols>> symbols = [];
    private Layer<Dictionary<string, Btf>>? types;

    internal Modules(CrashedKernel kernel)
    {
        this.kernel = kernel;
        VirtualAddress head = kernel.Symbol("modules");
        StructType type = kernel.Struct("module");
        int link = type.Offset("list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "modules", damages, MaxModules))
        {
            try
            {
                all.Add(new KernelModule(new StructReader(kernel.Memory, type, entry + -link)));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        ranges = [.. from module in all
                     from range in module.Ranges
                     orderby range.Start.Value
                     select (range.Start.Value, unchecked(range.Start.Value + range.Size), module)];
    }

    public IReadOnlyList<KernelModule> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    public KernelModule? At(VirtualAddress address)
    {
        int low = 0, high = ranges.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].Start <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && address.Value < ranges[low - 1].End ? ranges[low - 1].Module : null;
    }

    public Location? Locate(VirtualAddress address)
    {
        if (At(address) is not { } module || Symbols(module)?.At(address) is not { } symbol)
            return null;
        return new Location(symbol.Name, address.Value - symbol.Address.Value, symbol.Size, module.Name);
    }

    /// <summary>The first symbol of a name that a module has; null where none has it.</summary>
    public VirtualAddress? Find(string name)
    {
        foreach (KernelModule module in all)
            foreach (Symbol symbol in Symbols(module)?.FindAll(name) ?? [])
                return symbol.Address;
        return null;
    }

    /// <summary>A module's own symbols; null where they cannot be read (see <see cref="Damages"/>).</summary>
    public ModuleSymbols? Symbols(KernelModule module)
    {
        lock (symbols)
        {
            if (!symbols.TryGetValue(module, out Layer<ModuleSymbols>? known))
                symbols[module] = known = Layer<ModuleSymbols>.Of(() => ReadSymbols(module), kernel.Unread, _ => []);
            ModuleSymbols? read = kernel.Used(known).Value;
            // Names of its functions are then missing in whatever asks for them.
            if (read is null)
                kernel.Unread.Current.Add([new Damage(kernel.Dump.Name, $"symbols of {module.Name}", -1, known.Status)]);
            return read;
        }
    }

    private ModuleSymbols ReadSymbols(KernelModule module)
    {
        try
        {
            return ModuleSymbols.Read(module);
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            throw;
        }
    }

    /// <summary>BTF of the modules that have one: btf_modules, kernel/bpf/btf.c struct btf_module.</summary>
    public IReadOnlyDictionary<string, Btf> Types()
    {
        lock (symbols)
        {
            // A module's types may ask for the modules again: they then see what is there.
            if (types is null)
            {
                Dictionary<string, Btf> found = new(StringComparer.Ordinal);
                types = Layer<Dictionary<string, Btf>>.Of(() => found, kernel.Unread, _ => []);
                types = Layer<Dictionary<string, Btf>>.Of(() => ReadTypes(found), kernel.Unread, _ => []);
            }
            return kernel.Used(types).Need(kernel.Dump.Name, "btf_modules");
        }
    }

    private Dictionary<string, Btf> ReadTypes(Dictionary<string, Btf> types)
    {
        if (kernel.Btf.Value is not { } own || kernel.FindSymbol("btf_modules") is not { } head ||
            own.Struct("btf_module") is not { } type)
            return types;
        int link = type.Offset("list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "btf_modules", damages, MaxModules))
        {
            try
            {
                StructReader module = new(kernel.Memory, type, entry + -link);
                if (module.Follow("module") is not { } owner || module.Follow("btf") is not { } btf)
                    continue;
                uint size = btf.U32("data_size");
                if (size > 64 << 20)
                    throw new InputException(kernel.Dump.Name, "btf.data_size", -1, $"{size} bytes are no length of a module's BTF");
                byte[] data = new byte[size];
                kernel.Memory.Read(btf.Pointer("data"), data, "btf.data");
                string name = owner.Text("name");
                types.TryAdd(name, Btf.Parse(data, $"{kernel.Dump.Name} BTF of {name}", own));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        return types;
    }
}
