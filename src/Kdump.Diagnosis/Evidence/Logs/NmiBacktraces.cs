using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>Where a CPU was when all were asked (lib/nmi_backtrace.c).</summary>
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

    /// <summary>Lines below the head until the place; CPUs that are kept.</summary>
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
        ReadOnlySpan<char> text = line.Text;
        var c = new TextCursor(text);
        if (c.SkipPast(" Comm: "))
        {
            int end = c.Rest.IndexOf(" Tainted", StringComparison.Ordinal), not = c.Rest.IndexOf(" Not tainted", StringComparison.Ordinal);
            end = not >= 0 ? not : end;
            task = (end < 0 ? c.Rest : c.Rest[..end]).Trim().ToString();
        }
        else if (PlaceOf(text) is { IsEmpty: false } place)
        {
            int plus = place.IndexOf('+');
            int open = place.IndexOf('['), close = place.IndexOf(']');
            Close(facts, plus > 0 ? place[..plus].ToString() : null, open > 0 && close > open ? place[(open + 1)..close].ToString() : null,
                line.ToSource());
        }
        if (head is not null && --left == 0)
            Close(facts, null, null, null);
        return false;
    }

    public override void End(Facts facts)
    {
        Close(facts, null, null, null);
        kept = 0;
    }

    /// <summary>Behind <c>RIP: 0010:</c> of x86 and <c>pc : </c> of arm64; empty for a program's place.</summary>
    private static ReadOnlySpan<char> PlaceOf(ReadOnlySpan<char> text)
    {
        foreach (string sign in (ReadOnlySpan<string>)["RIP: 0010:", "pc : "])
        {
            if (text.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var at)
                return text[(at + sign.Length)..].Trim();
        }
        return [];
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
