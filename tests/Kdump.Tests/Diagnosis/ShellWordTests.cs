using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Diagnosis;

public sealed class ShellWordTests
{
    [Theory]
    [InlineData("/var/crash/127.0.0.1-2026-11-30-10:00:00/vmcore", "/var/crash/127.0.0.1-2026-11-30-10:00:00/vmcore")]
    [InlineData("torn core.dump", "'torn core.dump'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$(reboot)", "'$(reboot)'")]
    [InlineData("a;b&c|d>e*f?g~h#i`j\"k\\l!m(n)[o]{p}", "'a;b&c|d>e*f?g~h#i`j\"k\\l!m(n)[o]{p}'")]
    [InlineData("", "''")]
    [InlineData("-rf", "./-rf")]
    [InlineData("-", "-")]
    [InlineData("故障 vmcore", "'故障 vmcore'")]
    public void A_path_is_one_word_for_every_shell(string path, string word) => Assert.Equal(word, ShellWord.Path(path));

    /// <summary>Words of a log, which anyone may have written, in commands that a user pastes.</summary>
    [Theory]
    [InlineData("ls -l {1}; df -h {2}", "ls -l '$(reboot)'; df -h /boot")]
    [InlineData("grep -n '{1}' /etc/kdump.conf", "grep -n '$(reboot)' /etc/kdump.conf")]
    [InlineData("grep \"{1}\" x", "grep \"\\$(reboot)\" x")]
    [InlineData("nvme error-log /dev/{1}", "nvme error-log /dev/'$(reboot)'")]
    [InlineData("awk '{print $1}' {2} # {3}", "awk '{print $1}' /boot # {3}")]
    public void Words_of_a_log_stay_words_in_a_command(string command, string expected) =>
        Assert.Equal(expected, ShellWord.Into(command, ["$(reboot)", "/boot"]));

    [Theory]
    [InlineData("'{1}'", @"'it'\''s'")]
    [InlineData("{1}", @"'it'\''s'")]
    [InlineData("\"{1}\"", "\"it's\"")]
    public void An_apostrophe_does_not_end_a_quotation(string command, string expected) =>
        Assert.Equal(expected, ShellWord.Into(command, ["it's"]));

    [ToolTheory("sh")]
    [InlineData("torn core.dump")]
    [InlineData("it's $HOME `id` \"x\" \\ *")]
    [InlineData("-n")]
    public void A_shell_reads_back_what_was_written(string path) => Assert.Equal(path.StartsWith('-') ? "./" + path : path,
        System.Text.Encoding.UTF8.GetString(Tool.Run($"printf '%s' {ShellWord.Path(path)}", "/")));
}
