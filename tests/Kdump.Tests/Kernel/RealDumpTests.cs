using System.Buffers;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel;

/// <summary>What other tools say of the same dumps.</summary>
public sealed class RealDumpTests
{
    [RealDumpFact]
    public void Every_layer_of_a_real_kernel_is_there()
    {
        foreach (string path in RealDumps.All().Where(p => p.EndsWith(".elf", StringComparison.Ordinal)))
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            Assert.All(vmcore.Layers, l => Assert.Equal((path, l.Name, "ok"), (path, l.Name, l.Status)));
            Assert.Empty(vmcore.Tasks.Value!.Damages);
            Assert.NotEmpty(vmcore.Irqs.Value!.All);
            Assert.NotEmpty(vmcore.Devices.Value!.All);
            Stacks stacks = vmcore.Stacks();
            // What the kernel has given back, and what a CPU did that did not answer the crash, nobody can prove.
            Assert.All(vmcore.Tasks.Value.All.Where(t => t.OnCpu ? vmcore.Registers.ContainsKey(t.Cpu) : t.StackBase.Value != 0),
                t => Assert.True(stacks.Of(t) is { Proven: true }, $"{path}: {t.Pid} {t.Comm}: {stacks.Of(t).Stopped}"));
        }
    }

    [RealDumpFact]
    public void The_log_is_makedumpfiles_byte_for_byte()
    {
        foreach ((string path, string answer) in RealDumps.With(".dmesg"))
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            ArrayBufferWriter<byte> output = new(1 << 18);
            vmcore.Log.Value!.Print(output);
            Assert.True(output.WrittenSpan.SequenceEqual(File.ReadAllBytes(answer)), path);
        }
    }

    /// <summary>System.map leaves out local constants (.L…) that kallsyms of older kernels has, and no others.</summary>
    [RealDumpFact]
    public void Every_symbol_is_System_maps_moved_by_KASLR()
    {
        foreach ((string path, string answer) in RealDumps.With(".map"))
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            ulong moved = Convert.ToUInt64(vmcore.Keys["KERNELOFFSET"], 16);
            HashSet<(ulong, string)> map = [];
            foreach (string line in File.ReadLines(answer))
                if (line.Split(' ') is [var address, _, var name])
                    map.Add((Convert.ToUInt64(address, 16), name));
            Kallsyms symbols = vmcore.Kallsyms.Value!;
            for (int i = 0; i < symbols.Count; i++)
            {
                ulong address = symbols.Address(i).Value;
                if (!symbols.Name(i).StartsWith(".L", StringComparison.Ordinal))
                    Assert.True(map.Contains((address >= 1UL << 63 ? address - moved : address, symbols.Name(i))),
                        $"{path}: {symbols.Name(i)} at {address:x}");
            }
        }
    }

    [RealDumpFact]
    public void The_pattern_search_finds_the_tables_that_VMCOREINFO_names()
    {
        foreach (string path in RealDumps.All())
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            if (vmcore.Keys.Symbol("kallsyms_names") is not { } names)
                continue;
            KallsymsTables? found = KallsymsSearch.Search(vmcore.Memory, vmcore.Keys.Symbol("_stext")!.Value, 128 << 20);
            Assert.Equal((path, names, vmcore.Keys.Symbol("kallsyms_token_table")), (path, found!.Names, found.TokenTable));
            Assert.Equal(vmcore.Keys.Symbol("kallsyms_offsets"), found.Offsets);
        }
    }
}
