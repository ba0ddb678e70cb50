using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

public sealed class ShellLineTests
{
    [Theory]
    [InlineData("ps | grep sh", "ps", "grep sh")]
    [InlineData("p a->b", "p a->b", null)]
    [InlineData("p (a | b)", "p (a | b)", null)]
    [InlineData("p a || b", "p a || b", null)]
    [InlineData("p where(x, it > 3)", "p where(x, it > 3)", null)]
    [InlineData("p a > 3", "p a > 3", null)]
    [InlineData("p a >= b", "p a >= b", null)]
    [InlineData("p a >> 3", "p a >> 3", null)]
    [InlineData("ps > out.txt", "ps", "cat > out.txt")]
    [InlineData("ps >> out.txt", "ps", "cat >> out.txt")]
    [InlineData("search -c \"a | b\"", "search -c \"a | b\"", null)]
    [InlineData("p '|'", "p '|'", null)]
    public void A_line_is_split_where_its_output_goes_elsewhere(string line, string command, string? pipe) =>
        Assert.Equal(new ShellLine(command, pipe), ShellLine.Parse(line));

    [Fact]
    public void Words_in_quotes_stay_together() =>
        Assert.Equal(["-c", "I/O error", "", "x"], ShellLine.Words("-c \"I/O error\" '' x"));

    [Fact]
    public void A_line_is_edited_with_the_keys_of_readline()
    {
        EditedLine line = new(["older", "newer"]);
        line.Insert("abc def");
        line.WordLeft();
        line.CutToEnd();
        Assert.Equal(("abc ", 4), (line.Text, line.Cursor));
        line.Home();
        line.Paste();
        Assert.Equal("defabc ", line.Text);
        line.End();
        line.CutWord();
        Assert.Equal("", line.Text);
        line.Insert("typed");
        line.Older();
        line.Older();
        line.Older();
        Assert.Equal("older", line.Text);
        line.Newer();
        line.Newer();
        Assert.Equal("typed", line.Text);
        line.Left();
        line.Delete();
        line.Backspace();
        Assert.Equal("typ", line.Text);
        Assert.Equal(0, line.Find("old", 2));
        Assert.Equal(-1, line.Find("none", 2));
    }

    [Fact]
    public void The_history_is_kept_for_its_user_only()
    {
        string folder = Directory.CreateTempSubdirectory("kdt-history").FullName;
        try
        {
            string path = Path.Combine(folder, "state", "history");
            LineHistory history = new(path);
            history.Add("one");
            history.Add("one");
            history.Add(" ");
            history.Add("two");
            history.Save();
            Assert.Equal(["one", "two"], new LineHistory(path).Lines);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
