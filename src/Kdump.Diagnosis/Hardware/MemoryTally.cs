using System.Globalization;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// What memory errors of one place have in common: how many, from when to when, and whether they are one cell, one chip or all over it.
/// </summary>
public sealed class MemoryTally
{
    /// <summary>Lines kept and different values counted of one place.</summary>
    private const int MaxLines = 4096, MaxValues = 4096;

    private readonly List<Source> lines = [];
    private readonly Dictionary<string, HashSet<string>> values = new(StringComparer.Ordinal);

    public long Corrected { get; private set; }

    public long Uncorrected { get; private set; }

    /// <summary>Reports, each of one or more errors.</summary>
    public int Reports { get; private set; }

    public IReadOnlyList<Source> Lines => lines;

    public Source First => lines[0];

    public Source Last => lines[^1];

    /// <summary>Lines that show it: the first ones and the last.</summary>
    public IEnumerable<Source> Evidence => lines.Count <= 4 ? lines : [.. lines.Take(3), lines[^1]];

    public void Add(Source source, long count, bool uncorrected, Func<string, string?> field, ulong? page)
    {
        Reports++;
        if (uncorrected)
            Uncorrected += Math.Clamp(count, 0, uint.MaxValue);
        else
            Corrected += Math.Clamp(count, 0, uint.MaxValue);
        if (lines.Count < MaxLines)
            lines.Add(source);
        foreach (string name in (ReadOnlySpan<string>)["rank", "row", "device"])
        {
            if (field(name) is { } value)
                Keep(name, value);
        }
        if (page is { } p)
            Keep("page", p.ToString("x", CultureInfo.InvariantCulture));
    }

    private void Keep(string name, string value)
    {
        if (!values.TryGetValue(name, out HashSet<string>? set))
            values[name] = set = new(StringComparer.Ordinal);
        if (set.Count < MaxValues)
            set.Add(value);
    }

    private int Of(string name) => values.TryGetValue(name, out HashSet<string>? set) ? set.Count : 0;

    /// <summary>Pages of it that are known, as hexadecimal page numbers.</summary>
    public IReadOnlyCollection<string> Pages => values.TryGetValue("page", out HashSet<string>? set) ? set : [];

    /// <summary><c>1 uncorrected memory error and 9 corrected ones</c></summary>
    public string Counts => Uncorrected == 0 ? $"{Counted.Of(Corrected, "corrected memory error")}"
        : $"{Counted.Of(Uncorrected, "uncorrected memory error")}" +
            (Corrected == 0 ? "" : $" and {Corrected} corrected {(Counted.Named(Corrected, "one"))}");

    /// <summary>How often, and from when to when.</summary>
    /// <param name="clock">The time of a line in seconds, where it has one.</param>
    public string Times(Func<Source, double?> clock)
    {
        if (Reports < 2)
            return "";
        (double? first, double? last) = (clock(First), clock(Last));
        if (first is null || last is null || First.Input != Last.Input || last < first)
            return $"{Counted.Of(Reports, "report")}.";
        return $"{Counted.Of(Reports, "report")} within {Span(last.Value - first.Value)}.";
    }

    /// <summary>One cell, one chip or many: what tells whether it will come again.</summary>
    public string Spread
    {
        get
        {
            int rows = Of("row"), devices = Of("device"), pages = Of("page");
            var said = new List<string>();
            if (Reports > 1 && devices == 1 && rows > 1)
                said.Add($"Always the same chip of it (device {Only("device")}), in {Counted.Of(rows, "row")}: " +
                    "the chip fails, not a single cell.");
            else if (Reports > 1 && devices > 1)
                said.Add($"{devices} chips of it ({string.Join(", ", values["device"].Take(8))})" +
                    $"{(rows > 0 ? $", {Counted.Of(rows, "row")}" : "")}.");
            else if (Reports > 1 && rows == 1 && devices <= 1)
                said.Add($"Always the same row ({Only("row")}).");
            else if (rows > 1)
                said.Add($"In {Counted.Of(rows, "row")}.");
            if (Reports > 1 && pages == 1)
                said.Add($"Always the same page (0x{Only("page")}).");
            else if (pages > 1)
                said.Add($"On {Counted.Of(pages, "page")}.");
            return string.Join(' ', said);
        }
    }

    public MemoryPlace ToPlace(string place) =>
        new(place, Corrected, Uncorrected, Reports, First.Place, Last.Place, Of("row"), Of("device"), Of("page"));

    private string Only(string name) => values[name].First();

    /// <summary>A duration in readable units.</summary>
    public static string Span(double seconds) => seconds switch
    {
        < 1 => "a second",
        < 120 => $"{seconds:0} seconds",
        < 7200 => $"{seconds / 60:0} minutes",
        < 172800 => $"{seconds / 3600:0} hours",
        _ => $"{seconds / 86400:0} days",
    };
}
