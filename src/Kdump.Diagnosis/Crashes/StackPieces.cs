using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Lines of the kernel's stacks in one input, counted, with the first of a module's function, or the first at all.</summary>
public sealed record StackPiece(Source Source, long Lines, string First, string? Module) : Fact(Source);

/// <summary>Counts the frames of stacks, so that a text of nothing else can be called what it is: a piece of a report.</summary>
internal sealed class StackPieces
{
    private const string Sign = "+0x";

    /// <summary>A frame ends in the size of its function: <c>+0xbc/0xc8</c>. A sign has four characters at least.</summary>
    public static IEnumerable<string> Signs => "123456789abcdef".Select(digit => $"/0x{digit}");

    /// <summary>A piece that somebody copied has few frames; in a whole log they need not be counted on.</summary>
    private const int Least = 4, Most = 512;

    private long count;
    private StackFrame told;
    private Source? source;

    public void Take(in TextLine line)
    {
        if (count > Most || !line.Text.Contains(Sign, StringComparison.Ordinal) || line.Kernel.Foreign ||
            !FrameLine.TryParse(line.Kernel.Message, out StackFrame frame, out _) || frame.Size == 0)
            return;
        count++;
        if (source is null || (told.Module is null && frame.Module is not null))
            (told, source) = (frame, line.ToSource());
    }

    public void End(Facts facts)
    {
        if (count is >= Least and <= Most && source is not null)
            facts.Add(new StackPiece(source, count, told.Function, told.Module));
        (count, source, told) = (0, null, default);
    }
}
