using System.Diagnostics;
using System.Globalization;
using Kdump.Fuzz.Targets;

namespace Kdump.Fuzz.Running;

/// <summary>The parent: instruments a copy of the program, gives children their shares of the time, takes what they die of.</summary>
internal sealed class Session(string store, double minutes)
{
    private static readonly string[] Instrumented =
        ["Kdump.Formats.dll", "Kdump.Kernel.dll", "Kdump.Diagnosis.dll", "Kdump.Sources.dll", "kdt.dll"];

    private readonly Dictionary<string, Score> scores = [];
    private volatile bool notRun;
    private readonly string folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
        $"kdt-fuzz-{Environment.ProcessId}")).FullName;

    /// <summary>The number of findings.</summary>
    public int Run(Target[] targets, string? native)
    {
        try
        {
            string program = Path.Combine(folder, "program");
            Copy(AppContext.BaseDirectory, program);
            foreach (string name in Instrumented)
                SharpFuzz.Fuzzer.Instrument(Path.Combine(program, name), _ => true, SharpFuzz.Options.Value);
            RetryFindings();
            int workers = Math.Min(Environment.ProcessorCount, targets.Length);
            // The native program has a tenth.
            double share = 60 * minutes * 0.9 * workers / targets.Length;
            Thread[] threads = [.. Enumerable.Range(0, workers).Select(w => new Thread(() => Work(program,
                Path.Combine(folder, $"worker-{w}"), [.. targets.Where((_, i) => i % workers == w).Select(t => (t.Name, share))])))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            Console.WriteLine(Score.Head);
            foreach (Target target in targets)
                Console.WriteLine(scores.GetValueOrDefault(target.Name, Score.None(target.Name)).Row());
            Score all = scores.Values.Aggregate(Score.None("all"), (a, s) => a.Then(s));
            Console.WriteLine($"{all.Runs} runs, {all.Findings} findings in instrumented code");
            return all.Findings + (notRun ? 1 : 0) + (native is null ? 0 : new NativeReplay(native, store, folder).Run(targets,
                TimeSpan.FromMinutes(minutes * 0.1)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What earlier runs found is input again: it is found again or mended.</summary>
    private void RetryFindings()
    {
        string findings = Path.Combine(store, "findings");
        if (!Directory.Exists(findings))
            return;
        foreach (string file in Directory.GetFiles(findings, "*.input", SearchOption.AllDirectories))
        {
            string target = Path.GetRelativePath(findings, file).Split('/')[0];
            string corpus = Directory.CreateDirectory(Path.Combine(store, "corpus", target)).FullName;
            File.Copy(file, Path.Combine(corpus, $"{Finding.Hash(File.ReadAllBytes(file))}.c{Corpus.CommandOf(file)}"), overwrite: true);
        }
        Directory.Delete(findings, recursive: true);
    }

    private void Work(string program, string work, List<(string Name, double Seconds)> plan)
    {
        Directory.CreateDirectory(work);
        while (plan.Count > 0)
        {
            string done = Path.Combine(work, "done");
            File.Delete(done);
            File.Delete(Path.Combine(work, "hang"));
            string errors = Child(program, work, string.Join(',', plan.Select(p =>
                string.Create(CultureInfo.InvariantCulture, $"{p.Name}={p.Seconds:f1}"))), out int code);
            foreach (Score score in (File.Exists(done) ? File.ReadAllLines(done) : []).Select(Score.Parse).OfType<Score>())
            {
                Add(score);
                plan.RemoveAt(0);
            }
            if (plan.Count > 0 && !Died(work, plan, code, errors))
            {
                notRun = true;
                return;
            }
        }
    }

    /// <summary>False where the child died before it did anything: it would do so again.</summary>
    private bool Died(string work, List<(string Name, double Seconds)> plan, int code, string errors)
    {
        Score? state = File.Exists(Path.Combine(work, "state")) ? Score.Parse(File.ReadAllText(Path.Combine(work, "state"))) : null;
        string[] now = File.Exists(Path.Combine(work, "now")) ? File.ReadAllText(Path.Combine(work, "now")).Split(' ') : [];
        if (state is null || now.Length != 2 || now[0] != plan[0].Name)
        {
            Console.WriteLine($"{plan[0].Name}: the child ended with {code} before its first run: {errors}");
            return false;
        }
        string kind = File.Exists(Path.Combine(work, "hang")) ? "hang" : "died";
        string text = kind == "hang" ? "20 s of CPU, or three minutes" : $"exit code {code}: {errors}";
        Target target = TargetTable.All.First(t => t.Name == plan[0].Name);
        var finding = new Finding(target.Name, int.Parse(now[1], CultureInfo.InvariantCulture), kind, text,
            File.ReadAllBytes(Path.Combine(work, "raw")));
        bool fresh = finding.Save(Path.Combine(store, "findings"), target, p => p);
        Add(state with { Findings = state.Findings + (fresh ? 1 : 0), LastFinding = fresh ? state.Seconds : state.LastFinding });
        double left = plan[0].Seconds - Math.Max(state.Seconds, 2);
        plan[0] = (plan[0].Name, left);
        if (left < 1)
            plan.RemoveAt(0);
        return true;
    }

    private void Add(Score score)
    {
        lock (scores)
            scores[score.Target] = scores.TryGetValue(score.Target, out Score? before) ? before.Then(score) : score;
    }

    private string Child(string program, string work, string plan, out int code)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(program, "Kdump.Fuzz.dll"), "--child", work, store, plan])
        {
            RedirectStandardError = true,
        };
        // Two gigabytes of objects: what needs more for an input of some kilobytes is a finding.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x80000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["KDUMP_ROOT"] = Kdump.Tests.Repository.Root;
        using Process child = Process.Start(start)!;
        string errors = child.StandardError.ReadToEnd();
        child.WaitForExit();
        code = child.ExitCode;
        return errors.Length > 2000 ? errors[..2000] : errors;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f =>
            !f.EndsWith(".xml", StringComparison.Ordinal)))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
