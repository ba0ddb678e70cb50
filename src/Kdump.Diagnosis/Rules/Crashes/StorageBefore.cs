using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// What a storage controller, a disk or a path to one reported before a device was given up: no line connects the two, but it is
/// the first thing to look at.
/// </summary>
internal static class StorageBefore
{
    private static readonly string[] Kinds = ["storage controller", "NVMe disk", "disk or its link", "Fibre Channel or iSCSI path",
        "memory card or eMMC", "RAID or device mapper"];

    public static TroubleLines? Of(Source gaveUp, Boot? boot, Facts facts) => facts.Of<TroubleLines>()
        .Where(t => t.Boot == boot && t.Source.Input == gaveUp.Input && t.Source.Line < gaveUp.Line && !t.Faint &&
            t.Gravity >= Gravity.Plain && Array.IndexOf(Kinds, t.Speaker.Kind.What) >= 0)
        .OrderByDescending(t => t.Gravity).ThenBy(t => t.Source.Line).FirstOrDefault();

    /// <summary>
    /// What a file system's own code said shortly before mount gave a reason of few words: mount knows only an error number.
    /// </summary>
    public static Source? FileSystem(Source gaveUp, Boot? boot, Facts facts)
    {
        const int Near = 12;
        return Kernels(gaveUp, boot, Near, facts).Where(t => t.By.Speaker.Kind.What == "file system")
            .OrderByDescending(t => t.By.Gravity).ThenByDescending(t => t.Line.Line).Select(t => t.Line).FirstOrDefault();
    }

    /// <summary>Lines of trouble that the kernel (no program) printed at most so many lines before another one.</summary>
    public static IEnumerable<(Source Line, TroubleLines By)> Kernels(Source end, Boot? boot, int near, Facts facts) =>
        facts.Of<TroubleLines>().Where(t => t.Boot == boot && !t.Speaker.Program)
            .SelectMany(t => t.Lines.Select(l => (Line: l, By: t)))
            .Where(t => t.Line.Input == end.Input && end.Line - t.Line.Line is > 0 && end.Line - t.Line.Line <= near);

    /// <summary>A sentence for the reason; empty without one.</summary>
    public static string Tell(TroubleLines? before) => before is null ? "" : " " +
        $"Before that {before.Speaker} ({before.Speaker.Kind.What}) reported {TroubleWords.Tell(before.Words)}: " +
        "no line says that this device is behind it, but look there first.";
}
