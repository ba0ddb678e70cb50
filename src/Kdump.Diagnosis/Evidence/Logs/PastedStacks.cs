using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>One task's stack as crash(8) prints it: <c>bt</c>, <c>foreach bt</c>, and what is pasted of them.</summary>
/// <param name="Command">Empty where the heading is not there.</param>
/// <param name="Faulted">The function of <c>[exception RIP: f+53]</c> or of arm64's <c>PC: … [f+0x10]</c>; null without one.</param>
/// <param name="Functions">From the innermost frame on.</param>
public sealed record PastedStack(Source Source, long Pid, string Command, long? Cpu, string? Faulted, Source? FaultedAt,
    IReadOnlyList<string> Functions) : Fact(Source);

/// <summary>
/// <code>
/// PID: 7694   TASK: ffffffea85f81d00  CPU: 1   COMMAND: "sh"
///  #0 [ffffff8012aa3b90] ipanic at ffffffa601b40b18
///     [exception RIP: sysrq_handle_crash+22]
/// </code>
/// crash task.c print_task_header(), x86_64.c x86_64_print_stack_entry(), arm64.c arm64_print_stackframe_entry().
/// </summary>
public sealed class PastedStacks : LineParser
{
    /// <summary>Stacks are at most this deep here; a paste may be of any size.</summary>
    private const int Deepest = 96;

    private readonly List<string> functions = [];
    private (Source Source, long Pid, string Command, long? Cpu)? heading;
    private string? faulted;
    private Source? faultedAt, first;

    public override string Kind => "stacks by crash";

    public override IReadOnlyList<string> Signs { get; } =
        ["COMMAND: \"", "[exception RIP: ", "    PC: ",
        // Frames of any number; " at " is in too many lines of other kinds.
        "#0 [", "#1 [", "#2 [", "#3 [", "#4 [", "#5 [", "#6 [", "#7 [", "#8 [", "#9 ["];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        return text.StartsWith("PID: ", StringComparison.Ordinal) ? Heading(text, line, facts)
            : text.StartsWith("#", StringComparison.Ordinal) ? Frame(text, line)
            : Place(text, line);
    }

    public override void End(Facts facts)
    {
        // A frame or two may be of anything; crash's own form with a heading is not.
        if (functions.Count > 0 && (heading is not null || functions.Count >= 4) && (heading?.Source ?? first) is { } source)
            facts.Add(new PastedStack(source, heading?.Pid ?? -1, heading?.Command ?? "", heading?.Cpu, faulted, faultedAt,
                [.. functions]));
        functions.Clear();
        (heading, faulted, faultedAt, first) = (null, null, null, null);
    }

    private bool Heading(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        c.Skip("PID: ");
        if (!c.Number(out long pid) || !c.SkipPast("TASK: ") || !c.Hex(out _))
            return false;
        long? cpu = c.SkipPast("CPU: ") && c.Number(out long number) ? number : null;
        if (!c.SkipPast("COMMAND: \"") || !c.Before("\"", out ReadOnlySpan<char> command))
            return false;
        End(facts);
        heading = (line.ToSource(), pid, command.ToString(), cpu);
        return true;
    }

    /// <summary><c>#10 [ffffff8012aa3e60] __arm64_sys_write at ffffffa601278dcc [module]</c></summary>
    private bool Frame(ReadOnlySpan<char> text, in TextLine line)
    {
        var c = new TextCursor(text);
        if (!c.Skip("#") || !c.Number(out long number) || number is < 0 or > Deepest)
            return false;
        c.SkipSpaces();
        if (!c.Skip("[") || !c.Hex(out _) || !c.Skip("] ") || !c.Before(" at ", out ReadOnlySpan<char> name) || !c.Hex(out _) ||
            name.IsEmpty || name.Contains(' ') || functions.Count >= Deepest)
            return false;
        first ??= line.ToSource();
        functions.Add(name.ToString());
        return true;
    }

    private bool Place(ReadOnlySpan<char> text, in TextLine line)
    {
        var c = new TextCursor(text);
        bool x86 = c.Skip("[exception RIP: ");
        if (functions.Count == 0 || (!x86 && !(c.Skip("PC: ") && c.Hex(out _) && c.SkipPast("["))) ||
            !c.Before("+", out ReadOnlySpan<char> name) || name.IsEmpty || name.Contains(' '))
            return false;
        faulted ??= name.ToString();
        faultedAt ??= line.ToSource();
        return true;
    }
}
