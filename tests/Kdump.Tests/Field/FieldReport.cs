using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Field;

/// <summary>
/// A public report: what somebody posted, and in <c>truth.json</c> what became known of it: strings that a right verdict holds
/// (<c>must</c>, <c>a|b</c>: either) and strings that would be false (<c>must_not</c>).
/// </summary>
internal sealed record FieldReport(string Name, string Folder, string Source, string Cause, string[] Must, string[] MustNot)
{
    public const string Here = "fixtures/field";

    /// <summary>The reports below a folder that holds groups of them.</summary>
    public static FieldReport[] Below(string root) =>
    [
        .. Directory.EnumerateFiles(root, "truth.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(truth => Read(root, truth)),
    ];

    private static FieldReport Read(string root, string truth)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(truth));
        string folder = Path.GetDirectoryName(truth)!;
        return new(Path.GetRelativePath(root, folder), folder, Text("source"), Text("cause"), List("must"), List("must_not"));

        string Text(string name) => json.RootElement.TryGetProperty(name, out JsonElement e) ? e.GetString() ?? "" : "";

        string[] List(string name) =>
            json.RootElement.TryGetProperty(name, out JsonElement e) ? [.. e.EnumerateArray().Select(s => s.GetString() ?? "")] : [];
    }

    /// <summary>What the verdict claims in its own words; the lines that it quotes, and names of files, are no judgement.</summary>
    /// <param name="change">What is done to the lines before; null if they are read as they are.</param>
    public FieldVerdict Judge(Func<string[], IEnumerable<string>>? change = null)
    {
        string room = Directory.CreateTempSubdirectory("field").FullName;
        try
        {
            var quoted = new List<string>();
            foreach (string file in Directory.EnumerateFiles(Folder).Where(f => Path.GetFileName(f) != "truth.json"))
            {
                string input = Path.Combine(room, "input-" + Path.GetFileName(file));
                if (change is null)
                    File.Copy(file, input);
                else
                    File.WriteAllLines(input, change(File.ReadAllLines(file)));
                quoted.AddRange(File.ReadLines(file).Concat(File.ReadLines(input)).Select(l => l.Trim()).Where(l => l.Length >= 24));
            }
            Case read = Case.Read([room], () => Stream.Null);
            Verdict verdict = Verdict.From(read.Facts, RuleBook.All);
            string claims = string.Join(' ', Claims(verdict)).ToLowerInvariant();
            foreach (string line in quoted)
                claims = claims.Replace(line.ToLowerInvariant(), " ", StringComparison.Ordinal);
            return new(
                [.. Must.Where(m => !m.Split('|').Any(a => claims.Contains(a.ToLowerInvariant(), StringComparison.Ordinal)))],
                [.. MustNot.Where(m => claims.Contains(m.ToLowerInvariant(), StringComparison.Ordinal))],
                AllClear: verdict.Findings.Count + verdict.Unknowns.Count == 0, verdict);
        }
        finally
        {
            Directory.Delete(room, recursive: true);
        }
    }

    private static IEnumerable<string> Claims(Verdict verdict) =>
    [
        verdict.Headline,
        .. verdict.Unknowns.Select(u => $"{u.Question} {u.Settle}"),
        .. verdict.Findings.SelectMany(f => new[] { f.Id, f.Title, f.Why }.Concat(f.Fixes.Select(x => $"{x.Text} {x.Command}"))),
    ];
}

/// <summary>How far a verdict holds what is known.</summary>
internal sealed record FieldVerdict(string[] Misses, string[] Wrong, bool AllClear, Verdict Said)
{
    public bool Right => Misses.Length == 0 && Wrong.Length == 0;

    public override string ToString() => string.Join("; ",
        new[]
        {
            Right ? "right" : "",
            Misses.Length > 0 ? $"misses {string.Join(", ", Misses.Select(m => $"`{m.Replace("|", " / ", StringComparison.Ordinal)}`"))}"
                : "",
            Wrong.Length > 0 ? $"**says {string.Join(", ", Wrong.Select(m => $"`{m}`"))}**" : "",
            AllClear ? "**all-clear**" : "",
        }.Where(s => s.Length > 0));
}
