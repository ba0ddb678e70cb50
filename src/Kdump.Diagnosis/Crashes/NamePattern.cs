namespace Kdump.Diagnosis.Crashes;

/// <summary>Function names by what they hold: <c>^x</c> starts with, <c>x$</c> ends with, <c>^x$</c> is, <c>x</c> contains.</summary>
internal sealed class NamePattern
{
    private readonly (string Text, bool Start, bool End)[] patterns;

    public NamePattern(params IEnumerable<string>[] groups) => patterns = groups.SelectMany(g => g).Select(Read).ToArray();

    public bool Fits(string name)
    {
        foreach ((string text, bool start, bool end) in patterns)
        {
            if (start && end ? name == text
                : start ? name.StartsWith(text, StringComparison.Ordinal)
                : end ? name.EndsWith(text, StringComparison.Ordinal)
                : name.Contains(text, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static (string, bool, bool) Read(string pattern)
    {
        bool start = pattern[0] == '^', end = pattern[^1] == '$';
        return (pattern[(start ? 1 : 0)..(pattern.Length - (end ? 1 : 0))], start, end);
    }
}
