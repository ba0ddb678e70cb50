using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Verdicts;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("tab\there", "tab here")]
    [InlineData("\u001b[31mred", "\\x1b[31mred")]
    [InlineData("bell\a", "bell\\x07")]
    [InlineData("csi\u009b31m", "csi\\x9b31m")]
    [InlineData("turn\u202earound", "turn\\u202earound")]
    [InlineData("\ufeffmark", "\\ufeffmark")]
    [InlineData("umlaut ä 中", "umlaut ä 中")]
    public void Whatever_can_steer_a_terminal_becomes_visible(string text, string shown) => Assert.Equal(shown, Printable.Escape(text));
}
