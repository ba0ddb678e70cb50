using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Images;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image diff A B</c>: the differences between two images and their consequences.</summary>
internal static class ImageDiffCommand
{
    public static Command Build(Context context)
    {
        var a = new Argument<string>("a") { Description = "The image that works" };
        var b = new Argument<string>("b") { Description = "The image that does not work" };
        Option<string?> page = PageOption.Of();
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var command = new Command("diff",
            "Compare the content of two images, most dangerous differences first; compression and time stamps are ignored.\n\nExample: " +
                "kdt image diff good.img bad.img") { a, b, page, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(a)!, parsed.GetValue(b)!, parsed.GetValue(page),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string pathA, string pathB, string? page, bool json)
    {
        (BootImage first, BootImage second) =
            TwoInputs.Open(context, () => ImageInput.Open(pathA, context.Input), () => ImageInput.Open(pathB, context.Input));
        using BootImage a = first, b = second;
        ImageComparison comparison = ImageComparison.Of(a, b);
        if (comparison is { Same: 0, Differences.Count: 0 } && !a.Damages.Concat(b.Damages).Any())
        {
            string both = Printable.Escape($"{a.Name}, {b.Name}");
            context.Error.WriteLine($"kdt: {both}: no file in either: nothing was compared");
            return ExitCode.Failed;
        }
        bool paged = PageOption.Write(context, page, html => ImageDiffHtml.Write(html, a, b, comparison, context.Terminal.Words));
        if (json && !paged)
            ImageDiffJson.Write(context.Output, a, b, comparison);
        else if (!paged)
            ImageDiffText.Write(context.Output, a, b, comparison, context.Terminal.Words);
        Damage[] damages = [.. a.Damages, .. b.Damages];
        foreach (Damage damage in damages)
            context.Error.WriteLine($"kdt: {Printable.Escape(damage.ToString())}");
        if (damages.Length > 0)
            return ExitCode.Failed;
        return comparison.Matters ? ExitCode.Found : ExitCode.Fine;
    }
}
