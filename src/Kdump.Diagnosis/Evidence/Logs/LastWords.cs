using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A tool of kdump gave up.</summary>
/// <param name="Source">The line that says so.</param>
/// <param name="What">What it did not do.</param>
/// <param name="Before">Its lines just before, oldest first: the reason is among them, where it gave one.</param>
public sealed record GaveUp(Source Source, Undone What, IReadOnlyList<Source> Before) : Fact(Source);

/// <summary>What a tool did not do.</summary>
public enum Undone
{
    /// <summary>Loading a crash kernel: the kdump service did not start.</summary>
    Start,

    /// <summary>Writing the dump.</summary>
    Save,
}

/// <summary>
/// Keeps the last lines of the kdump tools in a journal or syslog: kdumpctl and kdump.sh (kdump-utils), kdump-tools (Debian), kdump-save
/// (SUSE). When one fails, its last lines are the best available information, whatever their wording.
/// </summary>
public sealed class LastWords : LineParser
{
    private const int Kept = 3;

    private static readonly string[] Tools = ["kdumpctl[", "kdump.sh[", "kdump-tools[", "kdump-save[", "mkdumprd["];

    private static readonly string[] NotStarted =
        ["Starting kdump: [FAILED]", "Failed to start Crash recovery kernel arming", "Crash recovery kernel arming...failed",
        "Failed to start Load kdump kernel",
        "kdump.service: Failed with result", "kdump-tools.service: Failed with result", "Unit kdump.service entered failed state",
        "kdump.service failed to start", "kdump-tools.service failed to start", "Job for kdump.service failed",
        "Job for kdump-tools.service failed", "Failed to start kdump.service", "Failed to start kdump-tools.service",
            "Failed to start Kernel crash dump capture service"];

    private static readonly string[] Started =
        ["Starting kdump: [OK]", "Started Crash recovery kernel arming", "Finished Crash recovery kernel arming", "Finished kdump.service",
        "Started kdump.service", "Finished kdump-tools.service", "Started kdump-tools.service",
        "Started Kernel crash dump capture service"];

    /// <summary>Lines printed in every run, successful or not.</summary>
    private static readonly string[] Routine =
        ["*** ", "Kdump is using the default log level", "command line: makedumpfile", "makedumpfile: version ", "LOAD[", "phys_start ",
        "Starting kdump"];

    private static readonly TextSigns ToolTexts = new(Tools), FailureTexts = new(NotStarted), SuccessTexts = new(Started),
        RoutineTexts = new(Routine);

    private readonly Dictionary<string, Queue<Source>> words = new(StringComparer.Ordinal);
    private GaveUp? notStarted;
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [.. Tools, .. NotStarted, .. Started];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            End(facts);
            boot = facts.Boot;
        }
        ReadOnlySpan<char> text = line.Text;
        string? tool = ToolTexts.First(text) is >= 0 and var t ? Tools[t] : null;
        if (SuccessTexts.First(text) >= 0)
        {
            notStarted = null;
            words.Clear();
            return true;
        }
        if (FailureTexts.First(text) >= 0)
        {
            // systemd repeats it with fewer details.
            notStarted ??= new GaveUp(line.ToSource(), Undone.Start, tool is null && words.Count > 1 ? []
                : WordsOf(tool ?? words.Keys.FirstOrDefault()));
            return true;
        }
        if (tool is null)
            return false;
        if (text.Contains("makedumpfile Failed.", StringComparison.Ordinal))
            facts.Add(new GaveUp(line.ToSource(), Undone.Save, WordsOf(tool)));
        else if (RoutineTexts.First(text) < 0 && !text.TrimEnd().EndsWith("]:", StringComparison.Ordinal))
            Keep(tool, line.ToSource());
        return true;
    }

    public override void End(Facts facts)
    {
        if (notStarted is not null)
            facts.Add(notStarted);
        notStarted = null;
        words.Clear();
    }

    private List<Source> WordsOf(string? tool) => tool is not null && words.TryGetValue(tool, out Queue<Source>? said) ? [.. said] : [];

    private void Keep(string tool, Source source)
    {
        if (!words.TryGetValue(tool, out Queue<Source>? said))
            words.Add(tool, said = new());
        said.Enqueue(source);
        if (said.Count > Kept)
            said.Dequeue();
    }
}
