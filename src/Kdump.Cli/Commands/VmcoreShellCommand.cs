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
            Description = "Run this command and exit; may be given several times",
            HelpName = "COMMAND",
            AllowMultipleArgumentsPerToken = false,
            CustomParser = static result => [.. result.Tokens.Select(t => t.Value)],
        };
        var script = new Option<string?>("-f", "--file") { Description = "Run the lines of this file and exit", HelpName = "FILE" };
        var command = new Command("shell",
            "Open a dump and type commands: all commands of kdt vmcore, expressions, and most commands of crash.\n" +
                "\nExamples:\n  kdt vmcore shell vmcore\n  kdt vmcore shell vmcore -c 'foreach UN bt' -c 'p jiffies'\n" +
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
                throw new InputException(path, "length", -1, $"more than {MaxScript} bytes: too large for a script");
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "file", -1, FileKind.ReasonOf(e, path), e);
        }
    }
}
