namespace Kdump.Diagnosis.Crashes;

/// <summary>Function names by what they hold: <c>^x</c> starts with, <c>x$</c> ends with, <c>^x$</c> is, <c>x</c> contains.</summary>
internal sealed class NamePattern
{
    private readonly (string Text, bool Start, bool End)[] patterns;

    public NamePattern(params IEnumerable<string>[] groups) => patterns = groups.SelectMany(g => g).Select(Read).ToArray();

    /// <summary>As <see cref="Fits"/>, but what is contained must begin the name or stand behind an underscore: <c>rbd_</c> is not in
    /// <c>drbd_adm_down</c>.</summary>
    public bool FitsWord(string name)
    {
        foreach ((string text, bool start, bool end) in patterns)
        {
            for (int at = name.IndexOf(text, StringComparison.Ordinal); at >= 0; at = name.IndexOf(text, at + 1, StringComparison.Ordinal))
            {
                if ((at == 0 || (!start && name[at - 1] == '_')) && (!end || at + text.Length == name.Length))
                    return true;
            }
        }
        return false;
    }

    public bool Fits(string name)
    {
        foreach ((string text, bool start, bool end) in patterns)
        {
            bool fits;
            if (start && end)
                fits = name == text;
            else if (start)
                fits = name.StartsWith(text, StringComparison.Ordinal);
            else if (end)
                fits = name.EndsWith(text, StringComparison.Ordinal);
            else
                fits = name.Contains(text, StringComparison.Ordinal);
            if (fits)
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
