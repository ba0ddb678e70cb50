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
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var command = new Command("diff",
            "Compare the content of two images, most dangerous differences first; compression and time stamps are ignored.\n\nExample: " +
                "kdt image " +
            "diff good.img bad.img") { a, b, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(a)!, parsed.GetValue(b)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string pathA, string pathB, bool json)
    {
        using BootImage a = ImageInput.Open(pathA, context.Input), b = ImageInput.Open(pathB, context.Input);
        ImageComparison comparison = ImageComparison.Of(a, b);
        if (json)
            ImageDiffJson.Write(context.Output, a, b, comparison);
        else
            ImageDiffText.Write(context.Output, a, b, comparison);
        Damage[] damages = [.. a.Damages, .. b.Damages];
        foreach (Damage damage in damages)
            context.Error.WriteLine($"kdt: {Printable.Escape(damage.ToString())}");
        return damages.Length > 0 ? ExitCode.Failed : comparison.Matters ? ExitCode.Found : ExitCode.Fine;
    }
}
