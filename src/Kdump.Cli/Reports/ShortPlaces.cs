using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Reports;

/// <summary>Shortens each path to the shortest ending that is unique in this output: <c>dmesg.txt:8</c> instead of a long path.</summary>
internal sealed class ShortPlaces
{
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    public ShortPlaces(IEnumerable<string> inputs)
    {
        string[] all = [.. inputs.Distinct(StringComparer.Ordinal)];
        var open = new List<string>(all);
        for (int parts = 1; open.Count > 0 && parts <= 32; parts++)
        {
            int n = parts;
            foreach (IGrouping<string, string> same in open.GroupBy(p => End(p, n), StringComparer.Ordinal).ToArray())
            {
                // A path that is the ending of another path is not shortened.
                foreach (string path in same.Where(p => same.Count() == 1 || same.Key == p))
                {
                    names[path] = same.Key;
                    open.Remove(path);
                }
            }
        }
    }

    public static ShortPlaces Of(Verdict verdict) => new(verdict.Findings.SelectMany(f => f.Evidence)
        .Concat(verdict.Unknowns.SelectMany(u => u.Evidence)).Select(s => s.Input));

    public string Of(string input) => names.GetValueOrDefault(input, input);

    /// <summary>As <see cref="Source.Place"/>.</summary>
    public string Of(Source source) => (source with { Input = Of(source.Input) }).Place;

    private static string End(string path, int parts)
    {
        int at = path.Length;
        while (parts-- > 0 && at > 0)
            at = path.LastIndexOf('/', at - 1);
        if (at < 0)
            return path;
        return path[(at + 1)..] is { Length: > 0 } end ? end : path;
    }
}
