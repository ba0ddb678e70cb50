using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// systemd tells that a unit's program failed, and what the program itself said just before is the reason, in whatever words: a word of
/// failure that counts for little alone counts there. TroubleNotKnown calls it.
/// </summary>
internal static class UnitReason
{
    /// <summary>A program that gives up says why in its last lines.</summary>
    private const int Near = 6;

    private static readonly string[] Ends = [": Main process exited, code=", ": Control process exited, code=", ": Failed with result '"];

    /// <summary>The lines of the unit's own program; null if systemd's line is not of that kind, or nothing was said.</summary>
    public static TroubleLines? Of(TroubleLines unit, Facts facts)
    {
        if (unit.Speaker is not { Name: "systemd", Device: { } name } || unit.Lines.FirstOrDefault(IsEnd) is not { } end)
            return null;
        return facts.Of<TroubleLines>().Where(t => t.Speaker.Program && t.Speaker.Name is not ("systemd" or "") && t.Boot == unit.Boot &&
                t.Gravity >= Gravity.Plain && t.Source.Input == end.Input && end.Line - t.Source.Line is > 0 and <= Near &&
                Belongs(t.Speaker.Name, name))
            .OrderByDescending(t => t.Gravity).ThenByDescending(t => t.Source.Line).FirstOrDefault();
    }

    private static bool IsEnd(Source line) => Array.Exists(Ends, e => line.Text.Contains(e, StringComparison.Ordinal));

    /// <summary><c>rpm-ostree</c> of <c>rpm-ostreed.service</c>: a unit bears its program's name, or a part of it.</summary>
    private static bool Belongs(string program, string unit)
    {
        string bare = unit[..unit.LastIndexOf('.')];
        return bare.Contains(program, StringComparison.OrdinalIgnoreCase) || program.Contains(bare, StringComparison.OrdinalIgnoreCase);
    }
}
