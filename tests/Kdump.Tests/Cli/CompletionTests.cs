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
    public void Words_are_offered_with_what_they_are(string line, string offered) =>
        Assert.Contains(Offered([.. line.Split('|').Select(w => w.Trim())]), l => l.StartsWith(offered, StringComparison.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("ex")]
    [InlineData("vmcore|")]
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
