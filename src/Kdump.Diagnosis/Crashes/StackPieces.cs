using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Lines of the kernel's stacks in one input, counted, with the first of a module's function, or the first at all.</summary>
public sealed record StackPiece(Source Source, long Lines, string First, string? Module) : Fact(Source)
{
    /// <summary>The line tells where a CPU was (<c>RIP: 0010:f+0x1/0x2</c>): one such line is of a report.</summary>
    public bool Place { get; init; }
}

/// <summary>
/// Counts the frames of stacks (<c>f+0xbc/0xc8</c>), so that a text of nothing else can be called what it is: a piece of a report. It
/// has no sign of its own, because frames are most of the lines of a crash; a longer input is no piece, and is not looked at.
/// </summary>
public sealed class StackPieces : LineParser
{
    private const string Sign = "+0x";

    private const int Least = 4, MostLines = 1024;

    private long lines, count;
    private StackFrame told, stood;
    private Source? source, place;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [];

    public override bool SeesAll => true;

    public override bool Line(in TextLine line, Facts facts) => Pass(line, facts);

    public override bool Pass(in TextLine line, Facts facts)
    {
        if (++lines > MostLines || !line.Text.Contains(Sign, StringComparison.Ordinal) || line.Kernel.Foreign ||
            IsPlace(line) || !FrameLine.TryParse(line.Kernel.Message, out StackFrame frame, out _) || frame.Size == 0)
            return false;
        count++;
        if (source is null || (told.Module is null && frame.Module is not null))
            (told, source) = (frame, line.ToSource());
        return false;
    }

    private bool IsPlace(in TextLine line)
    {
        if (!line.Kernel.Stamped || !FaultLine.TryParse(line.Kernel.Message, out StackFrame? at) || at is not { Name: not null } frame)
            return false;
        if (place is null)
            (stood, place) = (frame, line.ToSource());
        return true;
    }

    public override void End(Facts facts)
    {
        if (place is not null && lines <= MostLines)
            facts.Add(new StackPiece(place, count + 1, stood.Function, stood.Module) { Place = true });
        else if (count >= Least && lines <= MostLines && source is not null)
            facts.Add(new StackPiece(source, count, told.Function, told.Module));
        (lines, count, source, told, place, stood) = (0, 0, null, default, null, default);
    }
}
