using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>What a shell offers behind kdt, and what it is.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("exp", "explain\tJoin any mix of evidence into one verdict")]
    [InlineData("vmcore |lo", "log\t")]
    [InlineData("vmcore |lo", "locks\tList locks with holder and waiters")]
    [InlineData("explain |--j", "--json\tPrint the verdict as JSON")]
    [InlineData("explain |--no", "--no-pager\tDo not use a pager for long output")]
    [InlineData("explain |--rule|vector-ex", "vector-exhaustion\tall interrupt vectors of the crash kernel")]
    [InlineData("completion |z", "zsh\t")]
    [InlineData("--color |a", "always\t")]
    [InlineData("explain |", ":files")]
    [InlineData("explain |-o|", ":files")]
    [InlineData("host |check |--root|", ":files")]
    [InlineData("host |check |--image|", ":files")]
    [InlineData("vmcore |bt |", ":files")]
    [InlineData("explain |--root|", ":folders")]
    [InlineData("host |collect |--root|", ":folders")]
    public void Words_are_offered_with_what_they_are(string line, string offered) =>
        Assert.Contains(Offered([.. line.Split('|').Select(w => w.Trim())]), l => l.StartsWith(offered, StringComparison.Ordinal));

    /// <summary>A mark inside a sentence does not end it, and a bracket is not left open.</summary>
    [Fact]
    public void A_description_is_cut_at_the_end_of_a_sentence_or_at_a_word()
    {
        Assert.Contains("--root\tWithout PATH: look for the newest crash below this folder …", Offered(["explain", "--root"]));
        string[] lines = [.. ((string[][])[["explain", "-"], ["log", "-"], ["vmcore", ""], ["host", ""], ["host", "check", "-"],
            ["image", ""], ["vmcore", "bt", "-"], ["kconfig", ""], [""]]).SelectMany(Offered).Where(l => l.Contains('\t'))];
        Assert.True(lines.Length > 60);
        Assert.All(lines, l =>
        {
            string what = l.Split('\t')[1];
            Assert.True(what.Length <= 60 && what.Count(c => c == '(') == what.Count(c => c == ')'), l);
            Assert.True(what.Length == 0 || !(what[^1] is ':' or ',' or '(' or ';'), l);
        });
    }

    /// <summary>kdt log has a command below it and takes a file: both are offered.</summary>
    [ToolFact("bash", "dotnet")]
    public void Bash_offers_files_beside_the_commands_below()
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        string said = Encoding.UTF8.GetString(Tool.Run($"bash -c 'kdt() {{ dotnet \"{kdt}\" \"$@\"; }}; . <(kdt completion bash); " +
            "COMP_WORDS=(kdt log \"\") COMP_CWORD=2 COMP_TYPE=9; _kdt; printf \"%s\\n\" \"${COMPREPLY[@]}\"'", Repository.Root));
        Assert.Contains("diff", said.Split('\n'));
        Assert.Contains("README.md", said.Split('\n'));
    }

    [ToolFact("bash", "dotnet")]
    public void Bash_offers_only_folders_where_a_folder_is_asked_for()
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        string[] said = Encoding.UTF8.GetString(Tool.Run($"bash -c 'kdt() {{ dotnet \"{kdt}\" \"$@\"; }}; . <(kdt completion bash); " +
            "COMP_WORDS=(kdt explain --root \"\") COMP_CWORD=3 COMP_TYPE=9; _kdt; printf \"%s\\n\" \"${COMPREPLY[@]}\"'",
            Repository.Root)).Split('\n');
        Assert.Contains("docs", said);
        Assert.DoesNotContain("README.md", said);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ex")]
    [InlineData("vmcore|")]
    [InlineData("vmcore|print|--depth|")]
    [InlineData("host|vectors|--cpus|")]
    [InlineData("host|check|--cmdline|")]
    [InlineData("vmcore|search|--from|")]
    public void No_paths_are_offered_where_none_can_stand(string line) => Assert.DoesNotContain(":files", Offered(line.Split('|')));

    [Fact]
    public void Nothing_is_offered_that_does_not_begin_as_what_was_typed() =>
        Assert.All(Offered(["explain", "--rule", "mce"]), l => Assert.StartsWith("mce", l, StringComparison.Ordinal));

    [ToolTheory("bash", "dotnet")]
    [InlineData("9", "explain")]
    [InlineData("63", "explain")]
    public void Bash_itself_completes_by_the_script(string type, string expected)
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        string said = Encoding.UTF8.GetString(Tool.Run($"bash -c 'kdt() {{ dotnet \"{kdt}\" \"$@\"; }}; . <(kdt completion bash); " +
            $"COMP_WORDS=(kdt expl) COMP_CWORD=1 COMP_TYPE={type}; _kdt; printf \"%s\\n\" \"${{COMPREPLY[@]}}\"; " +
            $"COMP_WORDS=(kdt vmcore \"\") COMP_CWORD=2 COMP_TYPE={type}; _kdt; printf \"%s\\n\" \"${{COMPREPLY[@]}}\"'", "/"));
        string[] lines = said.Split('\n');
        Assert.Equal(expected, lines[0]);
        Assert.Contains(lines, l => type == "63" ? l.StartsWith("locks ", StringComparison.Ordinal) && l.Contains("(List locks",
            StringComparison.Ordinal) : l == "locks");
    }

    [ToolTheory("zsh")]
    [InlineData("zsh")]
    public void The_script_of_zsh_has_no_fault_of_syntax(string shell) => Checked(shell);

    [ToolTheory("fish")]
    [InlineData("fish")]
    public void The_script_of_fish_has_no_fault_of_syntax(string shell) => Checked(shell);

    private static void Checked(string shell) =>
        Tool.Run($"{shell} -n /dev/stdin", "/", Encoding.UTF8.GetBytes(Run("completion", shell)));

    private static string[] Offered(string[] words) => Run(["__complete", .. words]).TrimEnd('\n').Split('\n');

    private static string Run(params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        return output.ToString();
    }
}
