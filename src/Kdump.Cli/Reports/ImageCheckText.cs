using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Archives;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary>The head of <c>kdt image check</c>: what was checked, so that a reader can judge what "no findings" means.</summary>
internal static class ImageCheckText
{
    public static void Write(TextWriter output, BootImage image, MachineTree? root, Facts facts, Words words)
    {
        if (facts.Of<ImageSummary>() is not [var s, ..])
            return;
        string builder = s.Builder switch { ImageBuilder.Dracut => "dracut", ImageBuilder.InitramfsTools => "initramfs-tools",
            _ => "an unknown tool" };
        output.WriteLine($"{Printable.Escape(image.Name)}: " + words.Of(
            $"{(s.Kdump ? "kdump image" : "initramfs")} by {builder}, " +
                $"{Counted.Of(image.Initramfs.Segments.Count, "segment")}, {Mb(s.Bytes)} packed, {Mb(s.Unpacked)} in memory"));
        if (image.KernelFile is { } kernel)
            output.WriteLine($"  {Unified(kernel, image)}");
        output.WriteLine("  " + words.Of(
            $"kernel {(s.Releases.Count == 0 ? "unknown (no modules)" : Printable.Escape(string.Join(", ", s.Releases)))}; " +
                $"checked {Counted.Of(s.Modules, "module")}, " +
                $"{s.Programs} {(s.Programs == 1 ? "program or library" : "programs and libraries")}, {Counted.Of(s.Scripts, "script")}"));
        output.WriteLine("  " + words.Of(
            $"against {(root is null ? "no machine (the image alone)" : Printable.Escape(root.Name))}{Target(facts)}{Reserved(facts)}"));
        output.WriteLine();
    }

    /// <summary>What else is in a unified kernel image: its kernel, and the sections that are there.</summary>
    internal static string Unified(KernelFile kernel, BootImage image) => Printable.Escape(
        $"{kernel.Name}: {kernel.Inner?.Name ?? "no kernel that is known"}" + (kernel.Release.Length > 0 ? $", {kernel.Release}" : "") +
        (image.Kernel!.Text(".cmdline") is { Length: > 0 } line ? $"; command line '{line}'" : "") +
        $"; sections {string.Join(' ', kernel.Sections)}");

    private static string Target(Facts facts) =>
        facts.Of<TargetDriver>() is [var first, ..]
            ? $"; target {Printable.Escape(first.Target)} through " +
            $"{string.Join(", ", facts.Of<TargetDriver>().Select(d => Printable.Escape(d.Module)).Distinct().Take(8))}" : "";

    private static string Reserved(Facts facts) => facts.Of<CrashReservation>() is [var r, ..] ? $"; {Mb(r.Bytes)} reserved" : "";

    private static string Mb(long bytes) => $"{(bytes + (1 << 19)) >> 20} MB";
}
