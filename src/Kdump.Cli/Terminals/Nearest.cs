namespace Kdump.Cli.Terminals;

/// <summary>The word that somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The nearest of some words, where it is near enough: a slip or two, or the beginning of only one of them.</summary>
    public static string? To(string word, IEnumerable<string> words)
    {
        string[] all = [.. words.Distinct(StringComparer.Ordinal)];
        if (word.Length >= 3 && all.Where(w => w.StartsWith(word, StringComparison.Ordinal)).ToArray() is [var only])
            return only;
        (int distance, string? best) = all.Select(w => (Distance(word, w), w)).DefaultIfEmpty((int.MaxValue, null!)).MinBy(p => p.Item1);
        return distance <= Math.Max(1, Math.Min(word.Length, best?.Length ?? 0) / 3) ? best : null;
    }

    /// <summary>
    /// Damerau's distance: letters left out, put in, changed, or two neighbours swapped. Long words are cut: nobody means those.
    /// </summary>
    private static int Distance(string a, string b)
    {
        const int longest = 64;
        (int n, int m) = (Math.Min(a.Length, longest), Math.Min(b.Length, longest));
        int[,] d = new int[n + 1, m + 1];
        for (int i = 0; i <= n; i++)
            d[i, 0] = i;
        for (int j = 0; j <= m; j++)
            d[0, j] = j;
        for (int i = 1; i <= n; i++)
        {
            for (int j = 1; j <= m; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[n, m];
    }
}
