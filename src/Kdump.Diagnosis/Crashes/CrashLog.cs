using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Finds every report of a crash in a stream of lines. Reports of several tasks and CPUs may be interleaved: where the kernel prints
/// who writes, their lines are told apart by that. Memory is bounded whatever the input.
/// </summary>
public sealed class CrashLog : BookParser
{
    /// <summary>Crashes kept in full; further warnings of the same log add nothing new.</summary>
    public const int MaxCrashes = 512;

    private const int MaxOpen = 12, MaxAlike = 8, MaxKnown = 4096;

    /// <summary>A panic this long after the report that is still open is an event of its own.</summary>
    private const int PanicWithin = 400;

    private const string Replay = "** replaying previous printk message **", BootLoader = "Booting the kernel.";

    /// <summary>Messages that are no reports of a crash, but print a stack that is not to be taken for one.</summary>
    private static readonly string[] OwnStacks =
        ["FAULT_INJECTION: forcing a failure", "vmalloc: allocation failure:", "FAULT_FLAG_ALLOW_RETRY missing"];

    private static readonly string[] OrderlyEnds =
        ["reboot: ", "Restarting system", "Rebooting in", "Power down", "kexec_core: Starting new kernel", "sysrq: Resetting"];

    /// <summary>The place of a family is its index in the table; behind them those of other texts.</summary>
    private static readonly int OwnStack = Families.All.Length, Mark = OwnStack + 1;

    private static readonly (int Place, string Text)[] Book =
    [
        .. Families.All.Select((f, i) => (i, f.Heading)), .. OwnStacks.Select(s => (OwnStack, s)),
        .. Report.Marks.Select(m => (Mark, m)),
        .. ((string[])[Replay, BootLoader, .. OrderlyEnds, .. Preludes.Signs]).Select(s => (NoPlace, s)),
    ];

    /// <summary>A report that another one interrupts may go on behind it.</summary>
    private const int AfterSecond = 300;

    /// <summary>Lines within which what is left of a report must end.</summary>
    private const int MostTentative = 130;

    private readonly RecentLines recent = new();
    private readonly Preludes preludes = new();
    private readonly List<Report> open = [];
    private readonly List<Crash> found = [];
    private readonly Dictionary<string, (int Count, Crash First)> alike = [];

    /// <summary>What was read out of a report of this shape; only those of which enough are kept.</summary>
    private readonly Dictionary<ulong, Crash> known = [];
    private readonly Dictionary<Boot, Source> panics = [];
    private Boot? nowhere;
    private long order;
    private Boot? boot;
    private bool running;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Busy => open.Count > 0;

    public override bool SeesAll => true;

    /// <summary>Reports beyond those kept.</summary>
    public long Dropped { get; private set; }

