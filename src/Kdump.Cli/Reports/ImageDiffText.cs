using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image diff</c> as text: the answer first, then the differences grouped by consequence.</summary>
internal static class ImageDiffText
{
    /// <summary>Maximum number of paths listed per group.</summary>
    private const int MaxPaths = 40;

    public static void Write(TextWriter output, BootImage a, BootImage b, ImageComparison c, Words words)
    {
        output.WriteLine(Headline(c, words));
        output.WriteLine($"  A {Printable.Escape(a.Name)}: {words.Of("kernel")} {Join(c.ReleasesA, words)}");
        output.WriteLine($"  B {Printable.Escape(b.Name)}: {words.Of("kernel")} {Join(c.ReleasesB, words)}");
        foreach (IGrouping<ImageGroup, ImageDifference> group in c.Differences.GroupBy(d => d.Group))
        {
            output.WriteLine();
            output.WriteLine($"{words.Of(NameOf(group.Key))}: {group.Count()} ({words.Of(Meaning(group.Key))})");
            foreach (ImageDifference d in group.Take(MaxPaths))
            {
                output.WriteLine(
                    $"  {words.Of(Mark(d.Change))} {Printable.Escape(d.Path)}" +
                        $"{(d.Detail.Count > 0 && d.Change is ImageChange.OnlyA or ImageChange.OnlyB
                            ? $" ({Printable.Escape(words.Of(d.Detail[0]))})" : "")}");
                if (d.Change is ImageChange.OnlyA or ImageChange.OnlyB)
                    continue;
                foreach (string line in d.Detail)
                    output.WriteLine($"      {Printable.Escape(words.Of(line))}");
            }
            if (group.Count() > MaxPaths)
                output.WriteLine($"    {words.Of($"and {group.Count() - MaxPaths} more")}");
        }
    }

    public static string Headline(ImageComparison c, Words words) => words.Of(Unread(c)) + words.Of(Compared(c));

    /// <summary>What a damaged image makes of the comparison: the files behind the damage only seem to be missing in it.</summary>
    private static string Unread(ImageComparison c) => (c.UnreadA, c.UnreadB) switch
    {
        (true, true) => "only parts of A and B can be read, and a file that seems to be in one of them only may be in both: ",
        (true, false) => "only a part of A can be read, and a file that seems to be in B only may be in both: ",
        (false, true) => "only a part of B can be read, and a file that seems to be in A only may be in both: ",
        _ => "",
    };

    private static string Compared(ImageComparison c)
    {
        if (c.Differences.Count == 0 && c.ReleasesA.SequenceEqual(c.ReleasesB))
            return $"the images have the same content: {Counted.Of(c.Same, "identical file")}, no differences";
        if (!c.Matters)
            return $"no difference that matters: {Counted.Of(c.Same, "identical file")}, " +
                $"{Counted.Of(c.Differences.Count, "other")} with differences that do not affect a dump";
        if (!c.ReleasesA.SequenceEqual(c.ReleasesB))
            return "the images are for different kernels, " +
                $"and {Counted.Of(c.Differences.Count, "file", "differs", "differ")} ({c.Same} identical)";
        return $"{Differences(c.Differences.Count(d => d.Group <= ImageGroup.Firmware))} that may matter, " +
            $"{Counted.Of(c.Differences.Count(d => d.Group > ImageGroup.Firmware), "other")}; " +
            $"{Counted.Of(c.Same, "identical file")}";
    }

    private static string Differences(int count) => Counted.Of(count, "difference");

    public static string NameOf(ImageGroup group) => group switch
    {
        ImageGroup.Boot => "boot",
        ImageGroup.DumpConfiguration => "dump configuration",
        ImageGroup.Modules => "kernel modules",
        ImageGroup.Programs => "programs and libraries",
        ImageGroup.Hooks => "hooks and units",
        ImageGroup.Firmware => "firmware",
        ImageGroup.Configuration => "configuration",
        ImageGroup.Other => "other files",
        _ => "noise",
    };

    public static string Meaning(ImageGroup group) => group switch
    {
        ImageGroup.Boot => "what the kernel starts first (init)",
        ImageGroup.DumpConfiguration => "dump target, and the devices to wait for",
        ImageGroup.Modules => "supported hardware and file systems",
        ImageGroup.Programs => "what runs, and whether it can start (libraries)",
        ImageGroup.Hooks => "steps before the dump",
        ImageGroup.Firmware => "devices whose driver requests missing firmware fail",
        ImageGroup.Configuration => "settings of the programs inside",
        ImageGroup.Other => "data",
        _ => "differs between any two builds, no effect",
    };

    public static string Mark(ImageChange change) =>
        change switch { ImageChange.OnlyA => "only in A:", ImageChange.OnlyB => "only in B:", ImageChange.Mode => "other mode:",
        ImageChange.Target => "other link:", ImageChange.Type => "other type:", _ => "differs:" };

    public static string Join(IReadOnlyList<string> releases, Words words) =>
        releases.Count == 0 ? words.Of("unknown (no modules)") : Printable.Escape(string.Join(", ", releases));
}
