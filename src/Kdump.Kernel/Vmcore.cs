using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Kernel;

/// <summary>
/// A crashed kernel, opened from a dump alone: everything that <see cref="CrashedKernel"/> reads, and the views of it. A view is loaded
/// on first use. If it is missing, it keeps the reason, and other views that do not need it still work.
/// </summary>
public sealed class Vmcore : CrashedKernel
{
    private readonly Architecture? architecture;
    private readonly Lazy<Layer<PrintkLog>> log;
    private readonly Lazy<Layer<StackWalker>> walker;
    private readonly Lazy<Layer<Tasks>> tasks;
    private readonly Lazy<Layer<IReadOnlyDictionary<int, Registers>>> registers;
    private readonly Lazy<Layer<Irqs>> irqs;
    private readonly Lazy<Layer<Devices>> devices;
    private readonly Lazy<Layer<Crash>> crash;

    private Vmcore(Dump dump, Architecture? architecture)
        : base(dump, architecture is null ? null : architecture.OpenMemory, architecture is null ? null : architecture.FindVariable,
            architecture?.Machine ?? "")
    {
        this.architecture = architecture;
        log = new(() => Layer<PrintkLog>.Of(() => PrintkLog.Read(Memory, Keys), Unread, l => l.Damages));
        walker = new(() => Layer<StackWalker>.Of(() => architecture?.OpenStacks(this) ??
            throw new InputException(dump.Name, "machine", -1,
                $"{dump.Info.Machine}: only stacks of x86-64 and arm64 kernels can be walked"), Unread, _ => []));
        tasks = new(() => Layer<Tasks>.Of(() => new Tasks(this), Unread, t => t.Damages));
        irqs = new(() => Layer<Irqs>.Of(() => new Irqs(this), Unread, i => i.Damages));
        devices = new(() => Layer<Devices>.Of(() => new Devices(this), Unread, d => d.Damages));
        crash = new(() => Layer<Crash>.Of(() => Crash.Read(this, Log.Value?.Records ?? [], Tasks.Value), Unread, _ => []));
        registers = new(() => Layer<IReadOnlyDictionary<int, Registers>>.Of(() => architecture is null || Base.Value is null
            ? new Dictionary<int, Registers>() : CpuRegisters.Read(this, architecture), Unread, _ => []));
    }

    /// <summary>
    /// Opens a dump and takes ownership of it. Never throws because of the dump's content: each layer contains the reason if it is
    /// missing.
    /// </summary>
    public static Vmcore Open(Dump dump) => new(dump, Architectures.Of(dump));

    protected override int UsualStack => architecture?.UsualStack(PageSize) ?? base.UsualStack;

    public Layer<PrintkLog> Log => Used(log);

    public Layer<Tasks> Tasks => Used(tasks);

    public Layer<Irqs> Irqs => Used(irqs);

    public Layer<Devices> Devices => Used(devices);

    public Crash Crash => Used(crash).Need(Dump.Name, "crash");

    /// <summary>
    /// Time of the crash in seconds since 1970: CRASHTIME of VMCOREINFO (kernel/crash_core.c), otherwise the time in the dump's header;
    /// null if there is neither.
    /// </summary>
    public long? CrashTime => (Dump.VmcoreInfo?.CrashTime ?? Dump.Info.Timestamp) is long time and > 0 and < 253_402_300_800 ? time : null;

    /// <summary>Host name of the machine, from the dump's header or from uname; null if neither can be read.</summary>
    public string? NodeName => Dump.Info.NodeName ?? Layer<SystemName>.Of(() => SystemName.Read(this)).Value?.Node;

    /// <summary>Registers at the crash by CPU, without CPUs that saved none.</summary>
    public IReadOnlyDictionary<int, Registers> Registers => Used(registers).Need(Dump.Name, "registers");

    /// <summary>The stack walker. Not safe for several threads.</summary>
    public Layer<StackWalker> Walker => Used(walker);

    /// <summary>
    /// The layers with their status, "ok" or the reason: vmcoreinfo, log, kallsyms, btf, and orc or the architecture's other unwind
    /// layer.
    /// </summary>
    public IReadOnlyList<(string Name, string Status, MemoryState? Missing)> Layers
    {
        get
        {
            (string unwind, MemoryState? missing) = Walker.Value?.Tables ?? (Walker.Status, Walker.Missing);
            return
            [
                ("vmcoreinfo", Base.Status, Base.Missing), ("log", Log.Status, Log.Missing),
                ("kallsyms", Kallsyms.Status, Kallsyms.Missing), ("btf", Btf.Status, Btf.Missing),
                (architecture?.UnwindTables ?? "orc", unwind, missing),
            ];
        }
    }

    /// <summary>Creates a disassembler; null for an architecture whose instructions are not supported.</summary>
    public Disassembler? Code() => architecture?.OpenCode(this);

    public Stacks Stacks() => new(this, Registers, Walker);
}
