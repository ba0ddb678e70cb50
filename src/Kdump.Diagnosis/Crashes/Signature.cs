using System.Text;

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
    /// <summary>Callers that take part: deeper ones differ with how the code was reached.</summary>
    private const int Depth = 4;

    internal static Signature Of(string kind, string title, string? merge, string? function, string? module,
        IReadOnlyList<StackFrame> frames)
    {
        // Only the part from the guilty function on: what is above reports it, and differs between kernels.
        List<string> names = frames.Where(f => f.Reliable).Select(f => FunctionNames.Shortest(f.Function))
            .Where(n => !NeverGuilty.Names.Fits(n)).ToList();
        int guilty = function is null ? -1 : names.IndexOf(function);
        string[] callers = names.Skip(Math.Max(guilty, 0)).Distinct().Take(Depth).ToArray();
        string exact = $"{kind}:{function ?? title}{(module is null ? "" : $"[{module}]")}:{Hash(string.Join('|', callers)):x16}";
        return new(exact, merge is not null && function is not null ? $"{merge} in {function}" : title, callers);
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong Hash(string text)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ b) * 0x100000001b3);
        return hash;
    }
}
