namespace Kdump.Tests;

/// <summary>Compares text with a file beside the fixture. KDUMP_GOLDEN=write makes the file say what the program says now.</summary>
internal static class Golden
{
    public static void Check(string path, string actual)
    {
        string text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("KDUMP_GOLDEN") == "write")
        {
            File.WriteAllText(path, text);
            return;
        }
        Assert.True(File.Exists(path), $"{path} is missing: run the tests with KDUMP_GOLDEN=write and read what it says");
        string[] expected = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n'), lines = text.Split('\n');
        for (int i = 0; i < Math.Max(expected.Length, lines.Length); i++)
        {
            string want = i < expected.Length ? expected[i] : "(end)", got = i < lines.Length ? lines[i] : "(end)";
            if (want != got)
                Assert.Fail($"{path}:{i + 1}\n  expected: {want}\n  actual:   {got}");
        }
    }
}
