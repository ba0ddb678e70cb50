using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image list IMG</c>: lists everything in it, segment by segment.</summary>
internal static class ImageListCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>("image") { Description = "An initramfs, kdump.img or unified kernel image; - is standard input" };
        var json = new Option<bool>("--json") { Description = "Print the list as JSON" };
        var command = new Command("list",
            "List everything in an image: all segments, and the squashfs or erofs root inside them.\n" +
            "\nExample: kdt image list /boot/initramfs-$(uname -r)kdump.img") { path, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(path)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string path, bool json)
    {
        using BootImage image = ImageInput.Open(path, context.Input);
        if (json)
            ImageListJson.Write(context.Output, image);
        else
            ImageListText.Write(context.Output, image);
        bool broken = false;
        foreach (Damage damage in image.Damages)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(damage.ToString())}");
            broken = true;
        }
        bool none = image.Initramfs.Entries.Count == 0 && image.Layers.Count == 1;
        if (none && !broken)
            context.Error.WriteLine($"kdt: {Printable.Escape(image.Name)}: no file in it");
        return none || broken ? ExitCode.Failed : ExitCode.Fine;
    }
}
