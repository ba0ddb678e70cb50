using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Times;

namespace Kdump.Sources.Records;

/// <summary>
/// What a telling of a crash says of it that no other telling of the same crash can contradict: its date, its kernel, what its machine
/// is made of, the task and the registers. Equal marks join two tellings only where their profiles agree. It is one text of words, each
/// with its kind as first letter.
/// </summary>
public static class CrashProfile
{
    private const char Date = 'd', Release = 'r', Registers = 'g', Task = 't';

    /// <summary>Kinds of dates: before the line itself, or counted with the kernel's clock, which stands still in a suspend.</summary>
    private const char Written = 'w', WrittenNoYear = 'n', Counted = 'k', CountedNoYear = 'o';

    /// <summary>Seconds by which the clocks of two inputs may differ: zones, and a little.</summary>
    private const long Zones = 16 * 3600;

    /// <summary>Seconds of the year in which dates without a year are compared.</summary>
    private const long Year = 366 * 86_400L;

    private const int ShortHash = 8, NamesHash = 4;

    private static readonly (string Trait, char Kind)[] Makes =
        [("model", 'm'), ("firmware", 'f'), ("cpu", 'c'), (IdentityTraits.Machine, 'i'), (IdentityTraits.Serial, 's')];

    /// <param name="life">Null: what is told of the machine is not told of the one that crashed.</param>
    /// <param name="time">The record's, from the dump; null: from the log.</param>
    /// <param name="log">The time in the log; null: its dates are not those of the crash.</param>
    /// <param name="registers">Lines of registers by which the crash is known.</param>
    internal static string Of(Facts facts, Boot? life, Crash main, long? time, CrashTime? log, IEnumerable<CrashPrint> registers)
    {
        var words = new List<string>();
        if (DateOf(main.Source, time, log) is { } date)
            words.Add(date);
        // A report that was torn within its first lines may have torn words.
        bool whole = main.Frames.Count > 0 || main.Registers.Count > 0 || main.Function is not null;
        if ((life?.Release ?? (whole ? main.Context.Release : null)) is { } release)
            words.Add(Release + Hash(release));
        foreach (Trait trait in facts.Of<Trait>().Where(t => life is not null && t.Boot == life))
        {
            if (Array.Find(Makes, m => m.Trait == trait.Name).Kind is not '\0' and var kind && !MayBeTorn(facts, trait))
                words.Add(kind + Hash(trait.Value));
        }
        if (main.Time is > 0 and double since && main.Context is { Cpu: { } cpu, Pid: { } pid, Tainted: not null })
            words.Add(Task + since.ToString("f6", CultureInfo.InvariantCulture) + ":" + Hash($"{cpu}|{pid}"));
        words.AddRange(registers.Where(p => p.Names is not null).Select(p =>
            Registers + ContentHash.OfText(p.Names!)[..NamesHash] + p.Mark[..ShortHash]));
        return string.Join(' ', words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <summary>It stands in the last line of a report with which its file ends.</summary>
    internal static bool MayBeTorn(Facts facts, Trait trait) => facts.Of<Crash>().Any(c => c.Source.Input == trait.Source.Input &&
        c.LastLine == trait.Source.Line) && !facts.All.Any(f => f.Source.Input == trait.Source.Input && f.Source.Line > trait.Source.Line);

    /// <summary>Of other trouble, of which only the date can contradict.</summary>
    internal static string OfDate(Source? line, CrashTime? log) => line is null ? "" : DateOf(line, null, log) ?? "";

    /// <summary>True if two tellings cannot be of one crash.</summary>
    public static bool Contradict(string one, string other)
    {
        if (one == other || one.Length == 0 || other.Length == 0)
            return false;
        ILookup<char, string> a = WordsOf(one), b = WordsOf(other);
        return DatesDiffer(a[Date], b[Date]) || RegistersDiffer([.. a[Registers]], [.. b[Registers]]) || TasksDiffer(a[Task], b[Task]) ||
            Apart(a[Release], b[Release]) || Array.Exists(Makes, m => Apart(a[m.Kind], b[m.Kind]));
    }

    /// <summary>The same with other hashes, and with the date as it is.</summary>
    public static string Redacted(string profile, Func<string, string> number) => string.Join(' ', profile.Split(' ',
        StringSplitOptions.RemoveEmptyEntries).Select(w => w[0] switch
        {
            Date => w,
            Task => w[..(w.IndexOf(':') + 1)] + number(w)[..ShortHash],
            Registers => Registers + number(w[..(NamesHash + 1)])[..NamesHash] + number(w)[..ShortHash],
            _ => w[0] + number(w)[..ShortHash],
        }).Order(StringComparer.Ordinal));

    private static string? DateOf(Source line, long? dump, CrashTime? log)
    {
        if (dump is long saved)
            return Word(Written, saved);
        if (log is not null && CrashTime.Written(line) is { } written)
            return Word(written.HasYear ? Written : WrittenNoYear, (long)written.Seconds);
        if (log is not { } told || !double.IsFinite(told.Seconds) || Math.Abs(told.Seconds) > CrashRecord.LastTime)
            return null;
        return Word(told.HasYear ? Counted : CountedNoYear, (long)told.Seconds);
    }

    private static string Word(char kind, long seconds) => $"{Date}{kind}" + (kind is WrittenNoYear or CountedNoYear
        ? InYear(seconds) : seconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Seconds since the first of January, in a year with a 29th of February.</summary>
    private static long InYear(long seconds)
    {
        DateTime date = DateTime.UnixEpoch.AddSeconds(seconds);
        return ((new DateTime(2000, date.Month, date.Day) - new DateTime(2000, 1, 1)).Ticks + date.TimeOfDay.Ticks) /
            TimeSpan.TicksPerSecond;
    }

    private static bool DatesDiffer(IEnumerable<string> ours, IEnumerable<string> theirs) =>
        ours.FirstOrDefault() is { } a && theirs.FirstOrDefault() is { } b && Differ(Read(a), Read(b));

    private static (char Kind, long At) Read(string word) =>
        (word.Length > 1 ? word[1] : '\0', long.TryParse(word.AsSpan(Math.Min(2, word.Length)), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out long at) ? at : 0);

    private static bool Differ((char Kind, long At) a, (char Kind, long At) b)
    {
        bool counted = a.Kind is Counted or CountedNoYear, otherCounted = b.Kind is Counted or CountedNoYear;
        long later = b.At - a.At;
        if (a.Kind is WrittenNoYear or CountedNoYear || b.Kind is WrittenNoYear or CountedNoYear)
        {
            later = (b.Kind is WrittenNoYear or CountedNoYear ? b.At : InYear(b.At)) -
                (a.Kind is WrittenNoYear or CountedNoYear ? a.At : InYear(a.At));
            if (Math.Abs(later) > Year / 2)
                later -= Math.Sign(later) * Year;
        }
        // The kernel's clock lags behind the calendar by the time that the machine slept.
        if (counted != otherCounted)
            return counted ? later < -Zones : later > Zones;
        return Math.Abs(later) > Zones;
    }

    /// <summary>The same registers were printed with other values, and none of the lines is the same.</summary>
    private static bool RegistersDiffer(string[] ours, string[] theirs) => !ours.Intersect(theirs, StringComparer.Ordinal).Any() &&
        ours.Select(w => w[..(NamesHash + 1)]).Intersect(theirs.Select(w => w[..(NamesHash + 1)]), StringComparer.Ordinal).Any();

    /// <summary>One moment, and another task or CPU.</summary>
    private static bool TasksDiffer(IEnumerable<string> ours, IEnumerable<string> theirs) =>
        ours.FirstOrDefault() is { } a && theirs.FirstOrDefault() is { } b && a != b && a[..a.IndexOf(':')] == b[..b.IndexOf(':')];

    private static bool Apart(IEnumerable<string> ours, IEnumerable<string> theirs) =>
        ours.Any() && theirs.Any() && !ours.Intersect(theirs, StringComparer.Ordinal).Any();

    private static ILookup<char, string> WordsOf(string profile) =>
        profile.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToLookup(w => w[0]);

    private static string Hash(string text) => ContentHash.OfText(text)[..ShortHash];
}
