using System.Text;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>Output that is longer than a screen, and pagers that are not there.</summary>
public sealed class PagerTests
{
    /// <summary>sh(1) ends by 127 or 126; a pipe holds 64 kB without a reader, so all of them seem to be written.</summary>
    [Theory]
    [InlineData("nosuchpager", 100)]
    [InlineData("nosuchpager", 100_000)]
    [InlineData("nosuchpager --with options", 100)]
    [InlineData("LESS=x nosuchpager", 100_000)]
    [InlineData("/etc/passwd", 100_000)]
    [InlineData("/nosuch/less", 3)]
    public void A_pager_that_cannot_be_run_loses_nothing(string command, int lines)
    {
        using var terminal = new MemoryStream();
        string text = string.Concat(Enumerable.Range(0, lines).Select(i => $"line {i}\n"));
        using (var pager = new Pager(terminal, rows: 2, $"exec 2>/dev/null; {command}"))
        {
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                pager.Write(Encoding.UTF8.GetBytes(line + "\n"));
            pager.End();
        }
        Assert.Equal(text, Encoding.UTF8.GetString(terminal.ToArray()));
    }

    [Fact]
    public void A_pager_that_was_left_is_not_written_past()
    {
        using var terminal = new MemoryStream();
        using var pager = new Pager(terminal, rows: 2, "head -c 1 > /dev/null");
        Assert.True(Assert.Throws<OutputException>(() =>
        {
            for (int i = 0; i < 100_000; i++)
                pager.Write("line\n"u8);
        }).ReaderLeft);
        Assert.Equal(0, terminal.Length);
    }

    /// <summary>less asks the locale for the coding, and shows bytes where it is not installed.</summary>
    [Fact]
    public void Less_is_told_that_the_text_is_UTF_8()
    {
        var start = new System.Diagnostics.ProcessStartInfo("/bin/sh");
        Pager.Prepare(start);
        Assert.Equal(Environment.GetEnvironmentVariable("LESSCHARSET") ?? "utf-8", start.Environment["LESSCHARSET"]);
        Assert.Equal(Environment.GetEnvironmentVariable("LESS") ?? "FRX", start.Environment["LESS"]);
    }

    [Theory]
    [InlineData("KDT_PAGER=most PAGER=more", "most")]
    [InlineData("PAGER=more", "more")]
    [InlineData("KDT_PAGER=cat", null)]
    [InlineData("KDT_PAGER= PAGER=more", null)]
    [InlineData("PATH=/nosuch", null)]
    [InlineData("", null)]
    public void The_pager_is_the_one_that_was_asked_for_or_less_where_it_exists(string set, string? command)
    {
        Dictionary<string, string> variables = set.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(command, Pager.Command(variables.GetValueOrDefault));
    }
}
