using System.Text.RegularExpressions;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.House;

/// <summary>A count is printed with the word that fits it, by the one class that knows plurals.</summary>
public sealed partial class CountTests
{
    /// <summary>Holes before a word that looks like a plural: names before a verb, and numbers that are never one.</summary>
    private static readonly string[] NoCounts =
    [
        "PageFrame.Text(forecast.Capacity.ToString())", "forecast.Capacity", "capacity", "device.Key", "tickless", "Witness",
        "slots.Length", "1UL << r.AddressBits", "CorrectedCount", "cpus", "message.Port", "said.Device", "first.Smmu", "now.Cpus",
        "p.Setting", "who", "s.Name", "count.Offered",
    ];

    private static readonly string[] Nouns =
    [
        "line", "finding", "file", "boot", "crash", "host", "machine", "record", "entry", "byte", "device", "option", "page", "member",
        "module", "CPU", "task", "report", "difference", "repetition", "vector", "function", "frame", "thread", "event", "group", "input",
        "symbol", "layer", "dump", "unit", "fix", "error", "message", "interrupt", "driver", "block", "image", "program", "disk", "place",
        "row", "folder", "archive", "name", "kind", "cluster", "unknown", "command", "process", "part", "segment", "area", "object", "node",
        "DIMM", "core", "slot", "queue", "request", "mount", "lock", "waiter", "element",
    ];

    [Theory]
    [InlineData("line", "lines")]
    [InlineData("more entry", "more entries")]
    [InlineData("day", "days")]
    [InlineData("crash", "crashes")]
    [InlineData("process", "processes")]
    [InlineData("fix", "fixes")]
    [InlineData("switch", "switches")]
    [InlineData("CPU", "CPUs")]
    public void One_is_singular_and_any_other_number_is_plural(string one, string more)
    {
        Assert.Equal($"1 {one}", Counted.Of(1, one));
        Assert.Equal($"0 {more}", Counted.Of(0, one));
        Assert.Equal($"21 {more} were", Counted.Of(21, one, "was", "were"));
        Assert.Equal($"1 {one} was", Counted.Of(1, one, "was", "were"));
    }

    [Fact]
    public void No_text_has_a_count_before_a_fixed_plural()
    {
        var counted = new Regex(@"\{(?<hole>[^{}""]*)\}(?: (?!and |or |of |have |has |that |to |from |than |are |is |in )[a-z-]+){0,2} " +
            "(?:" +
            string.Join('|', Nouns.Select(n => Counted.Named(2, n))) + @")\b");
        List<string> wrong = [];
        int read = 0;
        foreach (string project in new[] { "Cli", "FleetCli", "Fleet", "Sources", "Diagnosis", "Probe" })
        {
            foreach (string file in Directory.EnumerateFiles(Repository.Path("src", $"Kdump.{project}"), "*.cs",
                SearchOption.AllDirectories))
            {
                // The texts of mcelog and lspci are theirs.
                if (file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/Mcelog/", StringComparison.Ordinal) ||
                    file.EndsWith("/ConfigText.cs", StringComparison.Ordinal))
                    continue;
                foreach (string line in File.ReadLines(file))
                {
                    if (!line.Contains("$\"", StringComparison.Ordinal) || line.TrimStart().StartsWith("//", StringComparison.Ordinal) ||
                        Guarded().IsMatch(line))
                        continue;
                    read++;
                    wrong.AddRange(counted.Matches(line).Select(m => m.Groups["hole"].Value).Where(h => h.Trim().Length > 0 &&
                        !NoCounts.Contains(h) && !NoNumber().IsMatch(h)).Select(h =>
                            $"{Path.GetFileName(file)}: {{{h}}} in {line.Trim()}"));
                }
            }
        }
        Assert.True(read > 1000, $"{read}");
        Assert.True(wrong.Count == 0, $"use Counted.Of:\n{string.Join('\n', wrong)}");
    }

    /// <summary>The line itself knows that it is about several.</summary>
    [GeneratedRegex(@"(> 1|== 1|>= 2|!= 1|> 2|is 1|1 =>|_ =>)\b|_ =>")]
    private static partial Regex Guarded();

    /// <summary>A limit, or not decimal.</summary>
    [GeneratedRegex(@"(^|\.)(Max|Most|most)\w*$|:x\d*$")]
    private static partial Regex NoNumber();
}
