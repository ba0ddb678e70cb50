using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>systemd waits for a job that is no device: <c>A start job is running for NAME (2min / no limit)</c></summary>
/// <param name="Job">The unit's description, as printed.</param>
/// <param name="Stop">It waits for something to end.</param>
/// <param name="Seconds">Longest wait that a line shows.</param>
/// <param name="Limit">When it gives up; null for never or not shown.</param>
public sealed record StartJob(Source Source, string Job, bool Stop, int Seconds, int? Limit) : Fact(Source);

/// <summary>
/// Reads systemd's lines about jobs that take long (src/core/manager.c). They are printed again and again with a growing time: one fact
/// for each job, with its last line.
/// </summary>
public sealed class StartJobs : LineParser
{
    private const string Start = DeviceWaits.Running, Stop = "A stop job is running for ";

    /// <summary>Jobs followed at once.</summary>
    private const int MaxJobs = 64;

    private readonly List<StartJob> jobs = [];

    public override string Kind => "console log";

    public override IReadOnlyList<string> Signs => [Start, Stop];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        bool stop = text.Contains(Stop, StringComparison.Ordinal);
        var c = new TextCursor(text);
        if (!c.SkipPast(stop ? Stop : Start))
            return false;
        ReadOnlySpan<char> rest = c.Rest;
        int open = rest.LastIndexOf(" (", StringComparison.Ordinal);
        ReadOnlySpan<char> name = (open < 0 ? rest : rest[..open]).Trim(" .`'\"");
        if (name.IsEmpty || DeviceUnit.Is(name))
            return false;
        var time = new TextCursor(open < 0 ? default : rest[(open + 2)..]);
        if (!DeviceWaits.Seconds(ref time, out int seconds))
            seconds = DeviceWaits.ToldSeconds;
        int? limit = time.Skip("/ ") && DeviceWaits.Seconds(ref time, out int l) ? l : null;
        string job = name.ToString();
        int at = jobs.FindIndex(j => j.Stop == stop && j.Job == job);
        if (at < 0 && jobs.Count == MaxJobs)
            return true;
        var now = new StartJob(line.ToSource(), job, stop, seconds, limit) { Boot = facts.Boot };
        if (at < 0)
        {
            jobs.Add(now);
            // Only for such a job is it asked how far the input goes on after it.
            facts.Add(now);
        }
        else
        {
            facts.Replace(jobs[at], now);
            jobs[at] = now;
        }
        return true;
    }

    public override void End(Facts facts) => jobs.Clear();
}
