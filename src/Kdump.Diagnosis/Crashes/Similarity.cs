namespace Kdump.Diagnosis.Crashes;

/// <summary>How alike two crashes are, as people who merge reports of a fleet would judge it, and why.</summary>
/// <param name="Score">1: the same signature; 0: nothing in common. Above 0.5 they are worth looking at together.</param>
/// <param name="Level"><c>same</c>, <c>class</c> (another form of the same), <c>stack</c>, <c>weak</c>.</param>
public sealed record Similarity(double Score, string Level, IReadOnlyList<string> Why)
{
    public static Similarity Of(Crash a, Crash b) => Of(CrashShape.Of(a), CrashShape.Of(b));

    /// <param name="rarity">The weight of a function from 0 to 1, beside its depth: a function in the stacks of many bugs says
    /// little; null: all weigh the same.</param>
    public static Similarity Of(CrashShape a, CrashShape b, Func<string, double>? rarity = null)
    {
        if (a.Signature == b.Signature)
            return new(1, "same", [$"equal signature {a.Signature}"]);
        var why = new List<string>();
        string? title = a.AltTitles.Prepend(a.Title).Append(a.Class)
            .FirstOrDefault(t => t == b.Title || t == b.Class || b.AltTitles.Contains(t));
        IReadOnlyList<string> first = a.Stack, second = b.Stack;
        double stack = Aligned(first, second, rarity ?? (_ => 1), out List<string> shared);
        if (shared.Count > 0)
            why.Add($"{Counted.Of(shared.Count, "function")} in the same order: " +
                $"{string.Join(", ", shared.Take(4))}{(shared.Count > 4 ? ", …" : "")}");
        string? module = a.Module is not null && a.Module == b.Module ? a.Module : null;
        if (module is not null)
            why.Add($"both in module {module}");
        if (a.Kind == b.Kind)
            why.Add($"both {a.Kind}");
        // A title without a function ("kernel panic: Out of memory") says little about the place.
        if (title is not null && (a.Function is not null || shared.Count > 0 || (first.Count == 0 && second.Count == 0)))
        {
            why.Insert(0, $"both are \"{title}\"");
            if (a.Module is not null && b.Module is not null && a.Module != b.Module)
                why.Add($"but in different modules: {a.Module}, {b.Module}");
            return new(0.8 + (0.15 * stack), "class", why);
        }
        double score = Math.Min(0.79, (0.7 * stack) + (module is null ? 0 : 0.05) + (a.Kind == b.Kind ? 0.04 : 0));
        return new(Math.Round(score, 3), score >= 0.4 ? "stack" : "weak", why);
    }

    /// <summary>The heaviest common subsequence, as a share of the heavier stack; what is near the top weighs more.</summary>
    private static double Aligned(IReadOnlyList<string> a, IReadOnlyList<string> b, Func<string, double> rarity, out List<string> shared)
    {
        shared = [];
        if (a.Count == 0 || b.Count == 0)
            return 0;
        var best = new double[a.Count + 1, b.Count + 1];
        string[] stems = [.. a.Select(FunctionNames.Stem)], theirs = [.. b.Select(FunctionNames.Stem)];
        double[] own = [.. stems.Select(rarity)], other = [.. theirs.Select(rarity)];
        for (int i = a.Count - 1; i >= 0; i--)
        {
            for (int j = b.Count - 1; j >= 0; j--)
            {
                double skip = Math.Max(best[i + 1, j], best[i, j + 1]);
                best[i, j] = stems[i] == theirs[j]
                    ? Math.Max(skip, best[i + 1, j + 1] + (Weight(Math.Max(i, j)) * own[i] * (a[i] == b[j] ? 1 : Variant))) : skip;
            }
        }
        for (int i = 0, j = 0; i < a.Count && j < b.Count;)
        {
            if (stems[i] == theirs[j] && best[i, j] > Math.Max(best[i + 1, j], best[i, j + 1]))
            {
                shared.Add(a[i]);
                i++;
                j++;
            }
            else if (best[i + 1, j] >= best[i, j + 1])
                i++;
            else
                j++;
        }
        double whole = Math.Max(own.Select((r, i) => r * Weight(i)).Sum(), other.Select((r, i) => r * Weight(i)).Sum());
        return whole == 0 ? 0 : best[0, 0] / whole;
    }

    /// <summary>The weight of a variant of the function (<see cref="FunctionNames.Stem"/>).</summary>
    private const double Variant = 0.9;

    private static double Weight(int depth) => 1 / (1 + (0.5 * depth));
}
