using Kdump.Diagnosis.Model;
using Xunit.Abstractions;

namespace Kdump.Tests.Speakers;

/// <summary>
/// Single lines as people paste them, in the kernel's own wordings: trouble of more than a hundred drivers must be told by something,
/// and what only sounds like trouble must be told by nothing. Every second line is held out: nobody looks at those that fail there.
/// </summary>
public sealed class SpeakersCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public void What_a_line_announces_is_said_by_the_same_speaker()
    {
        Verdict verdict = Explained.Verdict("[  442.409593] amdgpu:\n                 failed to send message 200 ret is 0\n");
        Assert.Contains("amdgpu (graphics card) reports failures: \"failed to send message 200 ret is 0\"",
            verdict.Unknowns.Single().Question);
    }

    [Theory]
    [InlineData("usb 1-1: device descriptor read/64, error -71", "whether usb 1-1 (")]
    [InlineData("i2c_hid i2c-ELAN0001: failed to retrieve report from device.", "whether i2c_hid i2c-ELAN0001 (")]
    [InlineData("snd_hda_intel 0000:00:1f.3: azx_get_response timeout, switching to polling mode: last cmd=0x20bf8100",
        "whether snd_hda_intel 0000:00:1f.3 (")]
    [InlineData("nvidia: module verification failed: signature and/or required key missing - tainting kernel",
        "is harmless by itself (A module that is not signed")]
    public void What_a_line_alone_does_not_prove_is_asked_with_its_words(string line, string asked)
    {
        Verdict verdict = Explained.Verdict($"[  100.000000] {line}\n");
        Unknown unknown = Assert.Single(verdict.Unknowns);
        Assert.Contains(asked, unknown.Question, StringComparison.Ordinal);
        Assert.Contains(line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..][..16], unknown.Question, StringComparison.Ordinal);
        Assert.False(verdict.Bad);
        Assert.Empty(verdict.Findings);
    }

    [Theory]
    [InlineData("trouble", 0, 95)]
    [InlineData("trouble", 1, 90)]
    [InlineData("harmless", 0, 95)]
    [InlineData("harmless", 1, 95)]
    public void Lines_of_trouble_are_told_and_harmless_ones_are_not(string file, int half, int floor)
    {
        string[] lines = [.. File.ReadAllLines(Repository.Path("fixtures", "speakers", file + ".txt")).Where((_, i) => i % 2 == half)];
        int right = 0;
        foreach (string line in lines)
        {
            string text = line[(line.IndexOf('\t') + 1)..];
            Verdict verdict = Explained.Verdict($"[  100.000000] {text}\n");
            bool told = verdict.Findings.Any(f => f.Severity > Severity.Info) || verdict.Unknowns.Any(u => u.Evidence.Count > 0);
            if (told == (file == "trouble"))
                right++;
            else if (half == 0)
                output.WriteLine(text);
        }
        output.WriteLine($"{file}, {(half == 0 ? "development" : "held out")}: {right} of {lines.Length} right");
        Assert.True(lines.Length >= 75, $"only {lines.Length} lines");
        Assert.True(right * 100 >= floor * lines.Length, $"{right} of {lines.Length}: fewer than {floor} %");
    }
}
