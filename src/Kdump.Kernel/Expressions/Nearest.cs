namespace Kdump.Kernel.Expressions;

/// <summary>Suggests known names for a misspelt one.</summary>
public static class Nearest
{
    /// <summary>A hint for a message, <c>; did you mean 'pid'?</c>, or an empty text.</summary>
    public static string Hint(string wrong, IEnumerable<string> names)
    {
        string[] best = Of(wrong, names, 3);
        return best.Length == 0 ? "" : $"; did you mean {string.Join(" or ", best.Select(b => $"'{b}'"))}?";
    }

    /// <summary>
    /// The most similar names, the best first: names that differ by few letters, or that begin or end with the misspelt name.
    /// </summary>
    public static string[] Of(string wrong, IEnumerable<string> names, int most)
    {
        List<(int Distance, string Name)> found = [];
        // Of a single letter (-z) nothing is left when it is changed: no name is similar to it.
        int limit = Math.Min(Math.Max(1, wrong.Length / 4), wrong.TrimStart('-').Length - 1);
        foreach (string name in names)
        {
            int distance = Distance(wrong, name, limit);
            if (distance > limit && wrong.Length >= 3 && (name.EndsWith("_" + wrong, StringComparison.Ordinal) ||
                name.StartsWith(wrong + "_", StringComparison.Ordinal)))
                distance = limit + 1;
            if (distance <= limit + (wrong.Length >= 3 ? 1 : 0) && (distance <= limit || name.Contains(wrong, StringComparison.Ordinal)))
                found.Add((distance, name));
            // A table of a hundred thousand symbols may contain thousands that end with this name.
            if (found.Count > 4096)
                break;
        }
        return [.. found.OrderBy(f => f.Distance).ThenBy(f => f.Name.Length).ThenBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => f.Name).Distinct().Take(most)];
    }

    /// <summary>Number of letters to change, add, remove or swap; counting stops above <paramref name="limit"/>.</summary>
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit || a.Length > 128 || b.Length > 128)
            return limit + 1;
        Span<int> before = stackalloc int[b.Length + 1], row = stackalloc int[b.Length + 1], next = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            next[0] = i;
            int least = i;
            for (int j = 1; j <= b.Length; j++)
            {
                next[j] = Math.Min(Math.Min(next[j - 1], row[j]) + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    next[j] = Math.Min(next[j], before[j - 2] + 1);
                least = Math.Min(least, next[j]);
            }
            if (least > limit)
                return limit + 1;
            row.CopyTo(before);
            next.CopyTo(row);
        }
        return row[b.Length];
    }
}
