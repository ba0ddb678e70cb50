using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;

namespace Kdump.Tests.Cli;

/// <summary>The help of every command can be read on a terminal of 80 columns.</summary>
public sealed class HelpTests
{
    private const int Columns = 80;

    /// <summary>Width that the names of options and arguments may take, so that their descriptions have room beside them.</summary>
    private const int MaxFirstColumn = 40;

    [Fact]
    public void No_line_of_any_help_is_wider_than_80_columns_except_examples_and_usage() =>
        Assert.All(Pages(), page => Assert.DoesNotContain(Prose(page.Text), l => l.Length > Columns));

    /// <summary>Of a group's help the first screen shows what it can do; the options are those of every command.</summary>
    [Fact]
    public void The_commands_stand_before_the_options() => Assert.All(Pages().Where(p => p.Text.Contains("\nCommands:\n",
        StringComparison.Ordinal)), p => Assert.True(p.Text.IndexOf("\nCommands:\n", StringComparison.Ordinal) <
            p.Text.IndexOf("\nOptions:\n", StringComparison.Ordinal), p.Command));

    [Fact]
    public void The_first_column_leaves_room_for_the_descriptions() =>
        Assert.All(Pages(width: 10_000), page => Assert.DoesNotContain(FirstColumn(page.Text), name => name.Length > MaxFirstColumn));

    [Fact]
    public void Every_option_and_command_has_a_description()
    {
        (string Command, string Text)[] pages = [.. Pages()];
        Assert.Contains(pages, p => p.Command == "vmcore read");
        Assert.All(pages, page => Assert.DoesNotContain(Rows(page.Text), row => row.Trim().IndexOf("  ", StringComparison.Ordinal) < 0));
    }

    [Fact]
    public void The_help_of_mce_shows_a_name_for_its_processor_and_not_all_seventy() =>
        Assert.Contains(FirstColumn(Help(Columns, "mce")), name => name == "--cpu <NAME>");

    private static IEnumerable<(string Command, string Text)> Pages(int width = Columns)
    {
        var open = new Queue<string[]>([[]]);
        while (open.TryDequeue(out string[]? command))
        {
            string text = Help(width, command);
            yield return (string.Join(' ', command), text);
            foreach (string name in Section(text, "Commands:").Where(IsRow).Select(l => l.Trim().Split(' ', ',')[0]))
                open.Enqueue([.. command, name]);
        }
    }

    private static string Help(int width, params string[] command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        string[] args = [.. command, "--help"];
        Terminal terminal = Terminal.Plain with { Width = width };
        // The fleet's commands are another program, which kdt becomes.
        Assert.Equal(0, command is ["fleet", ..] ? KdtFleet.Run(args[1..], output, TextWriter.Null, () => Stream.Null, terminal)
            : Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, terminal));
        return output.ToString();
    }

    private static IEnumerable<string> Section(string text, string head) =>
        text.Split('\n').SkipWhile(l => l != head).Skip(1).TakeWhile(l => l.Length > 0);

    private static bool IsRow(string line) => line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && line[2] != ' ';

    private static IEnumerable<string> Rows(string text) =>
        ((string[])["Arguments:", "Options:", "Commands:"]).SelectMany(head => Section(text, head)).Where(IsRow);

    private static IEnumerable<string> FirstColumn(string text) => Rows(text).Select(l => l.Trim().Split("  ")[0]);

    /// <summary>Examples are to be copied as they are, and the usage line is one word to the formatter.</summary>
    private static IEnumerable<string> Prose(string text) =>
        text.Split('\n').Where(l => !l.Contains("kdt ", StringComparison.Ordinal));
}