    /// <summary>An ordinary line: it may be what a report refers to.</summary>
    public override bool Pass(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign)
            return false;
        Follow(facts);
        running |= kernel.Stamped;
        if (!kernel.Message.IsEmpty)
            recent.Add(line.Number, Writer.Of(kernel), kernel.Message);
        return false;
    }

    /// <summary>Most lines of a report: they belong to it, or not.</summary>
    public override bool Within(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign)
            return false;
        Follow(facts);
        if (open.Count == 0)
            return Pass(line, facts);
        Writer writer = Writer.Of(kernel);
        open[^1].Adopt(writer, line.Number);
        bool taken = false;
        foreach (Report report in open)
        {
            if (report.Join(line.Number, kernel))
            {
                taken = true;
                continue;
            }
            if (!report.Belongs(writer) && !GoesOn(report, line))
                continue;
            report.Add(line.Number, kernel.Message, marked: false);
            taken = true;
        }
        recent.Add(line.Number, writer, kernel.Message);
        if (taken)
            CloseFull(facts);
        return taken;
    }

    /// <summary>Folded behind a comma on its way: <c>… should be X,</c> and on the next line, without a stamp, <c>but was Y</c>.</summary>
    private static bool GoesOn(Report report, in TextLine line) =>
        !line.Kernel.Stamped && report.LastNumber == line.Number - 1 &&
        report.Text.Last.EndsWith(",", StringComparison.Ordinal) &&
        line.Kernel.Message.TrimStart(' ') is [>= 'a' and <= 'z', ..];

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign)
        {
            preludes.Take(line, kernel, Boot(line));
            return false;
        }
        Follow(facts);
        if (kernel.Message.IsEmpty && open.Count == 0)
            return false;
        if (kernel.Message.StartsWith(Replay, StringComparison.Ordinal))
        {
            // The report that just began was cut off; its copy follows.
            DropBegun(line.Number - 1);
            return false;
        }
        preludes.Take(line, kernel, Boot(line));
        Writer writer = Writer.Of(kernel);
        Family? family = Families.Of(kernel.Message, kernel.Stamped, Concerned, within: open.Count > 0);
        if (family is null && open.Count > 0 && open.TrueForAll(r => r.Family.Tentative) && Reset(kernel, line, facts))
            return true;
        if (family is null && open.Count == 0)
        {
            recent.Add(line.Number, writer, kernel.Message);
            return Reset(kernel, line, facts);
        }
        if (open.Count > 0)
            open[^1].Adopt(writer, line.Number);
        if (family?.Heading is ": Vector: " or "PC is at " or "EIP is at " or "RIP: 0010:" && open.Count > 0)
            open[^1].GoOnAs(writer);
        if (family is not null && kernel.Message.Contains(Report.Panic, StringComparison.Ordinal))
            panics.TryAdd(Boot(line), line.ToSource());
        if (family is not null && LastOf(writer) is { } same && same.Family == family &&
            same.IsHeadingAgain(kernel.Message))
            family = null;
        Report? opened = family is null ? null : Open(family, kernel, writer, line, facts);
        bool taken = opened is not null;
        foreach (Report report in open)
        {
            if (report == opened || !report.Belongs(writer))
                continue;
            if (opened is not null || (family is not null && !family.Continues) || Concerned.Contains(OwnStack))
                report.Second ??= report.Text.Count;
            report.Add(line.Number, kernel.Message, Concerned.Contains(Mark));
            taken = true;
        }
        recent.Add(line.Number, writer, kernel.Message);
        if (taken)
            CloseFull(facts);
        return taken;
    }

    private void DropBegun(long line) => Drop(r => r.Text.Count == 1 && r.Heading.Line == line);

    private void Drop(Predicate<Report> which)
    {
        foreach (Report report in open.FindAll(which))
        {
            open.Remove(report);
            report.Release();
        }
    }

    private Report? LastOf(Writer writer) => open.FindLast(r => r.Belongs(writer));

    private void CloseFull(Facts facts)
    {
        for (int i = open.Count - 1; i >= 0; i--)
        {
            if (open[i].Full || (open[i].Family.Tentative && open[i].Age > MostTentative) ||
                open[i].Text.Count - open[i].Second > AfterSecond)
                Close(i, facts);
        }
    }

    /// <summary>Another kernel's lines: what was open is over.</summary>
    private void Follow(Facts facts)
    {
        if (facts.Boot == boot)
            return;
        CloseAll(facts);
        recent.Clear();
        boot = facts.Boot;
    }

    public override void End(Facts facts)
    {
        CloseAll(facts);
        LonePanics();
        found.Sort((a, b) => a.Order.CompareTo(b.Order));
        Stalls.Tell(found);
        foreach (Crash crash in found)
        {
            if (crash.Boot is { } life && panics.TryGetValue(life, out Source? panic))
            {
                crash.Panicked = true;
                crash.Panic = panic;
            }
            crash.ConsequenceOf = Consequences.CauseOf(crash, found);
        }
        facts.AddRange(found);
        found.Clear();
    }

    /// <summary>The report above a panic may turn out to be of no known form: the panic is one all the same.</summary>
    private void LonePanics()
    {
        foreach ((Boot life, Source panic) in panics)
        {
            KernelLine kernel = KernelLine.Parse(panic.Plain);
            if (found.Count >= MaxCrashes || found.Exists(c => c.Boot == life && c.Source.Order <= panic.Order) ||
                Families.Of(kernel.Message, kernel.Stamped) is not { } family)
                continue;
            var report = new Report(family, panic, Writer.Of(kernel), kernel.Time, life) { Order = order++ };
            report.Add(panic.Line, kernel.Message, marked: false);
            if (ReportReading.Read(report) is { } crash)
                found.Add(crash);
        }
    }

    /// <summary>Until something shows a kernel, lines are of a boot that is not named.</summary>
    private Boot Boot(in TextLine line) => boot ?? (nowhere ??= new Boot(line.Input, 0));

    private const int LinesAbove = 8, LinesOfRegisters = 24;

    /// <summary>arm64 prints registers first and then calls panic() with these words (kernel/traps.c, entry-common.c).</summary>
    private static bool Registers(ReadOnlySpan<char> message) =>
        message.StartsWith("Kernel panic - not syncing: Asynchronous SError", StringComparison.Ordinal) ||
        message.StartsWith("Kernel panic - not syncing: Unhandled exception", StringComparison.Ordinal);

    private Report? Open(Family family, in KernelLine kernel, Writer writer, in TextLine line, Facts facts)
    {
        if (!family.Tentative)
        {
            // What ended of itself was a report of its own; a panic is the end of the same one.
            for (int i = open.Count - 1; i >= 0 && family.Heading != "Kernel panic"; i--)
            {
                if (open[i].Family.Tentative && open[i].Belongs(writer) && open[i].LastNumber < line.Number &&
                    open[i].Text.Holds("---[ end trace"))
                    Close(i, facts);
            }
            Drop(r => r.Family.Tentative && r.Belongs(writer));
        }
        if (family.Continues)
        {
            Report? above = LastOf(writer);
            bool panic = kernel.Message.StartsWith("Kernel panic", StringComparison.Ordinal);
            // A panic ends what stands above it; a fault behind it is one of the way to the crash kernel.
            bool fell = family.FallsAfterPanic && above?.Family.Heading == "Kernel panic";
            if (above is not null && !fell && (!panic || above.Age < PanicWithin))
                return null;
        }
        if (open.Count >= MaxOpen)
            Close(0, facts);
        Source heading = line.ToSource();
        var report = new Report(family, heading, writer, kernel.Time, Boot(line)) { Order = order++ };
        recent.CopyTo(report.Above, writer, Registers(kernel.Message) || TailStack.Is(kernel.Message)
            ? LinesOfRegisters : LinesAbove);
        report.Add(line.Number, kernel.Message, Concerned.Contains(Mark));
        open.Add(report);
        return report;
    }

    /// <summary>
    /// A boot loader's message in the middle of a running kernel's log: the machine was reset without a message of the kernel.
    /// </summary>
    private bool Reset(in KernelLine kernel, in TextLine line, Facts facts)
    {
        bool boots = !kernel.Stamped && kernel.Message.StartsWith(BootLoader, StringComparison.Ordinal);
        if (boots && running && !panics.ContainsKey(Boot(line)))
        {
            found.Add(new Crash(line.ToSource(), "reboot", "unexpected kernel reboot")
            {
                LastLine = line.Number,
                Confidence = 0.7,
                Doubts = ["only the next boot shows it: the kernel said nothing"],
                Signature = new Signature("reboot", "unexpected kernel reboot", []),
                Boot = Boot(line),
                Order = order++,
            });
        }
        if (boots || IsOrderlyEnd(kernel.Message))
            running = false;
        else
            running |= kernel.Stamped;
        return boots;
    }

    private static bool IsOrderlyEnd(ReadOnlySpan<char> message)
    {
        foreach (string end in OrderlyEnds)
        {
            if (message.StartsWith(end, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private void CloseAll(Facts facts)
    {
        while (open.Count > 0)
            Close(0, facts);
    }

    private void Close(int index, Facts facts)
    {
        Report report = open[index];
        open.RemoveAt(index);
        Close(report);
        report.Release();
    }

    private void Close(Report report)
    {
        if (found.Count >= MaxCrashes)
        {
            Dropped++;
            return;
        }
        ulong shape = ReportShape.Of(report);
        if (known.TryGetValue(shape, out Crash? same))
        {
            same.Repeats++;
            Dropped++;
            return;
        }
        if (ReportReading.Read(report) is not { } crash)
            return;
        crash.Clues = [.. crash.Clues, .. preludes.Before(report, crash.Kind, [.. crash.Frames])];
        (int count, Crash first) = alike.GetValueOrDefault(crash.Signature.Exact, (0, crash));
        alike[crash.Signature.Exact] = (count + 1, first);
        if (count < MaxAlike)
            found.Add(crash);
        else
        {
            // Without a function the title decides, and that may hold a number.
            if (crash.Function is not null && known.Count < MaxKnown)
                known[shape] = first;
            first.Repeats++;
            Dropped++;
        }
    }
}
