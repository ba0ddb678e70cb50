using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// modules.alias as depmod writes it: <c>alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci</c>. dracut runs depmod on the image's own
/// modules, so in a crash image it lists what is there and nothing more.
/// </summary>
public sealed class ModulesAlias
{
    /// <summary>Lines that are read; a whole distribution kernel has some 60 000.</summary>
    private const int MaxLines = 200_000;

    /// <summary>Modules whose alias fits, for each of the wanted names (modalias of sysfs); the order of the file.</summary>
    public static List<string>[] Match(LineReader lines, IReadOnlyList<string> wanted)
    {
        var found = new List<string>[wanted.Count];
        for (int i = 0; i < found.Length; i++)
            found[i] = [];
        for (int n = 0; n < MaxLines && lines.Next(out TextLine line); n++)
        {
            var c = new TextCursor(line.Text);
            if (!c.Skip("alias "))
                continue;
            ReadOnlySpan<char> pattern = c.Word(), module = c.Word();
            int colon = pattern.IndexOf(':');
            if (colon < 0 || module.IsEmpty)
                continue;
            for (int i = 0; i < wanted.Count; i++)
            {
                if (wanted[i].Length > colon && pattern[..(colon + 1)].SequenceEqual(wanted[i].AsSpan(0, colon + 1)) &&
                    Glob(pattern, wanted[i]) && !Contains(found[i], module))
                    found[i].Add(module.ToString());
            }
        }
        return found;
    }

    /// <summary>Shell pattern with <c>*</c>, <c>?</c> and <c>[…]</c>, in time bounded by the product of the lengths.</summary>
    public static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && One(pattern, ref p, text[t]))
                t++;
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
                return false;
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    /// <summary>Steps over one element of the pattern when it fits the character.</summary>
    private static bool One(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        if (pattern[p] == '[')
        {
            int close = pattern[p..].IndexOf(']');
            if (close > 1)
            {
                ReadOnlySpan<char> set = pattern.Slice(p + 1, close - 1);
                bool fits = false;
                for (int i = 0; i < set.Length; i++)
                {
                    if (i + 2 < set.Length && set[i + 1] == '-')
                    {
                        fits |= c >= set[i] && c <= set[i + 2];
                        i += 2;
                    }
                    else
                        fits |= c == set[i];
                }
                if (fits)
                    p += close + 1;
                return fits;
            }
        }
        if (pattern[p] != '?' && pattern[p] != c)
            return false;
        p++;
        return true;
    }

    private static bool Contains(List<string> modules, ReadOnlySpan<char> module)
    {
        foreach (string m in modules)
        {
            if (module.SequenceEqual(m))
                return true;
        }
        return false;
    }
}
