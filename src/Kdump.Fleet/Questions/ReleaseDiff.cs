using Kdump.Diagnosis.Model;
using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.Fleet.Questions;

/// <summary>How often one kind of crash hit the machines of two releases.</summary>
/// <param name="Low">Between this and <paramref name="High"/> lies the difference of the shares (later minus earlier), 95 %.</param>
/// <param name="Corrected">See <see cref="Suspect.Corrected"/>; of a two-sided test.</param>
public sealed record ReleaseChange(string Cluster, string Title, Proportion Earlier, Proportion Later, double Low, double High,
    double Corrected)
{
    /// <summary><c>new</c>, <c>more</c>, <c>less</c>, <c>gone</c>, or <c>no proof</c> if chance could explain the difference.</summary>
    public string Word
    {
        get
        {
            if (Corrected > Suspects.MaxFalse)
                return "no proof";
            if (Later.Share > Earlier.Share)
                return Earlier.Hits == 0 ? "new" : "more";
            return Later.Hits == 0 ? "gone" : "less";
        }
    }
}

/// <summary>What an update of the kernel brought and took away: shares of the machines that ran each release, not counts.</summary>
/// <param name="Earlier">Machines seen on the first release.</param>
/// <param name="Later">Machines seen on the second.</param>
public sealed record ReleaseDiff(long Earlier, long Later, IReadOnlyList<ReleaseChange> Changes)
{
    /// <param name="earlier">The beginning of a release: 6.1 means all of them.</param>
    /// <exception cref="InputException">A release of the store begins as both do.</exception>
    public static ReleaseDiff Of(FleetStore store, string earlier, string later)
    {
        string[] all = [.. store.Rows("SELECT release FROM releases UNION SELECT release FROM crashes WHERE release IS NOT NULL")
            .Select(r => r.Text(0))];
        (string, object?)[] first = Named("a", all, earlier), second = Named("b", all, later);
        if (first.Select(f => f.Item2).Intersect(second.Select(s => s.Item2)).FirstOrDefault() is { } both)
            throw new InputException(store.Name, $"releases {Printable.Escape(earlier)} and {Printable.Escape(later)}", -1,
                $"are not two: {Printable.Escape((string)both)} is of both; give more of them");
        long a = Seen(store, first), b = Seen(store, second);
        string before = Listed(first), after = Listed(second);
        Row[] rows = [.. store.Rows($"""
            SELECT s.cluster, MIN(s.title), COUNT(DISTINCT CASE WHEN c.release IN ({before}) THEN c.machine END),
              COUNT(DISTINCT CASE WHEN c.release IN ({after}) THEN c.machine END)
              FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE c.release IN ({before}) OR c.release IN ({after})
              GROUP BY s.cluster ORDER BY s.cluster
            """, [.. first, .. second])];
        (Proportion Earlier, Proportion Later)[] shares = [.. rows.Select(r => (Proportion.From(r.Number(2), a),
            Proportion.From(r.Number(3), b)))];
        double[] corrected = FisherTest.Corrected([.. shares.Select(s =>
            FisherTest.TwoSided(s.Later.Hits, s.Later.Of - s.Later.Hits, s.Earlier.Hits,
            s.Earlier.Of - s.Earlier.Hits))]);
        return new(a, b, [.. rows.Select((r, i) =>
        {
            (double low, double high) = Proportion.Difference(shares[i].Earlier, shares[i].Later);
            return new ReleaseChange(r.Text(0), r.Text(1), shares[i].Earlier, shares[i].Later, low, high, corrected[i]);
        }).OrderBy(c => c.Corrected).ThenByDescending(c => Math.Abs(c.Later.Share - c.Earlier.Share)).ThenBy(c => c.Cluster,
            StringComparer.Ordinal)]);
    }

    /// <summary>A crash tells of its machine's release even where no line of the boot does: one total for all kinds.</summary>
    private static long Seen(FleetStore store, (string, object?)[] releases) => store.Count($"""
        SELECT COUNT(*) FROM (SELECT machine FROM releases WHERE release IN ({Listed(releases)}) AND lent < 2
          UNION SELECT machine FROM crashes WHERE release IN ({Listed(releases)})) AS seen
        """, releases);

    /// <summary>The releases that begin so, each as a parameter: 6.1 begins 6.1.0-31, and not 6.12.</summary>
    private static (string, object?)[] Named(string name, string[] releases, string prefix) => [.. releases
        .Where(r => r.StartsWith(prefix, StringComparison.Ordinal) && !(prefix.Length > 0 && char.IsAsciiDigit(prefix[^1]) &&
            r.Length > prefix.Length && char.IsAsciiDigit(r[prefix.Length])))
        .Select((r, i) => ($"{name}{i}", (object?)r))];

    /// <summary>NULL, which nothing equals, where there is none.</summary>
    private static string Listed((string Name, object?)[] parameters) =>
        string.Join(", ", parameters.Select(p => "@" + p.Name).DefaultIfEmpty("NULL"));
}
