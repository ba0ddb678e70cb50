using System.CommandLine;
using System.Globalization;
using System.Text;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Sources.Gather;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host collect -o DIR</c>: copies what the other commands need from a live machine, with secrets masked.</summary>
internal static class HostCollectCommand
{
    public static Command Build(Context context)
    {
        var output = new Option<string>("--output",
            "-o") { Description = "A new folder, or an archive (by its ending: .tar.zst, .tar.gz, .tar)", Required = true };
        var root = new Option<string>("--root") { Description = "Collect from this tree (a mounted root) instead of the running machine",
            HelpName = "DIR", DefaultValueFactory = _ => "/" };
        var images = new Option<bool>("--with-image") { Description = "Also copy the kdump image (it may contain ssh or LUKS keys)" };
        var json = new Option<bool>("--json") { Description = "Print the manifest" };
        var what = new StringBuilder(
            "Collect from this machine what explain, host check, host diff and image check need: " +
                "devices, interrupts, IOMMU, kernel configs, kdump's configuration, logs. As root it collects more. Changes nothing.\n");
        foreach (string rule in Secrets.Policy)
            what.Append("\n- ").Append(rule);
        what.Append("\n\nExample: kdt host collect -o $(hostname).tar.zst");
        var command = new Command("collect", what.ToString()) { output, root, images, json };
        command.SetAction(parsed => Collect(context, parsed.GetValue(output)!, parsed.GetValue(root)!, parsed.GetValue(images),
            parsed.GetValue(json)));
        return command;
    }

    private static int Collect(Context context, string output, string root, bool images, bool json)
    {
        if (!Directory.Exists(root))
            throw new InputException(root, "--root", -1, "is not a folder");
        _ = RootArgument.Open(root);
        var tree = new LiveTree(root);
        using var manifestText = new StringWriter(CultureInfo.InvariantCulture);
        Manifest manifest;
        try
        {
            using IGatherTarget target = ArchiveTarget.Is(output) ? ArchiveTarget.Create(output) : new FolderTarget(output);
            var gathering = new Gathering(tree, target, images);
            manifest = gathering.Manifest;
            gathering.Run();
            JsonText.Write(manifestText, Manifest.Schema,
                j => manifest.Write(j, ProgramVersion.Line(), Text(tree, "/etc/hostname") ?? "",
                Text(tree, "/proc/sys/kernel/osrelease") ?? "", DateTimeOffset.UtcNow, Environment.IsPrivilegedProcess, tree.IsLive));
            gathering.Write("/" + Manifest.FileName, Encoding.UTF8.GetBytes(manifestText.ToString()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(output, "-o", -1, $"could not be written: {FileKind.WhyNotWritten(e, output)}", e);
        }
        if (json)
            context.Output.Write(manifestText);
        else
            Say(context.Output, output, manifest);
        return ExitCode.Fine;
    }

    private static string? Text(LiveTree tree, string path) =>
        tree.Read(path, 256).Content is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;

    private static void Say(TextWriter output, string path, Manifest manifest)
    {
        // An archive's size is that of its file: packed, with the headers of many small files.
        long size = File.Exists(path) ? new FileInfo(path).Length : manifest.Bytes;
        output.WriteLine(Printable.Escape($"{Counted.Of(manifest.Files, "file")}, {size / 1e6:0.0} MB in {path}"));
        foreach (var reason in manifest.Reasons.OrderByDescending(r => r.Count()).Take(5))
            output.WriteLine(Printable.Escape($"not read: {reason.Count()} ({reason.Key}), for example {reason.First()}"));
        foreach ((GatherProgram program, ProgramResult result) in manifest.Failures)
            output.WriteLine(Printable.Escape($"{string.Join(' ', program.Command.Take(3))}: {result.Failure}"));
        if (manifest.Masked.Count > 0)
            output.WriteLine(Printable.Escape(
                $"masked: {string.Join(' ', manifest.Masked.Take(8))}{(manifest.Masked.Count > 8 ? " …" : "")}"));
        if (!Environment.IsPrivilegedProcess)
            output.WriteLine(
                "not run as root, so these are missing: " +
                    "extended configuration space (AER, ACS, SR-IOV), memory map, ACPI and DMI tables, previous logs");
        output.WriteLine($"{Manifest.FileName} lists everything; review the collection before sharing it");
    }
}
