using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>The size of a dump taken now, as a range: the kinds of memory are known, the compression ratio is not.</summary>
/// <param name="KeptBytes">Memory that the dump level keeps.</param>
/// <param name="Level">Bits of makedumpfile -d: 1 zero pages, 2 cache, 4 private cache, 8 user data, 16 free pages are left out.</param>
/// <param name="Packed">core_collector packs it.</param>
public sealed record DumpForecast(Source Source, long KeptBytes, int Level, bool Packed) : Fact(Source)
{
    /// <summary>Kernel data compresses to about a fifth; an eighth is better than any measured ratio.</summary>
    private const int BestRatio = 8;

    public long LowBytes => Packed ? KeptBytes / BestRatio : KeptBytes / 2;

    public long HighBytes => KeptBytes;
}

/// <summary>
/// A forecast from /proc/meminfo and the arguments of core_collector. Zero pages are not counted anywhere, so the lower bound
/// includes them.
/// </summary>
public sealed class DumpForecastLines(string? collector) : LineParser
{
    private readonly Dictionary<string, long> values = new(StringComparer.Ordinal);
    private Source? source;

    public override string Kind => "/proc/meminfo";

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.Before(":", out ReadOnlySpan<char> name) || !c.SkipSpaces() || !c.Number(out long kb) || kb is < 0 or > 1L << 42)
            return false;
        if (name is "MemTotal")
            source = line.ToSource();
        values[name.ToString()] = kb;
        return true;
    }

    public override void End(Facts facts)
    {
        if (source is null || !values.TryGetValue("MemTotal", out long kept) || !values.ContainsKey("MemFree"))
            return;
        (int level, bool packed) = Arguments(collector);
        if ((level & 16) != 0)
            kept -= Of("MemFree");
        if ((level & 6) != 0)
            kept -= Of("Cached") + Of("Buffers") + Of("SwapCached");
        if ((level & 8) != 0)
            kept -= Of("AnonPages");
        facts.Add(new DumpForecast(source, Math.Max(kept, 0) * 1024, level, packed));
        values.Clear();
        source = null;
    }

    private long Of(string name) => values.GetValueOrDefault(name);

    /// <summary>
    /// Without core_collector kdump-utils takes <c>makedumpfile -l --message-level 7 -d 31</c>; another program copies everything.
    /// </summary>
    private static (int Level, bool Packed) Arguments(string? collector)
    {
        if (collector is null)
            return (31, true);
        string[] words = collector.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !words[0].EndsWith("makedumpfile", StringComparison.Ordinal))
            return (0, false);
        int at = Array.FindIndex(words, w => w.StartsWith("-d", StringComparison.Ordinal));
        string value;
        if (at < 0)
            value = "0";
        else if (words[at].Length > 2)
            value = words[at][2..];
        else
            value = at + 1 < words.Length ? words[at + 1] : "0";
        return (int.TryParse(value.Split(',')[^1], out int level) ? level & 31 : 0,
            words.Skip(1).Any(w => w.Length > 1 && w[0] == '-' && w[1] != '-' && w.AsSpan(1).IndexOfAny("clpz") >= 0));
    }
}
