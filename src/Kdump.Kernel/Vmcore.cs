using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Kernel;

/// <summary>
/// A dump opened as a kernel, with nothing but the dump. Layers build on each other and load when first asked for; each keeps why it is
/// missing, and those below it work without it.
/// </summary>
public sealed class Vmcore : IDisposable
{
    private readonly Lazy<Layer<KernelBase>> ground;
    private readonly Lazy<Layer<PrintkLog>> log;
    private readonly Lazy<Layer<Kallsyms>> kallsyms;
    private readonly Lazy<Layer<Btf>> btf;
    private readonly Lazy<Layer<Orc>> orc;
    private readonly Lazy<Layer<Modules>> modules;
    private readonly Lazy<Layer<PerCpu>> perCpu;
    private readonly Lazy<Layer<Tasks>> tasks;
    private readonly Lazy<IReadOnlyDictionary<int, PtRegs>> registers;
    private readonly Lazy<Layer<Irqs>> irqs;
    private readonly Lazy<Layer<Devices>> devices;
    private readonly Lazy<Crash> crash;

    private Vmcore(Dump dump)
    {
        Dump = dump;
        ground = new(() => Layer<KernelBase>.Of(() => KernelBase.Open(dump)));
        log = new(() => Layer<PrintkLog>.Of(() => PrintkLog.Read(Memory, Keys)));
        kallsyms = new(() => Layer<Kallsyms>.Of(() => KernelTables.Symbols(this)));
        btf = new(() => Layer<Btf>.Of(() => KernelTables.Types(this)));
        orc = new(() => Layer<Orc>.Of(() => KernelTables.Unwind(this)));
        modules = new(() => Layer<Modules>.Of(() => new Modules(this)));
        perCpu = new(() => Layer<PerCpu>.Of(() => new PerCpu(this)));
        tasks = new(() => Layer<Tasks>.Of(() => new Tasks(this)));
        irqs = new(() => Layer<Irqs>.Of(() => new Irqs(this)));
        devices = new(() => Layer<Devices>.Of(() => new Devices(this)));
        crash = new(() => Views.Crash.Read(this));
        registers = new(() => Base.Value is null ? new Dictionary<int, PtRegs>() : CpuRegisters.Read(this));
    }

    /// <summary>Takes a dump over. Never throws for what is in it: what is missing is said by the layers.</summary>
    public static Vmcore Open(Dump dump) => new(dump);

    public Dump Dump { get; }

    public Layer<KernelBase> Base => ground.Value;

    public Layer<PrintkLog> Log => log.Value;

    public Layer<Kallsyms> Kallsyms => kallsyms.Value;

    public Layer<Btf> Btf => btf.Value;

    public Layer<Orc> Orc => orc.Value;

    public Layer<Modules> Modules => modules.Value;

    public Layer<PerCpu> PerCpu => perCpu.Value;

    public Layer<Tasks> Tasks => tasks.Value;

    public Layer<Irqs> Irqs => irqs.Value;

    public Layer<Devices> Devices => devices.Value;

    public Crash Crash => crash.Value;

    /// <summary>Registers at the crash by CPU; CPUs that left none are not in it.</summary>
    public IReadOnlyDictionary<int, PtRegs> Registers => registers.Value;

    /// <summary>The layers of the contract: vmcoreinfo, log, kallsyms, btf, orc; "ok" or the reason.</summary>
    public IReadOnlyList<(string Name, string Status)> Layers =>
    [
        ("vmcoreinfo", Base.Status), ("log", Log.Status), ("kallsyms", Kallsyms.Status), ("btf", Btf.Status), ("orc", Orc.Status),
    ];

    /// <summary>uname -r of the dead kernel; null where VMCOREINFO is missing.</summary>
    public string? Release => Base.Value?.Keys["OSRELEASE"];

    /// <exception cref="InputException">VMCOREINFO is missing.</exception>
    public Keys Keys => Base.Need(Dump.Name, "VMCOREINFO").Keys;

    /// <exception cref="InputException">VMCOREINFO is missing, and with it the way to virtual memory.</exception>
    public X8664Memory Memory => Base.Need(Dump.Name, "VMCOREINFO").Memory;

    /// <summary>Address of a symbol: VMCOREINFO's, else kallsyms'; null where neither has it.</summary>
    public VirtualAddress? FindSymbol(string name) => Keys.Symbol(name) ?? Kallsyms.Value?.Find(name);

    /// <exception cref="InputException">Neither VMCOREINFO nor kallsyms has it.</exception>
    public VirtualAddress Symbol(string name) => FindSymbol(name)
        ?? throw new InputException(Dump.Name, name, -1, Kallsyms.Value is null ? $"needs kallsyms: {Kallsyms.Status}"
            : "is not in kallsyms (a kernel without CONFIG_KALLSYMS_ALL, or without this symbol)");

    /// <exception cref="InputException">There is no BTF, or no such struct in it.</exception>
    public StructType Struct(string name) =>
        Btf.Need(Dump.Name, $"struct {name}").Struct(name)
            ?? throw new InputException(Dump.Name, $"struct {name}", -1, "is not in this kernel's BTF");

    public StructReader At(string type, VirtualAddress address) => new(Memory, Struct(type), address);

    /// <summary>The symbol that covers an address, in the kernel or a module; null where there is none.</summary>
    public Location? Locate(VirtualAddress address)
    {
        if (Modules.Value?.Locate(address) is { } inModule)
            return inModule;
        if (Kallsyms.Value is not { } symbols || !InImage(address, symbols))
            return null;
        return symbols.At(address) is { } symbol ? new Location(symbol.Name, address.Value - symbol.Address.Value, symbol.Size, null)
            : null;
    }

    public void Dispose() => Dump.Dispose();

    private bool InImage(VirtualAddress address, Kallsyms symbols)
    {
        VirtualAddress start = FindSymbol("_stext") ?? FindSymbol("_text") ?? new VirtualAddress(X8664Memory.StartKernelMap);
        return address >= start && (symbols.Find("_end") is not { } end || address < end);
    }
}
