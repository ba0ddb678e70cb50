using System.Text;

namespace Kdump.Tests.MachineChecks;

/// <summary>How many cases of each class passed, and which did not.</summary>
internal sealed class Score
{
    private readonly SortedDictionary<string, (int Passed, List<string> Failed)> classes = new(StringComparer.Ordinal);

    public int Passed => classes.Values.Sum(c => c.Passed);

    public int Total => classes.Values.Sum(c => c.Passed + c.Failed.Count);

    public double Share => Total == 0 ? 0 : (double)Passed / Total;

    /// <summary>The share of some classes.</summary>
    public double ShareOf(IEnumerable<string> kinds)
    {
        var some = classes.Where(c => kinds.Contains(c.Key)).Select(c => c.Value).ToArray();
        return (double)some.Sum(c => c.Passed) / Math.Max(1, some.Sum(c => c.Passed + c.Failed.Count));
    }

    public void Add(string kind, string name, bool passed)
    {
        (int n, List<string> failed) = classes.TryGetValue(kind, out var c) ? c : (0, []);
        if (!passed)
            failed.Add(name);
        classes[kind] = (n + (passed ? 1 : 0), failed);
    }

    public override string ToString()
    {
        var text = new StringBuilder($"{Passed} of {Total}\n");
        foreach ((string kind, (int passed, List<string> failed)) in classes)
            text.Append(
                $"  {kind}: {passed} of {passed + failed.Count}" +
                (failed.Count == 0 ? "\n" : $"; not {string.Join(' ', failed.Take(12))}\n"));
        return text.ToString();
    }
}
