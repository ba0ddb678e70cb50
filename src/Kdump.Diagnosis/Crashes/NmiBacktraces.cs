using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Where a CPU was when all CPUs were asked for a backtrace (lib/nmi_backtrace.c).</summary>
/// <param name="Task">The process that ran there; empty where the line is missing.</param>
/// <param name="Function">Null: in a program, or not in the text.</param>
public sealed record NmiBacktrace(Source Source, int Cpu, string Task, string? Function, string? Module) : Fact(Source)
{
    /// <summary>The line that names the function.</summary>
    public Source? Place { get; init; }
}

/// <summary>
/// Reads <c>NMI backtrace for cpu 4</c> with the task and the place below it. Idle CPUs (<c>skipped: idling at …</c>) say nothing.
/// </summary>
public sealed class NmiBacktraces : LineParser
{
    private const string Head = "NMI backtrace for cpu ";

    /// <summary>How many lines below the heading are searched for the place; how many CPUs are kept.</summary>
    private const int Reach = 8, MaxCpus = 256;

    private Source? head;
    private int cpu, left, kept;
    private string task = "";

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [Head];

    public override bool Busy => head is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        Close(facts, null, null, null);
        var c = new TextCursor(line.Text);
        if (!c.SkipPast(Head) || !c.Number(out long number) || number is < 0 or > 8191 ||
            c.Rest.Contains("skipped", StringComparison.Ordinal))
            return false;
        (head, cpu, task, left) = (line.ToSource(), (int)number, "", Reach);
        return true;
    }

    public override bool Within(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Kernel.Message.TrimStart();
        if (ContextLines.Of(text).Comm is { } comm)
            task = comm;
        else if (FaultLine.TryParse(text, out StackFrame? frame))
            Close(facts, frame?.Function, frame?.Module, line.ToSource());
        if (head is not null && --left == 0)
            Close(facts, null, null, null);
        return false;
    }

    public override void End(Facts facts)
    {
        Close(facts, null, null, null);
        kept = 0;
    }

    private void Close(Facts facts, string? function, string? module, Source? place)
    {
        if (head is not null && kept < MaxCpus && (task.Length > 0 || function is not null))
        {
            facts.Add(new NmiBacktrace(head, cpu, task, function, module) { Place = place });
            kept++;
        }
        head = null;
    }
}
