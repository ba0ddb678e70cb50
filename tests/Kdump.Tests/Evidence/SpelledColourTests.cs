using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>Colours of a console whose escape was written in letters, and lines that a terminal cut at its edge.</summary>
public sealed class SpelledColourTests
{
    [Theory]
    [InlineData("^[[0;1;31m", "^[[0m")]
    [InlineData("#033[0;1;31m", "#033[0m")]
    [InlineData("\\x1b[31m", "\\x1b[0m")]
    [InlineData("\\033[31m", "\\033[0m")]
    [InlineData("\u001b[0;1;38;5;185m", "\u001b[0m")]
    [InlineData("\u241b[0;1;31m", "\u241b[0m")]
    public void They_are_taken_off_before_the_words_are_read(string on, string off)
    {
        string text = $"[{on}FAILED{off}] Failed to mount /boot/efi.\n[{on}DEPEND{off}] Dependency failed for Local File Systems.\n";
        Assert.Equal("/boot/efi was not mounted", Assert.Single(Explained.Findings("unit-mount-failed", text)).Title);
    }

    [Fact]
    public void Lines_that_a_terminal_cut_within_a_word_are_joined_without_a_blank()
    {
        string[] lines =
        [
            "[    1.884731] VFS: Cannot open root device \"UUID=5a3b3b0e-8e0d-4b6e-b1e9-9c0f3ee80f11\" or unknown-block(0,0): error -6",
            "[    1.884800] Please append a correct \"root=\" boot option; here are the available partitions:",
            "[    1.885010] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
            "[    1.885100] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 5.4.0",
        ];
        string cut = string.Concat(lines.SelectMany(l => l.Chunk(80)).Select(c => new string(c) + "\n"));
        Verdict verdict = Explained.Verdict(cut);
        Assert.Contains("UUID=5a3b3b0e-8e0d-4b6e-b1e9-9c0f3ee80f11 itself", verdict.Headline, StringComparison.Ordinal);
        Assert.Contains("unknown-block(0,0)", verdict.Headline, StringComparison.Ordinal);
    }
}
