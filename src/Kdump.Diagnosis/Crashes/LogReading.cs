using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>One boot of a log and the lines it takes.</summary>
public sealed record BootSpan(Boot Boot, long FirstLine, long LastLine);

/// <summary>A whole log, read once: its boots, its crashes, and what became of the dump.</summary>
public sealed class LogReading
{
    /// <summary>The most boots that are kept: a machine that boots in a loop fills a log with them.</summary>
    private const int MaxBoots = 4096;

    /// <summary>Kinds of lines that a kernel prints, or a console shows.</summary>
    private static readonly string[] Logs =
        ["kernel log", "console log", "machine checks", "hardware error report", "kexec", "report of kdump-probe", "memstrack report"];

    private readonly List<BootSpan> boots = [];

    private LogReading(string input) => Input = input;

    public string Input { get; }

    public Facts Facts { get; } = new();

    public IReadOnlyList<BootSpan> Boots => boots;

    public IReadOnlyList<Crash> Crashes { get; private set; } = [];

    /// <summary>Number of crashes beyond those kept.</summary>
    public long Dropped { get; private set; }

    /// <summary>In the order of the log; the last is the one that counts.</summary>
    public IReadOnlyList<DumpStory> Dumps { get; private set; } = [];

    public long Lines { get; private set; }

    /// <summary>True if some line was of a kernel or a console: without one, finding no crash means nothing.</summary>
    public bool Recognised { get; private set; }

    /// <summary>What the text is if it is no log: <c>/proc/interrupts</c>; null where that is not known either.</summary>
    public string? Other { get; private set; }

    /// <summary>The input holds bytes that no text has.</summary>
    public bool Binary { get; private set; }

    /// <param name="parsers">Every form of text that is to be read; the crashes are found in any case.</param>
    public static LogReading Of(string input, Stream stream, IEnumerable<LineParser> parsers)
    {
        var reading = new LogReading(input);
        reading.Read(stream, new LineParsers(parsers));
        return reading;
    }

    private void Read(Stream stream, LineParsers parsers)
    {
        var reader = new CarrierReader(new LineReader(Input, stream));
        var lines = new PstoreParts(reader);
        // Lines before the first line of a kernel belong to a part of the log that may have none.
        Boot before = Facts.Boot = new Boot(Input, 0);
        Boot? boot = before;
        long first = 1;
        bool spoke = false;
        while (lines.Next(out TextLine line))
        {
            Lines = Math.Max(Lines, line.Number);
            Recognised |= line.Kernel.Stamped;
            parsers.Line(line, Facts);
            if (Facts.Boot == boot)
            {
                spoke |= !spoke && boot == before && line.Kernel.Stamped;
                continue;
            }
            Ended(boot, first, line.Number - 1);
            (boot, first) = (Facts.Boot, line.Number);
        }
        Ended(boot, first, Lines);
        parsers.End(Facts);
        Binary = reader.Binary;
        for (int i = 0; i < parsers.All.Count; i++)
        {
            if (parsers.Taken[i] > 0 && Logs.Contains(parsers.All[i].Kind))
                Recognised = true;
            else if (parsers.Taken[i] > 0)
                Other ??= parsers.All[i].Kind;
        }
        Crashes = Facts.Of<Crash>();
        Dropped = parsers.All.OfType<CrashLog>().Sum(p => p.Dropped) + Facts.Dropped<Crash>();
        if (!spoke && Crashes.All(c => c.Boot != before))
            boots.RemoveAll(b => b.Boot == before);
        Dumps = DumpStory.Of(Facts, boots.ConvertAll(b => b.Boot));
    }

    /// <summary>Its place in <see cref="Boots"/>, or -1.</summary>
    public int IndexOf(Boot? boot) => boots.FindIndex(b => b.Boot == boot);

    private void Ended(Boot? boot, long first, long last)
    {
        if (boot is not null && boots.Count < MaxBoots)
            boots.Add(new(boot, first, last));
    }
}
