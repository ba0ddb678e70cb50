using System.Diagnostics;
using System.Globalization;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Fuzz.Mutators;
using Kdump.Fuzz.Targets;

namespace Kdump.Fuzz.Running;

/// <summary>Runs targets in this process, whose kdt is instrumented, until their time is over or the process dies.</summary>
internal sealed class Child(string work, string store)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly Random random = new();
    private readonly Watchdog watchdog = new(work);
    private readonly Stopwatch clock = new();
    private Target target = null!;
    private EdgeMap map = null!;
    private Corpus corpus = null!;
    private Score score = null!;

    /// <param name="plan">name=seconds, in this order.</param>
    public void Run(string plan)
    {
        // The builders of seeds run instrumented code, too.
        EdgeMap.Clear();
        foreach (string[] share in plan.Split(',').Select(p => p.Split('=')))
        {
            target = TargetTable.All.First(t => t.Name == share[0]);
            Fuzz(double.Parse(share[1], CultureInfo.InvariantCulture));
            File.AppendAllText(Path.Combine(work, "done"), score.Line() + "\n");
        }
    }

    private void Fuzz(double seconds)
    {
        map = new EdgeMap();
        corpus = new Corpus(Path.Combine(store, "corpus", target.Name), target.Commands.Length);
        score = Score.None(target.Name);
        foreach ((string name, byte[] bytes) in target.Companions())
            File.WriteAllBytes(Path.Combine(work, name), bytes);
        byte[][] seeds = [.. target.Seeds()];
        Mutator mutator = new(target, seeds);
        clock.Restart();
        Tell();
        List<(byte[], int)> stored = [.. corpus.Stored(random)];
        foreach ((byte[] input, int command) in stored.Take(100).Concat(seeds.Select((s, i) => (s, i % target.Commands.Length)))
            .Concat(stored.Skip(100)).TakeWhile(_ => clock.Elapsed.TotalSeconds < seconds / 3))
            Try(input, command);
        if (corpus.Count == 0)
            corpus.Keep(seeds[0], 0);
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            (byte[] input, int command) = corpus.Pick(random);
            if (random.Next(5) == 0)
                command = random.Next(target.Commands.Length);
            Try(mutator.Mutate(input, corpus.Pick(random).Input, random), command);
        }
        Tell();
    }

    private void Try(byte[] input, int command)
    {
        Outcome outcome = Once(input, command);
        if (outcome.Kind is not null && (outcome.Kind != "slow" || Once(input, command).Kind == "slow"))
        {
            bool fresh = new Finding(target.Name, command, outcome.Kind, outcome.Text, input).Save(Path.Combine(store, "findings"), target,
                p => p);
            score = score with { Findings = score.Findings + (fresh ? 1 : 0), LastFinding = fresh ? clock.Elapsed.TotalSeconds
                : score.LastFinding };
        }
        else if (map.New())
        {
            map.Hold();
            Once(input, command);
            if (map.KeepWhatIsStable())
            {
                corpus.Keep(input, command);
                score = score with { LastEdge = clock.Elapsed.TotalSeconds };
            }
        }
    }

    private Outcome Once(byte[] input, int command)
    {
        File.WriteAllBytes(Path.Combine(work, "input"), target.Pack(input));
        string[] words = target.Words(command, work, input);
        using CappedWriter output = new(), error = new();
        score = score with { Runs = score.Runs + 1 };
        if (watchdog.Begin(target.Name, command, input))
            Tell();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        EdgeMap.Clear();
        int code = 0;
        string? thrown = null;
        try
        {
            code = Kdt.Run(words, output, error, () => Stream.Null, Terminal.Plain);
        }
        catch (Exception e)
        {
            // Nothing may come out of it.
            thrown = e.ToString();
        }
        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        watchdog.End();
        output.Look();
        error.Look();
        return Outcome.Of(code, thrown, output.Fault ?? error.Fault, Math.Max(output.Written, error.Written), used > Slow ? used : null);
    }

    private void Tell()
    {
        score = score with { Seconds = clock.Elapsed.TotalSeconds, Edges = map.Edges, Kept = corpus.Count };
        File.WriteAllText(Path.Combine(work, "state"), score.Line());
    }
}

/// <param name="Kind">Null: as it should be.</param>
internal readonly record struct Outcome(string? Kind, string Text)
{
    public static Outcome Of(int code, string? thrown, string? fault, long written, TimeSpan? slow)
    {
        if (thrown is not null)
            return new("exception", thrown);
        if (written > CappedWriter.Limit)
            return new("output", $"more than {CappedWriter.Limit} characters");
        if (fault is not null)
            return new("fault", fault);
        if (code is < 0 or > 2)
            return new("exit", $"exit code {code}");
        return slow is { } used ? new("slow", $"{used.TotalSeconds:f1} s of CPU") : default;
    }
}
