using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>State of the machine at the time of the crash, as uptime(1), lscpu(1) and /proc show it on a running machine.</summary>
public sealed class SystemState
{
    /// <summary>Maximum length of the command line in bytes: COMMAND_LINE_SIZE is 2048 on x86, and 4096 at most.</summary>
    private const int MaxCommandLine = 4096;

    /// <summary>FIXED_1 of include/linux/sched/loadavg.h: a fixed-point number with 11 fraction bits.</summary>
    private const double FixedOne = 1 << 11;

    private readonly CrashedKernel kernel;

    public SystemState(CrashedKernel kernel)
    {
        this.kernel = kernel;
        Time = Layer<Timekeeper>.Of(() => Timekeeper.Read(kernel));
        Name = Layer<SystemName>.Of(() => SystemName.Read(kernel));
    }

    /// <summary>Uptime and date, at the last tick.</summary>
    public Layer<Timekeeper> Time { get; }

    public Layer<SystemName> Name { get; }

    /// <summary>Load averages over 1, 5 and 15 minutes; null if the dump does not contain them.</summary>
    public double[]? LoadAverage => Read(() =>
    {
        VirtualAddress at = kernel.Symbol("avenrun");
        return (double[])[.. Enumerable.Range(0, 3).Select(i => kernel.Memory.U64(at + 8 * i, "avenrun") / FixedOne)];
    });

    /// <summary>The kernel's command line; null if the dump does not contain it.</summary>
    public string? CommandLine => Read(() => kernel.Memory.Text(kernel.Memory.Pointer(kernel.Symbol("saved_command_line"),
        "saved_command_line"), MaxCommandLine));

    /// <summary>
    /// Model name of the first CPU, and the microcode versions of all CPUs that ran; null if the machine is not x86, or if the memory is
    /// missing.
    /// </summary>
    public (string Model, IReadOnlyList<uint> Microcode)? Processor
    {
        get
        {
            try
            {
                if (kernel.PerCpu.Value is not { } perCpu || perCpu.Ran.Count == 0 || kernel.Btf.Value?.Struct("cpuinfo_x86") is null)
                    return null;
                StructReader[] cpus = [.. perCpu.Ran.Select(cpu => kernel.At("cpuinfo_x86", perCpu.Address("cpu_info", cpu)))];
                return (cpus[0].Text("x86_model_id").Trim(), [.. cpus.Select(c => c.U32("microcode")).Distinct()]);
            }
            catch (InputException)
            {
                // Optional data: report nothing if it is missing.
                return null;
            }
        }
    }

    /// <summary>
    /// arm64: MIDR_EL1 of each type of core that ran (cpu_data, arch/arm64/kernel/cpuinfo.c); empty on other architectures.
    /// </summary>
    public IReadOnlyList<uint> Cores
    {
        get
        {
            try
            {
                if (kernel.PerCpu.Value is not { } perCpu || kernel.FindSymbol("cpu_data") is not { } symbol ||
                    kernel.Btf.Value?.Struct("cpuinfo_arm64") is null)
                    return [];
                return [.. perCpu.Ran.Select(cpu => (uint)(kernel.At("cpuinfo_arm64", perCpu.Address(symbol, cpu)).U64("reg_midr") &
                    uint.MaxValue)).Where(midr => midr != 0).Distinct()];
            }
            catch (InputException)
            {
                return [];
            }
        }
    }

    /// <summary>DMI data, "vendor product, BIOS version date", as oopses print it (dump_stack_arch_desc_str).</summary>
    public string? Hardware => Read(() => kernel.Memory.Text(kernel.Symbol("dump_stack_arch_desc_str"), 128)) is { Length: > 0 } text
        ? text : null;

    /// <summary>Bytes of memory that the kernel's page allocator managed (totalram_pages).</summary>
    public long? Memory => Read(
        () => (long?)unchecked((long)kernel.Memory.U64(kernel.Symbol("_totalram_pages"), "_totalram_pages"))) is { } pages
        ? pages * kernel.PageSize : null;

    public ulong? Taints => Read(() => (ulong?)kernel.Memory.U64(kernel.Symbol("tainted_mask"), "tainted_mask"));

    private static T? Read<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InputException)
        {
            // Only this value is missing.
            return default;
        }
    }
}
