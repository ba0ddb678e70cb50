using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Catalogue;

/// <summary>The tables of messages: every wording can be found, and nothing that it takes is lost.</summary>
public sealed class ToolMessagesTests
{
    private static readonly ToolMessage[] All = ToolMessages.All;

    [Fact]
    public void Every_wording_is_found_in_a_line_made_of_it()
    {
        foreach (ToolMessage message in All)
        {
            string line = message.Wording.Replace("{w}", "w1", StringComparison.Ordinal).Replace("{d}", "d1", StringComparison.Ordinal)
                .Replace("{e}", "e1", StringComparison.Ordinal).Replace("{t}", "t1", StringComparison.Ordinal)
                .Replace("*", " anything ", StringComparison.Ordinal);
            Facts facts = Explained.Facts(line + "\n");
            Assert.True(facts.Of<ToolSaid>().Count == 1, $"{message.Wording} is not found in: {line}");
        }
    }

    [Fact]
    public void Means_and_fixes_ask_only_for_what_the_wording_takes()
    {
        foreach (ToolMessage message in All)
        {
            int taken = message.Wording.Count(c => c == '{');
            foreach (string text in message.Fixes.SelectMany(f => new[] { f.Text, f.Command ?? "" }).Append(message.Means))
            {
                for (int i = taken + 1; i < 6; i++)
                    Assert.False(text.Contains($"{{{i}}}", StringComparison.Ordinal), $"{message.Wording}: {text}");
            }
        }
    }

    [Theory]
    [InlineData("mkdumprd: mkdir failed on kdump@10.0.0.9:/var/crash", 1)]
    [InlineData("Jan 06 17:42:14 host gvfsd[1980]: mkdir failed on directory /var/cache/samba: Permission denied", 0)]
    [InlineData("backup: mkdir failed on nas01", 0)]
    public void Only_mkdumprds_own_form_of_a_folder_that_was_not_made_is_kdumps(string line, int findings) =>
        Assert.Equal(findings, Explained.Findings("kdump-check-failed", line + "\n").Count);

    [Fact]
    public void No_wording_stands_in_the_tables_twice() =>
        Assert.Equal(All.Length, All.Select(m => m.Wording).Distinct(StringComparer.Ordinal).Count());
}
