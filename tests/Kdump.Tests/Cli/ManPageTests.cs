using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;

namespace Kdump.Tests.Cli;

/// <summary>The manual pages: one for kdt and one for each command, which man(1) and mandoc(1) read without a complaint.</summary>
public sealed class ManPageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdump-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_command_of_the_help_has_a_page_that_names_all_its_options()
    {
        Write();
        string[] verbs = [.. Run("--help").Split("Commands:")[1].Split("\n\n")[0].Split('\n')
            .Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l[2] != ' ')
            .Select(l => l.Trim().Split(' ')[0])];
        Assert.Contains("explain", verbs);
        Assert.Equal(verbs.Select(v => $"kdt-{v}.1").Append("kdt.1").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        string explain = File.ReadAllText(Path.Combine(folder, "kdt-explain.1"));
        Assert.All((string[])[".SH SYNOPSIS", @"\-\-output", @"\-\-rule", ".SH EXIT STATUS", @"\-\-no\-pager"],
            part => Assert.Contains(part, explain, StringComparison.Ordinal));
    }

    /// <summary>What man -k finds: the whole first sentence, although it names kdump.img; and a list stays a list.</summary>
    [Fact]
    public void A_page_is_named_by_the_first_sentence_of_its_help()
    {
        Write();
        Assert.Contains("kdump.img the way the kernel does", File.ReadAllText(Path.Combine(folder, "kdt-image.1"))
            .Split(".SH SYNOPSIS")[0].ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains(".IP \\(bu 2\nnever read: ssh keys", File.ReadAllText(Path.Combine(folder, "kdt-host.1")),
            StringComparison.Ordinal);
    }

    /// <summary>mandoc: "skipping paragraph macro: PP empty".</summary>
    [Fact]
    public void No_paragraph_begins_where_another_macro_begins_one()
    {
        Write();
        string[] begin = [".PP", ".LP", ".P", ".IP", ".TP", ".HP", ".SH", ".SS"];
        foreach (string page in Directory.EnumerateFiles(folder).Concat(Directory.EnumerateFiles(Repository.Path("packaging", "man"))))
        {
            string[] macros = [.. File.ReadLines(page).Select(l => l.Split(' ')[0])];
            for (int i = 0; i + 1 < macros.Length; i++)
                Assert.False(macros[i] == ".PP" && begin.Contains(macros[i + 1]), $"{page}:{i + 1}: .PP before {macros[i + 1]}");
        }
    }

    [ToolFact("mandoc")]
    public void Mandoc_has_nothing_to_say_of_them()
    {
        Write();
        string pages = $"{folder}/*.1 {Repository.Path("packaging", "man")}/*";
        Assert.Equal("", Encoding.UTF8.GetString(Tool.Run($"mandoc -Tlint -Wwarning {pages}", "/")));
    }

    [ToolFact("man")]
    public void Man_formats_them_without_warnings()
    {
        Write();
        foreach (string page in Directory.EnumerateFiles(folder).Concat(Directory.EnumerateFiles(Repository.Path("packaging", "man"))))
            Assert.Equal("", Encoding.UTF8.GetString(Tool.Run($"man --warnings -E UTF-8 -l '{page}' 2>&1 > /dev/null", "/")));
    }

    /// <summary>The fleet's page is made by its own program.</summary>
    private void Write()
    {
        Assert.Equal("", Run("man", folder, "--date", "2026-01-01"));
        Assert.Equal(0, KdtFleet.Run(["man", folder, "--date", "2026-01-01"], TextWriter.Null, TextWriter.Null, () => Stream.Null,
            Terminal.Plain));
    }

    private static string Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        return output.ToString();
    }
}
