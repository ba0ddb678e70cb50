using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>Lines with words of failure just before a kdump tool gave up: its reason, in any wording.</summary>
/// <param name="Source">The line that tells that it gave up.</param>
/// <param name="Lines">The lines before it: the one with the gravest words first, the others as they came.</param>
public sealed record WordsBefore(Source Source, IReadOnlyList<Source> Lines) : Fact(Source)
{
    /// <summary>The lines of the input nearest before a given line, or before one of several.</summary>
    public static IReadOnlyList<Source> Of(Facts facts, params IEnumerable<Source> ends)
    {
        foreach (Source end in ends)
        {
            if (facts.Of<WordsBefore>().FirstOrDefault(w => w.Source.Input == end.Input && w.Source.Line == end.Line) is { } found)
                return found.Lines;
        }
        return [];
    }

    /// <summary>A sentence that quotes the first of them; empty without one.</summary>
    public static string Tell(IReadOnlyList<Source> lines) => lines.Count == 0 ? ""
        : $" Just before it was said: \"{Said(lines[0])}\"" +
            (FailureReason.Of(lines[0].Plain) is { } reason ? $" ({reason})." : ".");

    /// <summary>A line without what its carrier wrote in front of it, for a quotation.</summary>
    /// <param name="most">Characters after which it is cut.</param>
    public static string Said(Source line, int most = 110) => Printable.Quoted(KernelLine.Parse(line.Plain).Message.Trim(), most);
}

/// <summary>
/// Reads them: a line of failure is kept until a tool gives up, or until so many other lines followed that it has no part in it.
/// </summary>
public sealed class WordsBeforeEnd : BookParser
{
    /// <summary>How many lines are kept, and how far before the end they may stand.</summary>
    private const int Kept = 4, Near = 16;

    private const int IsEnd = 0;

    private static readonly string[] Ends =
    [
        "Starting kdump: [FAILED]", "Starting kdump: [  FAILED", "failed to make kdump initrd", "failed to make fadump initrd",
        "ailed to load kdump kernel", "kexec: load failed", "Cannot load /", "mkinitrd failed", "mkdumprd failed", "mkinitramfs failure",
        "update-initramfs: failed for", "Failed to start Crash recovery kernel arming", "kdump.service: Failed with result",
        "Failed to start kdump.service", "Failed to start Load kdump kernel", "saving vmcore failed", "makedumpfile Failed.",
        "dracut[F]: Creation of ", "mage generation FAILED", "errors were encountered during the build",
        "kdump-tools exited with return code", "Failed to start Switch Root", "Failed to start initrd-switch-root.service",
        "Cannot continue due to errors above",
    ];

    /// <summary>Lines printed in every run, or about what is not needed.</summary>
    private static readonly string[] Routine =
    [
        "will not be installed", "Could not find any command of", "code=exited", "Active: failed", "FAILURE)", "Failed with result",
        "[ TIME ] ", "[DEPEND] ", "[FAILED] ", "entered failed state", "No kdump initial ramdisk found", "kdump.service: ",
    ];

    private static readonly TextSigns RoutineTexts = new(Routine);

    private static readonly (int Place, string Text)[] Book =
        [.. TroubleWords.Signs.Select(s => (NoPlace, s)), .. Ends.Select(e => (IsEnd, e))];

    /// <summary>A fence of Markdown: what stands before it is another text.</summary>
    private const string Fence = "```";

    /// <summary>Lines with a word of failure: most logs have many of them, and no end that asks for them.</summary>
    private readonly LineRing recent = new(Near);

    private readonly Queue<(long At, Source Line, bool Tagged, bool Stamped, Gravity Gravity)> kept = new();

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool SeesAll => true;

    public override bool Pass(in TextLine line, Facts facts)
    {
        if ((recent.Count > 0 || kept.Count > 0) && line.Text.StartsWith(Fence, StringComparison.Ordinal))
            End(facts);
        return false;
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        if (Concerned.Count == 0)
        {
            if (line.Text.Length is >= 12 and <= 400)
                recent.Add(line);
            return false;
        }
        End(line, facts);
        return false;
    }

    public override void End(Facts facts)
    {
        recent.Clear();
        kept.Clear();
    }

    /// <summary>A tool gave up.</summary>
    private void End(in TextLine line, Facts facts)
    {
        for (int i = 0; i < recent.Count; i++)
            Keep(recent[i]);
        recent.Clear();
        while (kept.Count > 0 && kept.Peek().At < line.Number - Near)
            kept.Dequeue();
        // A journal or a syslog tags each of its lines: one without a tag is of another text, or a person's.
        bool tagged = line.Kernel.Foreign, switches = line.Text.Contains("witch", StringComparison.Ordinal);
        Source[] words = [.. kept.Where(k => (k.Tagged || !tagged) && (!k.Stamped || switches))
            .OrderByDescending(k => k.Gravity).ThenBy(k => k.At).Select(k => k.Line)];
        if (words.Length > 0)
            facts.Add(new WordsBefore(line.ToSource(), words));
    }

    /// <summary>Keeps a line if its words may be the reason.</summary>
    private void Keep(in TextLine line)
    {
        // The kernel's own lines are handled by speakers and rules. Programs of an initramfs write to its log, too.
        bool stamped = line.Kernel.Time is not null;
        if ((stamped && !(SpeakerForms.Of(line) is { Program: true, Name: not "systemd" })) || RoutineTexts.First(line.Text) >= 0 ||
            StatusBlock.IsField(line.Text) || TroubleWords.In(line.Kernel.Message, out Gravity gravity) == 0)
            return;
        // Lines of another service in the same journal are not the reason.
        if (line.Kernel.Foreign && SpeakerForms.Of(line) is { Name.Length: > 0 } speaker &&
            speaker.Kind.What is not ("crash handling" or "early boot" or "device manager"))
            return;
        if (gravity < Gravity.Plain && FailureReason.Of(line.Text) is null && !line.Text.Contains(" needs ", StringComparison.Ordinal))
            return;
        kept.Enqueue((line.Number, line.ToSource(), line.Kernel.Foreign, stamped, gravity));
        if (kept.Count > Kept)
            kept.Dequeue();
    }
}
