using System.Text;
using Kdump.Diagnosis.Crashes;
using Xunit.Abstractions;

namespace Kdump.Tests.Crashes;

/// <summary>
/// Our answers against those that syzkaller's authors expect of their own logs, plain and through every transport. The misses are in
/// the test's output, and in the file that KDUMP_MISSES names.
/// </summary>
public sealed class SyzkallerScoreTests(ITestOutputHelper output)
{
    [LogCorpusFact("syz-public")]
    [Trait("Corpus", "syz-public")]
    public void Titles_functions_and_flags_agree_with_syzkaller_and_silent_logs_stay_silent()
    {
        Score score = Measure("plain", log => log);
        Show(score);
        Assert.Equal(score.Silent, score.MustBeSilent);
        Assert.True(score.Title >= 246, $"only {score.Title} titles");
        Assert.True(score.Function >= 207, $"only {score.Function} functions");
        Assert.True(score.Corrupted >= 246, $"only {score.Corrupted} corrupted flags");
        Assert.True(score.Panicked >= 246, $"only {score.Panicked} panicked flags");
    }

    [LogCorpusFact("syz-public")]
    [Trait("Corpus", "syz-public")]
    public void The_same_crash_has_the_same_title_through_every_transport()
    {
        Score plain = Measure("plain", log => log);
        foreach ((string name, Func<byte[], byte[]> apply) in Transports.All)
        {
            Score score = Measure(name, apply);
            Show(score);
            Assert.True(score.Silent == plain.Silent, $"{name}: false alarms");
            Assert.True(score.Title >= plain.Title - 2, $"{name}: {score.Title} titles, {plain.Title} without it");
            Assert.True(score.Function >= plain.Function - 2, $"{name}: {score.Function} functions, {plain.Function} without it");
        }
    }

    private void Show(Score score)
    {
        output.WriteLine(score.ToString());
        if (Environment.GetEnvironmentVariable("KDUMP_MISSES") is { Length: > 0 } file)
            File.AppendAllText(file, score.ToString());
    }

    private static Score Measure(string name, Func<byte[], byte[]> transport)
    {
        var score = new Score(name);
        foreach (LogCase c in LogCorpus.Syzkaller())
            score.Add(c, LogCorpus.Read(transport(c.Log)).Crashes);
        return score;
    }

    private sealed class Score(string name)
    {
        private readonly StringBuilder misses = new();

        public int Total { get; private set; }

        public int MustBeSilent { get; private set; }

        public int Silent { get; private set; }

        public int Detected { get; private set; }

        public int Title { get; private set; }

        public int Function { get; private set; }

        public int WithFunction { get; private set; }

        public int Corrupted { get; private set; }

        public int Panicked { get; private set; }

        public void Add(LogCase want, IReadOnlyList<Crash> found)
        {
            if (!want.Crash)
            {
                MustBeSilent++;
                Silent += found.Count == 0 ? 1 : 0;
                if (found.Count > 0)
                    misses.Append($"  {want.Id}: false alarm: {found[0].Title}\n");
                return;
            }
            Total++;
            WithFunction += want.Function.Length > 0 ? 1 : 0;
            if (found.Count == 0)
            {
                misses.Append($"  {want.Id}: not found: {want.Title}\n");
                return;
            }
            Crash got = found[0];
            Detected++;
            bool title = got.Title == want.Title || want.Alt.Contains(got.Title);
            Title += title ? 1 : 0;
            if (!title)
                misses.Append($"  {want.Id}: title: {got.Title}, want {want.Title}\n");
            bool function = want.Function.Length > 0 && got.Function == want.Function;
            Function += function ? 1 : 0;
            if (!function && want.Function.Length > 0 && title)
                misses.Append($"  {want.Id}: function: {got.Function}, want {want.Function}\n");
            Corrupted += got.Corrupted == want.Corrupted ? 1 : 0;
            if (got.Corrupted != want.Corrupted)
                misses.Append($"  {want.Id}: corrupted: {got.Torn ?? "no"}, want {want.Corrupted}\n");
            Panicked += got.Panicked == want.Panicked ? 1 : 0;
            if (got.Panicked != want.Panicked)
                misses.Append($"  {want.Id}: panicked: {got.Panicked}, want {want.Panicked}\n");
        }

        public override string ToString() =>
            $"{name,-10} found {Detected}/{Total}  title {Title}/{Total}  function {Function}/{WithFunction}  corrupted " +
                $"{Corrupted}/{Total}  panicked {Panicked}/{Total}  silent {Silent}/{MustBeSilent}\n{misses}";
    }
}
