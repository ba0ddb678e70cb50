using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image cat IMG PATH</c>: prints one file byte for byte.</summary>
internal static class ImageCatCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>("image") { Description = "An initramfs, kdump.img or unified kernel image; - is standard input" };
        var file = new Argument<string>(
            "path") { Description = "A path in the image; " +
                "links are followed inside the image. LAYER:PATH selects a layer as kdt image list names it" };
        var command = new Command("cat",
            "Print one file of an image, byte for byte.\n\nExample: kdt image cat kdump.img /etc/kdump.conf") { path, file };
        command.SetAction(parsed => Run(context, parsed.GetValue(path)!, parsed.GetValue(file)!));
        return command;
    }

    private static int Run(Context context, string path, string file)
    {
        using BootImage image = ImageInput.Open(path, context.Input);
        ImageNode? node = image.Find(file) ?? throw new InputException(path, file, -1, Missing(image, file));
        if (!node.IsFile)
            throw new InputException(path, file, -1, node.IsDirectory ? "is a folder" : "is not a regular file");
        context.Output.Flush();
        Stream? raw = (context.Output as StreamWriter)?.BaseStream;
        node.Content.CopyTo(piece =>
        {
            if (raw is not null)
                raw.Write(piece);
            else
                context.Output.Write(System.Text.Encoding.Latin1.GetString(piece));
            return true;
        });
        raw?.Flush();
        return ExitCode.Fine;
    }

    private static string Missing(BootImage image, string file)
    {
        string? at = image.Root.BreaksAt(file);
        return at is null || at == file ? "is not in the image" : $"is not in the image: {at} is not there";
    }
}
