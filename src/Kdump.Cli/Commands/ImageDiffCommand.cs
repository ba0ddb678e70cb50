using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Images;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image diff A B</c>: what differs between two images, and what that means.</summary>
internal static class ImageDiffCommand
{
    public static Command Build(Context context)
    {
        var a = new Argument<string>("a") { Description = "The one that works" };
        var b = new Argument<string>("b") { Description = "The one that does not" };
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var command = new Command("diff",
            "Compare what two images unpack to, most dangerous differences first; packing and times do not count.\n\nExample: kdt image " +
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
