using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The dead kernel as something to read: its memory, symbols and types, its modules and per-CPU areas. Each is a layer that loads when
/// first used and keeps the reason if it is missing; those below it work without it. The code that uses it (<c>Vmcore</c> and the
/// views) is on the floor above.
/// </summary>
public class CrashedKernel : IDisposable
{
    /// <summary>
    /// Symbols around the stack of init_task, which is one stack's size (include/asm-generic/vmlinux.lds.h, INIT_TASK_DATA): since
    /// v6.11, and before.
    /// </summary>
    private static readonly (string Start, string End)[] InitStack =
        [("__start_init_stack", "__end_init_stack"), ("__start_init_task", "__end_init_task")];

    private readonly Lazy<int> stackSize;
    private readonly Lazy<TaskStates> taskStates;
    private readonly Lazy<Layer<KernelBase>> ground;
    private readonly Lazy<Layer<Kallsyms>> kallsyms;
    private readonly Lazy<Layer<Btf>> btf;
    private readonly Lazy<Layer<Modules>> modules;
    private readonly Lazy<Layer<PerCpu>> perCpu;
    private readonly Lazy<ExportedSymbols?> exported;
    private readonly Func<string, VirtualAddress?> hidden;

    /// <param name="open">The architecture's way from VMCOREINFO to an address space; null for an architecture that is not known.</param>
    /// <param name="derive">The architecture's way to a variable that no table names; null for none.</param>
    protected CrashedKernel(Dump dump, Func<PhysicalMemory, Keys, KernelMemory>? open,
        Func<CrashedKernel, string, VirtualAddress?>? derive = null, string machine = "")
    {
        Dump = dump;
        Machine = machine;
        exported = new(LoadExports);
        hidden = name => derive?.Invoke(this, name);
        ground = new(() => Layer<KernelBase>.Of(() => KernelBase.Open(dump, Unread, open), Unread, null));
        kallsyms = new(() => Layer<Kallsyms>.Of(() => KallsymsLoader.Load(Memory, Keys), Unread, null));
        btf = new(() => Layer<Btf>.Of(LoadTypes, Unread, null));
        modules = new(() => Layer<Modules>.Of(() => new Modules(this), Unread, m => m.Damages));
        stackSize = new(LoadStackSize);
        taskStates = new(() => TaskStates.Of(this));
        perCpu = new(() => Layer<PerCpu>.Of(() => new PerCpu(this), Unread, _ => []));
    }

    public Dump Dump { get; }

    /// <summary>What it is read as, by the name that uname -m has; empty for a machine that is not known.</summary>
    public string Machine { get; }

    /// <summary>Memory that was read but is not in this dump.</summary>
    public UnreadMemory Unread { get; } = new();

    public Layer<KernelBase> Base => Used(ground);

    public Layer<Kallsyms> Kallsyms => Used(kallsyms);

    public Layer<Btf> Btf => Used(btf);

    public Layer<Modules> Modules => Used(modules);

    public Layer<PerCpu> PerCpu => Used(perCpu);

    /// <summary>A vmlinux that the user gave: an extra. It is closed with the dump.</summary>
    public DebugSymbols? Debug { get; set; }

    /// <summary>
    /// Bytes of a task's kernel stack (THREAD_SIZE): union thread_union where BTF has it, else what the linker reserved for the first
    /// task's, else <see cref="UsualStack"/>.
    /// </summary>
    public int StackSize => stackSize.Value;

    /// <summary>What the bits of a task's state mean in this kernel.</summary>
    public TaskStates TaskStates => taskStates.Value;

    /// <summary>THREAD_SIZE where the dump does not tell, in bytes.</summary>
    protected virtual int UsualStack => 16 << 10;

    /// <summary>
    /// Bytes of a page of the kernel. A dump may count in others: QEMU writes arm64's in blocks of 64 KiB, and takes 4 KiB for any ELF.
    /// </summary>
    public int PageSize => Base.Value?.Keys["PAGESIZE"] is { } text && int.TryParse(text, out int size) && size is >= 512 and <= 1 << 20
        ? size : Dump.PageSize;

    /// <summary>The kernel's frame of a physical address.</summary>
    public Pfn FrameOf(PhysicalAddress at) => new(at.Value / (ulong)PageSize);

    /// <summary>uname -r of the dead kernel; null where VMCOREINFO is missing.</summary>
    public string? Release => Base.Value?.Keys["OSRELEASE"];

    /// <exception cref="InputException">VMCOREINFO is missing.</exception>
    public Keys Keys => Base.Need(Dump.Name, "VMCOREINFO").Keys;

