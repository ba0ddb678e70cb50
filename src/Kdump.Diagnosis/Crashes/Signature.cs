using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Names under which equal crashes of a fleet can be merged. None holds an address, offset, pid, CPU or release, so they stay the same
/// over builds and boots.
/// </summary>
/// <param name="Exact">Kind, function and module with the next callers: two that agree are one bug, with few exceptions.</param>
/// <param name="Class">What may show itself in several forms: <c>bad-access in f</c>.</param>
/// <param name="Frames">The reliable callers that <paramref name="Exact"/> was made of.</param>
public sealed record Signature(string Exact, string Class, IReadOnlyList<string> Frames)
{
    /// <summary>How many callers take part: deeper ones differ with how the code was reached.</summary>
    private const int Depth = 4;

    internal static Signature Of(string kind, string title, string? merge, string? function, string? module,
        IReadOnlyList<StackFrame> frames)
    {
        string[] callers = [.. CrashShape.NamesOf(frames, function).Distinct().Take(Depth)];
        // Torn below a function that is never to blame: two that stopped in different ones are not one crash.
        if (callers.Length == 0 && function is null)
            callers = [.. frames.Where(f => f.Reliable).Select(f => FunctionNames.Shortest(f.Function))
                .Where(n => !NeverGuilty.Machinery.Fits(n)).Take(1)];
        string exact = $"{kind}:{function ?? title}{(module is null ? "" : $"[{module}]")}:{StableHash.Of(string.Join('|', callers)):x16}";
        return new(exact, merge is not null && function is not null ? $"{merge} in {function}" : title, callers);
    }
}
