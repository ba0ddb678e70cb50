using System.Diagnostics;

namespace Kdump.Fuzz.Running;

/// <summary>
/// Findings and kept inputs once more through the native program: the AOT compiler moves code, and its run time has other limits. Inputs
/// are taken evenly until the time is over.
/// </summary>
internal sealed class NativeReplay(string native, string store, string folder)
{
    private const int Most = 4000;

    /// <summary>Address space, KiB; the native program reserves that of its heap's limit.</summary>
    private const long AddressSpace = 24L << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private int findings;
    private int runs;

    public int Run(Target[] targets, TimeSpan time)
    {
        (Target Target, string File)[] inputs = [.. targets.SelectMany(t =>
            Of(t, "findings").Concat(Of(t, "corpus").OrderBy(_ => Random.Shared.Next())
            .Take(Most / targets.Length)).Select((f, i) => (t, f, i))).OrderBy(x => x.i).Select(x => (x.t, x.f))];
        Stopwatch clock = Stopwatch.StartNew();
        int next = -1;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(w => new Thread(() =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < inputs.Length && clock.Elapsed < time;)
                One(inputs[i].Target, inputs[i].File, Path.Combine(folder, $"native-{w}-{inputs[i].Target.Name}"));
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Console.WriteLine($"{runs} of {inputs.Length} inputs through {Path.GetFileName(native)}, {findings} findings");
        return findings;
    }

    private string[] Of(Target target, string kind)
    {
        string at = Path.Combine(store, kind, target.Name);
        return !Directory.Exists(at) ? []
            : Directory.GetFiles(at, kind == "corpus" ? "*" : "*.input", SearchOption.AllDirectories);
    }

    private void One(Target target, string file, string work)
    {
        byte[] input = File.ReadAllBytes(file);
        int command = Corpus.CommandOf(file) % target.Commands.Length;
        if (!Directory.Exists(work))
        {
            Directory.CreateDirectory(work);
            foreach ((string name, byte[] bytes) in target.Companions())
                File.WriteAllBytes(Path.Combine(work, name), bytes);
        }
        File.WriteAllBytes(Path.Combine(work, "input"), target.Pack(input));
        Interlocked.Increment(ref runs);
        Outcome outcome = Kdt(target.Words(command, work, input), work);
        if (outcome.Kind is not null && new Finding(target.Name, command, "native-" + outcome.Kind, outcome.Text, input)
            .Save(Path.Combine(store, "findings"), target, p => p))
            Interlocked.Increment(ref findings);
    }

    private Outcome Kdt(string[] words, string work)
    {
        // The output of a run is a file there: the size limit ends it by SIGXFSZ.
        string output = Path.Combine(work, "output");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"ulimit -v {AddressSpace}; ulimit -f 131072; exec \"$@\" > \"$0\" 2>&1", output,
            native, .. words]);
        using Process run = Process.Start(start)!;
        if (!run.WaitForExit(Limit))
        {
            // Wall time of a busy machine proves nothing.
            TimeSpan used = run.TotalProcessorTime;
            run.Kill();
            run.WaitForExit();
            return used > Limit / 3 ? new("hang", $"{used.TotalSeconds:f1} s of CPU and not at its end") : default;
        }
        return Outcome.Of(run.ExitCode, null, Finding.FaultIn(File.ReadAllText(output)), 0, null);
    }
}