    /// <exception cref="InputException">VMCOREINFO is missing, and with it the way to virtual memory.</exception>
    public KernelMemory Memory => Base.Need(Dump.Name, "VMCOREINFO").Memory;

    /// <summary>
    /// Address of a symbol: VMCOREINFO's, else kallsyms'; where that has only functions, of the exports or out of the code. Null where none
    /// has it.
    /// </summary>
    public VirtualAddress? FindSymbol(string name) =>
        Keys.Symbol(name) ?? Kallsyms.Value?.Find(name) ?? (exported.Value is { } exports ? exports.Find(name) ?? hidden(name) : null);

    /// <summary>The same, and where the kernel itself has none of the name the first that a module has.</summary>
    public VirtualAddress? FindAnySymbol(string name) => FindSymbol(name) ?? Modules.Value?.Find(name);

    /// <summary>Null for a kernel whose kallsyms has data: what is not there then is nowhere.</summary>
    private ExportedSymbols? LoadExports()
    {
        if (Kallsyms.Value is not { } symbols || symbols.Find("init_task") is not null || Keys.Symbol("_stext") is not { } text)
            return null;
        return ExportedSymbols.Load(Memory, text, "init_task", "__per_cpu_offset", "nr_cpu_ids");
    }

    /// <exception cref="InputException">Neither VMCOREINFO nor kallsyms has it.</exception>
    public VirtualAddress Symbol(string name) => FindSymbol(name)
        ?? throw new InputException(Dump.Name, name, -1, Kallsyms.Value is null ? $"needs kallsyms: {Kallsyms.Status}"
            : "is not in kallsyms (a kernel without CONFIG_KALLSYMS_ALL, or without this symbol)");

    /// <exception cref="InputException">There is no BTF, or no such struct in it.</exception>
    public StructType Struct(string name) =>
        Btf.Need(Dump.Name, $"struct {name}").Struct(name)
            ?? throw new InputException(Dump.Name, $"struct {name}", -1, "is not in this kernel's BTF");

    public StructReader At(string type, VirtualAddress address) => new(Memory, Struct(type), address);

    /// <summary>A struct of the kernel or of any loaded module that has BTF; null where none has it.</summary>
    public StructType? FindStruct(string name)
    {
        if (Btf.Value?.Struct(name) is { } own)
            return own;
        foreach (Btf types in Modules.Value?.Types().Values ?? [])
            if (types.Struct(name) is { } type)
                return type;
        return null;
    }

    /// <summary>The symbol that covers an address, in the kernel or a module; null where there is none.</summary>
    public Location? Locate(VirtualAddress address)
    {
        if (Modules.Value?.Locate(address) is { } inModule)
            return inModule;
        if (Kallsyms.Value is not { } symbols || !InImage(address, symbols))
            return null;
        // Without data in the table its last function would reach over all of it.
        return symbols.At(address) is { } symbol && (symbol.Name is not ("_etext" or "_einittext") || exported.Value is null)
            ? new Location(symbol.Name, address.Value - symbol.Address.Value, symbol.Size, null)
            : null;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Debug?.Dispose();
        Dump.Dispose();
    }

    protected Layer<T> Used<T>(Lazy<Layer<T>> lazy)
        where T : class => Used(lazy.Value);

    /// <summary>Memory missing for a layer also counts as missing for its users.</summary>
    internal Layer<T> Used<T>(Layer<T> layer)
        where T : class
    {
        Unread.Current.Include(layer.Unread);
        return layer;
    }

    private int LoadStackSize()
    {
        if (Btf.Value?.Struct("thread_union") is { } union && IsStackSize((ulong)union.Size))
            return union.Size;
        foreach ((string start, string end) in InitStack)
            if (Kallsyms.Value?.Find(start) is { } from && Kallsyms.Value.Find(end) is { } to && IsStackSize(to.Value - from.Value))
                return (int)(to.Value - from.Value);
        return UsualStack;
    }

    private static bool IsStackSize(ulong bytes) => bytes is >= 4096 and <= 1 << 20 && ulong.IsPow2(bytes);

    private Btf LoadTypes() => FindSymbol("__start_BTF") is { } start && FindSymbol("__stop_BTF") is { } end
        ? BtfSearch.Between(Memory, start, end) : BtfSearch.Scan(Memory, Symbol("_stext"));

    private bool InImage(VirtualAddress address, Kallsyms symbols)
    {
        VirtualAddress start = FindSymbol("_stext") ?? FindSymbol("_text") ?? Memory.Image.Start;
        return address >= start && (symbols.Find("_end") is not { } end || address < end);
    }
}
