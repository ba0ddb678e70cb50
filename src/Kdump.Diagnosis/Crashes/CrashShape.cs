namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// What two crashes are compared by. Nothing in it depends on addresses, offsets, task, CPU or release, so kernels of different builds can
/// be compared, and it is small enough to be kept of every crash of a fleet.
/// </summary>
/// <param name="Signature">See <see cref="Crashes.Signature.Exact"/>.</param>
/// <param name="Class">See <see cref="Crashes.Signature.Class"/>.</param>
/// <param name="Stack">Functions that make it recognisable, from the guilty one on, innermost first.</param>
public sealed record CrashShape(string Signature, string Class, string Kind, string Title, IReadOnlyList<string> AltTitles,
    string? Function, string? Module, IReadOnlyList<string> Stack)
{
    private const int Depth = 16;

    public static CrashShape Of(Crash crash) => new(crash.Signature.Exact, crash.Signature.Class, crash.Kind, crash.Title, crash.AltTitles,
        crash.Function, crash.Module, [.. NamesOf(crash.Frames, crash.Function).Take(Depth)]);

    /// <summary>Only the frames from the guilty function on: those above it report the crash, and differ between kernels.</summary>
    internal static IEnumerable<string> NamesOf(IReadOnlyList<StackFrame> frames, string? function)
    {
        List<string> names = [.. frames.Where(f => f.Reliable).Select(f => FunctionNames.Shortest(f.Function))
            .Where(n => !NeverGuilty.Names.Fits(n))];
        int guilty = function is null ? -1 : names.IndexOf(function);
        return names.Skip(Math.Max(guilty, 0));
    }
}
