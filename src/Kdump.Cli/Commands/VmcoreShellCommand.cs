using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore shell</c>: one open dump, and every view and expression on it.</summary>
internal static class VmcoreShellCommand
{
    private const int MaxScript = 1 << 20;

    public static Command Build(Context context)
    {
        var commands = new Option<string[]>("-c", "--command")
        {
            Description = "Run this and end; may be given several times",
            HelpName = "COMMAND",
            AllowMultipleArgumentsPerToken = false,
            CustomParser = static result => [.. result.Tokens.Select(t => t.Value)],
        };
        var script = new Option<string?>("-f", "--file") { Description = "Run the lines of this file and end", HelpName = "FILE" };
        var command = new Command("shell",
            "Look around in a dump: every view of kdt vmcore and every expression, on a dump that stays open; crash's names for them work" +
            " too.\n\nExamples:\n  kdt vmcore shell vmcore\n  kdt vmcore shell vmcore -c 'foreach UN bt' -c 'p jiffies'\n" +
            "  kdt vmcore shell vmcore -f questions.txt") { commands, script };
        DumpFiles files = new DumpFiles(context, command).WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            VmcoreShell shell = new(context, vmcore);
            List<string> lines = [.. parsed.GetValue(commands) ?? []];
            if (parsed.GetValue(script) is { } path)
                lines.AddRange(Read(path));
            return lines.Count > 0 ? shell.Run(lines) : shell.Run();
        }));
        return command;
    }

    private static string[] Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxScript)
                throw new InputException(path, "length", -1, $"more than {MaxScript} bytes are no script");
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "file", -1, FileKind.ReasonOf(e, path), e);
        }
    }
}
