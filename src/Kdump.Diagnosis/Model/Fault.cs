namespace Kdump.Diagnosis.Model;

/// <summary>
/// A part of this program (a rule, a parser, a layer of a dump) ended with an exception that it must never end with. That part judged
/// nothing, or not all; everything else continues. The text of its source is one line that a user can send to the project.
/// </summary>
/// <param name="Where">What it was: <c>the rule mce-fatal</c>.</param>
public sealed record Fault(Source Source, string Where) : Fact(Source)
{
    /// <summary>Faults of one part that are kept: a parser that fails at every line of a log is one fault.</summary>
    public const int MaxOfOnePart = 4;

    /// <summary>Exceptions that are a fault of one part, and not the end of the program.</summary>
    public static bool Is(Exception e) => e is not (OutOfMemoryException or OperationCanceledException or ThreadInterruptedException);

    /// <param name="input">The input that was read; empty where it is none.</param>
    public static Fault Of(string where, Exception e, string input = "", long line = 0) =>
        new(Source.Of(input, $"{e.GetType().Name}{Place(e)}: {e.Message}", line), where);

    /// <summary>The function that threw, where the program has method names at run time (the probe has none).</summary>
    private static string Place(Exception e)
    {
        ReadOnlySpan<char> trace = e.StackTrace.AsSpan().TrimStart();
        // Functions of the runtime throw on behalf of ours: the first of ours is the place to look at.
        foreach (ReadOnlySpan<char> line in trace.EnumerateLines())
        {
            if (line.IndexOf("Kdump.", StringComparison.Ordinal) is not (>= 0 and var at))
                continue;
            ReadOnlySpan<char> name = line[at..];
            return $" in {(name.IndexOf('(') is > 0 and var end ? name[..end] : name)}";
        }
        return "";
    }
}
