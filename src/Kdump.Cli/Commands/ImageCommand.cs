using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image list|cat|check|diff</c>: reads an initramfs without extracting it.</summary>
internal static class ImageCommand
{
    public static Command Build(Context context) =>
        new("image", "Look inside an initramfs or kdump.img the way the kernel does, without extracting it.")
    {
        ImageListCommand.Build(context),
        ImageCatCommand.Build(context),
        ImageCheckCommand.Build(context),
        ImageDiffCommand.Build(context),
    };
}
