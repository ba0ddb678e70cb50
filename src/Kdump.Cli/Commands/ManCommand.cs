using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt man DIR</c>: writes the manual pages, for packaging.</summary>
internal static class ManCommand
{
    public static Command Build(Context context) => Build(context, null);

    /// <param name="only">The one command whose page this program has; null: that of kdt and those of all commands but the ones of other
    /// programs.</param>
    public static Command Build(Context context, string? only)
    {
        var folder = new Argument<string>("dir") { Description = "The folder to write the pages to" };
        var date = new Option<string>("--date") { Description = "Date of the pages (YYYY-MM-DD)",
#pragma warning disable RS0030 // --date gives another one
            DefaultValueFactory = _ => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
#pragma warning restore RS0030
        var command = new Command("man", "Write the manual pages of kdt and its commands.\n\nExample: kdt man out/man") { folder, date };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Command root = parsed.RootCommandResult.Command;
            foreach (Command? page in Pages(root, only))
            {
                string path = Path.Combine(parsed.GetValue(folder)!, ManPage.FileName(page));
                Write(path, output => new ManPage(output, parsed.GetValue(date)!).Write(root, page));
            }
            return ExitCode.Fine;
        });
        return command;
    }

    private static IEnumerable<Command?> Pages(Command root, string? only) => only is not null
        ? root.Subcommands.Where(c => c.Name == only)
        : root.Subcommands.Where(c => !c.Hidden && c.Name != FleetProgram.Verb).Prepend<Command?>(null);

    private static void Write(string path, Action<TextWriter> write)
    {
        try
        {
            using var file = new StreamWriter(path) { NewLine = "\n" };
            write(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "manual page", -1, e.Message, e);
        }
    }
}
