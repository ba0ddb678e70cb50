using BenchmarkDotNet.Attributes;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Bench;

/// <summary>
/// Pages of a dump, in order and at random. KDUMP_BENCH_DUMPS names dumps, separated by blanks; ideally all of one memory.
/// KDUMP_BENCH_PEER is another program's command that reads every page of the dump {}, timed in the same run:
/// <c>makedumpfile -f -d 0 {} /dev/shm/out</c>, say.
/// </summary>
[MemoryDiagnoser]
public class PageReading
{
    private Dump dump = null!;
    private ulong[] frames = [];
    private byte[] page = [];

    [ParamsSource(nameof(Dumps))]
    public string Path { get; set; } = "";

    public static IEnumerable<string> Dumps =>
        (Environment.GetEnvironmentVariable("KDUMP_BENCH_DUMPS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GlobalSetup]
    public void Open()
    {
        dump = DumpFormats.Open([Path]);
        page = new byte[dump.PageSize];
        List<ulong> kept = [];
        for (PageRun? run = dump.NextRun(default); run is { } r; run = dump.NextRun(r.End))
        {
            for (ulong pfn = r.First.Value; pfn < r.End.Value && r.State == PageState.Present; pfn++)
                kept.Add(pfn);
        }
        frames = [.. kept];
        new Random(1).Shuffle(frames);
    }

    [GlobalCleanup]
    public void Close() => dump.Dispose();

    /// <summary>A new reader each time, so that nothing is cached but the file.</summary>
    [Benchmark]
    public PageCounts OpenAndCount()
    {
        using Dump fresh = DumpFormats.Open([Path]);
        return fresh.Count();
    }

    [Benchmark]
    public long VerifyOneThread() => Verification.Run(dump, 1).Counts.Present;

    [Benchmark]
    public long VerifyAllCores() => Verification.Run(dump, Environment.ProcessorCount).Counts.Present;

    /// <summary>10 000 pages at random through the page cache of a new reader.</summary>
    [Benchmark(OperationsPerInvoke = 10_000)]
    public int RandomCold()
    {
        using Dump fresh = DumpFormats.Open([Path]);
        return Read(fresh);
    }

    /// <summary>The same pages again and again: what the layers above feel.</summary>
    [Benchmark(OperationsPerInvoke = 10_000)]
    public int RandomWarm() => Read(dump);

    [Benchmark]
    public int Peer()
    {
        if (Environment.GetEnvironmentVariable("KDUMP_BENCH_PEER") is not { Length: > 0 } command)
            return 0;
        using System.Diagnostics.Process peer = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", command.Replace("{}", Path) + " >/dev/null 2>&1"]))!;
        peer.WaitForExit();
        return peer.ExitCode;
    }

    private int Read(Dump from)
    {
        int sum = 0;
        for (int i = 0; i < 10_000; i++)
        {
            if (from.ReadPage(new Pfn(frames[i % frames.Length]), page) == PageState.Present)
                sum ^= page[i & 4095];
        }
        return sum;
    }
}
