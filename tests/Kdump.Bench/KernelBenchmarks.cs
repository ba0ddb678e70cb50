using BenchmarkDotNet.Attributes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Bench;

/// <summary>What a person waits for: the log, why and where it crashed, all stacks. KDUMP_BENCH_VMCORE names the dump.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private string path = "";

    [GlobalSetup]
    public void Find() => path = Environment.GetEnvironmentVariable("KDUMP_BENCH_VMCORE")
        ?? throw new InvalidOperationException("KDUMP_BENCH_VMCORE names no dump");

    [Benchmark]
    public int Log()
    {
        using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
        return vmcore.Log.Value!.Text().Length;
    }

    [Benchmark(Baseline = true)]
    public int CrashAndItsStack()
    {
        using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
        return vmcore.Crash.Task is { } task ? vmcore.Stacks().Of(task).Frames.Count : 0;
    }

    [Benchmark]
    public int AllStacks()
    {
        using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
        int frames = 0;
        Stacks stacks = vmcore.Stacks();
        foreach (TaskStruct task in vmcore.Tasks.Value!.All)
            frames += stacks.Of(task).Frames.Count;
        return frames;
    }
}
