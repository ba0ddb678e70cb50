using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Tests.House;

/// <summary>The layout that ARCHITECTURE.md promises.</summary>
public sealed partial class HouseTests
{
    /// <summary>Project → what it may reference: the arrows of the house.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Kdump.Formats"] = [],
        ["Kdump.Kernel"] = ["Kdump.Formats"],
        ["Kdump.Diagnosis"] = [],
        ["Kdump.Sources"] = ["Kdump.Diagnosis", "Kdump.Formats", "Kdump.Kernel"],
        ["Kdump.Probe"] = ["Kdump.Diagnosis"],
        ["Kdump.Fleet"] = ["Kdump.Diagnosis", "Kdump.Formats", "Kdump.Sources"],
        ["Kdump.Clr"] = ["Kdump.Formats", "Kdump.Kernel"],
        ["Kdump.Cli"] = ["Kdump.Diagnosis", "Kdump.Formats", "Kdump.Kernel", "Kdump.Sources"],
        ["Kdump.FleetCli"] = ["Kdump.Cli", "Kdump.Diagnosis", "Kdump.Fleet", "Kdump.Formats", "Kdump.Sources"],
    };

    /// <summary>Ids are public: one that was published stays, whatever becomes of its rule.</summary>
    private static readonly string[] PublishedIds =
        File.ReadAllLines(Repository.Path("tests", "Kdump.Tests", "House", "published-ids.txt"));


    /// <summary>The rules of all three books, each once.</summary>
    private static readonly Rule[] Books = [.. RuleBook.All, .. ImageRuleBook.All, .. HostRuleBook.Own];

    private static readonly string[] BannedWords = ["Helper", "Manager", "Util", "Common", "Misc"];

    [Fact]
    public void Projects_reference_exactly_what_the_house_allows()
    {
        foreach ((string project, string[] allowed) in Arrows)
        {
            XDocument file = XDocument.Load(Repository.Path("src", project, $"{project}.csproj"));
            string[] references = file.Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))).Order().ToArray();
            Assert.Equal(allowed, references);
        }
    }

    [Fact]
    public void There_are_no_other_projects()
    {
        string[] projects = Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(p => Path.GetFileNameWithoutExtension(p)).Order().ToArray();
        Assert.Equal(Arrows.Keys.Order(), projects);
    }

    [Fact]
    public void Every_project_pins_its_packages()
    {
        foreach (string project in Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Repository.Path("tests"), "*.csproj", SearchOption.AllDirectories)))
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")),
                $"{project} has no packages.lock.json");
    }

    [Fact]
    public void Every_rule_stands_in_the_rule_book_once()
    {
        Type[] written = typeof(Rule).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Rule)) && !t.IsAbstract).ToArray();
        string[] listed = [.. Books.Select(r => r.GetType().Name).Distinct().Order()];
        Assert.Equal(written.Select(t => t.Name).Order(), listed);
        Assert.Equal(RuleBook.All.Length, RuleBook.All.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public void Every_rule_has_a_published_id_in_kebab_case()
    {
        // Ids of the catalogue's failures and families are published by docs/failures.md.
        foreach (Rule rule in Books.Where(r => r is not KnownFailure and not KnownFamily))
        {
            Assert.Matches(KebabCase(), rule.Id);
            Assert.True(PublishedIds.Contains(rule.Id),
                $"{rule.Id} is new: add it to tests/Kdump.Tests/House/published-ids.txt, where it stays");
        }
    }

    [Fact]
    public void Every_cause_that_a_rule_names_is_an_id_that_some_rule_makes()
    {
        string[] sources = [.. Directory.EnumerateFiles(Repository.Path("src", "Kdump.Diagnosis"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText)];
        string[] found = [.. sources.SelectMany(s => NewFinding().Matches(s)).Select(m => m.Groups[1].Value)];
        Assert.Empty(found.Except(PublishedIds));
        HashSet<string> made = [.. Books.Select(r => r.Id), .. found];
        IEnumerable<string> unknown = sources.SelectMany(s => CauseList().Matches(s)).SelectMany(list => QuotedId().Matches(list.Value))
            .Select(m => m.Groups[1].Value)
            .Where(id => !made.Contains(id));
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_rule_has_a_test_class_of_its_name()
    {
        string[] tests = Assembly.GetExecutingAssembly().GetTypes().Select(t => t.Name).ToArray();
        foreach (Rule rule in RuleBook.All)
            Assert.True(tests.Contains($"{rule.GetType().Name}Tests"), $"write tests/Kdump.Tests/Rules/{rule.GetType().Name}Tests.cs");
    }

    /// <summary>Quoted logs and tables in raw strings keep the width that they have.</summary>
    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        var wide = new List<string>();
        foreach (string file in new[] { "src", "tests" }
            .SelectMany(d => Directory.EnumerateFiles(Repository.Path(d), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)))
        {
            string? raw = null;
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (raw is not null)
                {
                    raw = line.Contains(raw, StringComparison.Ordinal) ? null : raw;
                    continue;
                }
                MatchCollection quotes = RawQuotes().Matches(line);
                raw = quotes.Count % 2 == 1 ? quotes[^1].Value : null;
                if (line.Length > 140)
                    wide.Add($"{file}:{number}");
            }
        }
        Assert.True(wide.Count == 0, string.Join("\n", wide));
    }

    /// <summary>A conditional expression inside another one is hard to read: a switch, a table or returns are not.</summary>
    [Fact]
    public void No_conditional_expression_stands_in_another()
    {
        Assert.Equal([2], Nested("int x = a ? 1\n  : b is { } y ? y : 3;"));
        Assert.Equal([1], Nested("F(a ? b ? 1 : 2 : 3);"));
        Assert.Empty(Nested("int x = a ? 1 : F(b ? 2 : 3); int z = c ? 4 : 5; string s = c ? \"a ? b\" : d?.E ?? \"\";"));
        Assert.Empty(Nested("class C\n{\n    int? A { get; } = B ? 1 : 2;\n    int D() { return E ? 1 : 2; }\n    int F => G ? 1 : 2;\n}"));
        var wrong = new List<string>();
        foreach (string file in Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)))
            wrong.AddRange(Nested(File.ReadAllText(file)).Select(line => $"{file}:{line}"));
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>The lines of conditional expressions that stand directly in another one.</summary>
    private static List<int> Nested(string text)
    {
        List<int> lines = [];
        string code = Quoted().Replace(text, m => new string('\n', m.Value.Count(c => c == '\n')) + "\"\"");
        // For each open bracket, how many conditions the expression has so far, and whether statements stand in it.
        var open = new Stack<(int Asked, bool Statements)>([(0, true)]);
        for (int i = 1, line = 1; i < code.Length - 1; i++)
        {
            line += code[i] == '\n' ? 1 : 0;
            if (code[i] is '(' or '[' or '{')
                open.Push((0, false));
            else if (code[i] is ')' or ']' or '}' && open.Count > 1)
            {
                // A block ends a statement; the braces of a pattern or of an initialiser do not.
                if (open.Pop().Statements)
                    open.Push((0, open.Pop().Statements));
            }
            else if (code[i] is ';' or ',' || (code[i] == '=' && code[i + 1] == '>'))
                open.Push((0, open.Pop().Statements || code[i] == ';'));
            else if (code[i] == '?' && char.IsWhiteSpace(code[i - 1]) && char.IsWhiteSpace(code[i + 1]))
            {
                open.Push((open.Peek().Asked + 1, open.Pop().Statements));
                if (open.Peek().Asked == 2)
                    lines.Add(line);
            }
        }
        return lines;
    }

    [Fact]
    public void No_file_is_named_for_nothing()
    {
        foreach (string file in Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/") && !f.Contains("/bin/")))
        {
            foreach (string word in BannedWords)
                Assert.False(Path.GetFileNameWithoutExtension(file).EndsWith(word, StringComparison.Ordinal) ||
                    Path.GetFileNameWithoutExtension(file).StartsWith(word, StringComparison.Ordinal), $"{file}: {word} says nothing");
        }
    }

    /// <summary>Raw strings, comments, strings and characters.</summary>
    [GeneratedRegex(""""(\$*"""[\s\S]*?""")|(//[^\n]*)|(\$?"(\\.|[^"\\\n])*")|('(\\.|[^'\\\n])')"""")]
    private static partial Regex Quoted();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex("new Finding\\(\\s*\"([a-z0-9-]+)\"")]
    private static partial Regex NewFinding();

    [GeneratedRegex("(CausedBy|Explains)\\s*=[^;\\]]*\\]")]
    private static partial Regex CauseList();

    [GeneratedRegex("(?<!\\$)\"([a-z0-9]+(?:-[a-z0-9]+)+)(?::[^\"]*)?\"")]
    private static partial Regex QuotedId();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
