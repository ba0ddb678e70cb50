using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Timers of each CPU: the wheels of kernel/time/timer.c (timer_bases, among them one for timers that may move to another CPU and one for
/// deferrable timers) and the trees of kernel/time/hrtimer.c (hrtimer_bases, one for each clock).
/// </summary>
public sealed class Timers
{
    private const int MaxTimers = 1_000_000;

    private static readonly string[] Clocks = ["monotonic", "realtime", "boottime", "tai"];

    /// <summary>TIMER_DEFERRABLE of include/linux/timer.h.</summary>
    private const ulong Deferrable = 0x0008_0000;

    private readonly CrashedKernel kernel;
    private readonly List<PendingTimer> all = [];
    private int left = 2 * MaxTimers;
    private readonly List<Damage> damages = [];

    public Timers(CrashedKernel kernel)
    {
        this.kernel = kernel;
        Now = Layer<Timekeeper>.Of(() => Timekeeper.Read(kernel));
        PerCpu perCpu = kernel.PerCpu.Need(kernel.Dump.Name, "timer_bases");
        foreach (int cpu in perCpu.Ran)
        {
            Try(() => Wheels(cpu, perCpu.Address("timer_bases", cpu)));
            Try(() => Trees(cpu, kernel.At("hrtimer_cpu_base", perCpu.Address("hrtimer_bases", cpu))));
        }
        all = [.. all.OrderBy(t => t.Nanoseconds ?? long.MaxValue).ThenBy(t => t.Cpu).ThenBy(t => t.Address.Value)];
    }

    /// <summary>The timers, the next one to expire first.</summary>
    public IReadOnlyList<PendingTimer> All => all;

    /// <summary>The kernel's time; without it no timer is reported as late.</summary>
    public Layer<Timekeeper> Now { get; }

    public IReadOnlyList<Damage> Damages => damages;

    private void Wheels(int cpu, VirtualAddress at)
    {
        StructType type = kernel.Struct("timer_base"), timer = kernel.Struct("timer_list");
        int bases = BaseCount(type), entry = timer.Offset("entry"), buckets = (int)Math.Min(4096, type.Length("vectors"));
        for (int b = 0; b < bases; b++)
        {
            StructReader wheel = new(kernel.Memory, type, at + (long)b * type.Size);
            VirtualAddress vectors = wheel.AddressOf("vectors");
            byte[] heads = new byte[8 * buckets];
            kernel.Memory.Read(vectors, heads, "timer_base.vectors");
            for (int i = 0; i < buckets && all.Count < MaxTimers; i++)
            {
                if (System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(heads.AsSpan(8 * i)) == 0)
                    continue;
                foreach (VirtualAddress node in HList.Walk(kernel, vectors + 8L * i, "timer_base.vectors", damages,
                    Math.Min(MaxTimers, left)))
                    Try(() =>
                    {
                        StructReader one = new(kernel.Memory, timer, node + -entry);
                        ulong expires = one.U64("expires");
                        Add(cpu, "jiffies", one, (long)expires, Now.Value is { } now
                            ? (long)((Int128)unchecked((long)(expires - now.Jiffies)) * 1_000_000_000 / now.TicksPerSecond) : null,
                                "function");
                    });
            }
        }
    }

    /// <summary>
    /// Number of bases per CPU: two or three with NO_HZ_COMMON, otherwise one; from the type of the per-CPU variable if BTF contains it.
    /// </summary>
    private int BaseCount(StructType type)
    {
        if (kernel.Btf.Value?.VariableType("timer_bases") is { } id && type.Size > 0)
            return Math.Clamp(kernel.Btf.Value.SizeOf(id) / type.Size, 1, 8);
        return kernel.Symbol("timer_bases") is { } at && kernel.Kallsyms.Value?.At(at) is { } symbol && type.Size > 0
            ? (int)Math.Clamp(symbol.Size / (ulong)type.Size, 1, 3) : 1;
    }

    private void Trees(int cpu, StructReader cpuBase)
    {
        StructType clock = cpuBase.Type.Of("clock_base") ?? kernel.Struct("hrtimer_clock_base"), timer = kernel.Struct("hrtimer");
        int count = (int)Math.Min(16, cpuBase.Type.Length("clock_base")), node = timer.Offset("node");
        for (int i = 0; i < count; i++)
        {
            StructReader one = new(kernel.Memory, clock, cpuBase.AddressOf("clock_base") + (long)i * clock.Size);
            long offset = one.S64("offset");
            string name = i < 2 * Clocks.Length ? Clocks[i % Clocks.Length] + (i >= Clocks.Length ? "-soft" : "") : $"clock {i}";
            foreach (VirtualAddress at in RbTree.Walk(kernel, one.AddressOf("active"), "hrtimer_clock_base.active", damages,
                Math.Min(MaxTimers, left)))
                Try(() =>
                {
                    StructReader high = new(kernel.Memory, timer, at + -node);
                    long expires = high.S64("node.expires");
                    Add(cpu, name, high, expires, Now.Value is { } now ? unchecked(expires - offset - (long)now.Monotonic) : null,
                        high.Has("function") ? "function" : "_function");
                });
        }
    }

    private void Add(int cpu, string clock, StructReader timer, long expires, long? left, string member)
    {
        VirtualAddress function = timer.Pointer(member);
        Symbols.Location? name = kernel.Locate(function);
        all.Add(new PendingTimer(cpu, clock, timer.Address, expires, left, function, name) 
        {
            For = Behind(timer.Address, name?.Symbol), Deferrable = clock == "jiffies" && ((timer.First("flags") ?? 0) & Deferrable) != 0,
        });
    }

    private string? Behind(VirtualAddress timer, string? function)
    {
        (string? type, string member) = function switch
        {
            "delayed_work_timer_fn" => ("delayed_work", "timer"),
            "process_timeout" => ("process_timer", "timer"),
            "hrtimer_wakeup" => ("hrtimer_sleeper", "timer"),
            _ => ((string?)null, ""),
        };
        try
        {
            if (type is null || kernel.Btf.Value?.Struct(type) is not { } layout)
                return null;
            StructReader outer = new(kernel.Memory, layout, timer + -layout.Offset(member));
            if (type == "delayed_work")
                return kernel.Locate(outer.Pointer("work.func")) is { } at ? at.Symbol + (at.Module is null ? "" : $" [{at.Module}]")
                    : null;
            return outer.Follow("task") is { } task ? $"{task.Text("comm")} ({task.S32("pid")})" : null;
        }
        catch (InputException)
        {
            // The target of the function is optional data.
            return null;
        }
    }

    private void Try(Action read)
    {
        left = Math.Max(0, left - 1);
        try
        {
            read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
