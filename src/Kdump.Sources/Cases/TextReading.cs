using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Cases;

/// <summary>One text on its way into facts: the lines of an input, or those of one host in it.</summary>
internal sealed class TextReading
{
    private readonly string path;
    private readonly Facts facts;
    private readonly LineParsers parsers;
    private readonly List<Source> few = [];
    private readonly bool heap;
    private long kernel, filled;

    /// <param name="heap">One of many files of a folder or an archive: nobody chose this one, so its words alone say little.</param>
    public TextReading(string path, Facts facts, LineParsers parsers, bool heap = false)
    {
        (this.path, this.facts, this.parsers, this.heap) = (path, facts, parsers, heap);
        facts.Boot = new Boot(path, 0);
    }

    public void Line(in TextLine line)
    {
        if (!line.Text.IsEmpty && few.Count <= PastedTrouble.MostLines)
            few.Add(line.ToSource());
        kernel += line.Kernel.Stamped ? 1 : 0;
        filled += line.Text.IsEmpty ? 0 : 1;
        parsers.Line(line, facts);
    }

    /// <summary>Ends the reading and says what the text is.</summary>
    public CaseInput End(bool binary)
    {
        parsers.End(facts);
        long[] taken = parsers.Taken;
        int most = Array.IndexOf(taken, taken.Max());
        if (taken[most] == 0)
            return Unclaimed(binary);
        // Lines of a kernel without any stamp may be anybody's; what else took some of them shows a problem by itself.
        if (kernel == 0 && CaseInput.NeedsStamps(parsers.All[most].Kind) && Surer(taken) is { } surer)
            most = surer;
        // A shell's message about a program that a signal ended: it stands beside lines that are recognised.
        if (!binary && few.Count <= PastedTrouble.MostLines)
            facts.AddRange([.. PastedTrouble.In(few, heap).Where(p => p.Alone)]);
        string[] others = parsers.All.Where((_, i) => i != most && taken[i] > 0).Select(p => p.Kind).Where(k => k != parsers.All[most].Kind)
            .Distinct(StringComparer.Ordinal).ToArray();
        return new(path, parsers.All[most].Kind, others.Length == 0 ? null : $"also {string.Join(", ", others)}", Kernel: kernel)
        {
            Names = parsers.All[most] is Lspci && !facts.Of<LspciFunction>().Any(f => f.Source.Input == path && f.ShowsState),
        };
    }

    /// <summary>The parser with the most lines among those whose kind shows a problem by itself.</summary>
    private int? Surer(long[] taken)
    {
        int? best = null;
        for (int i = 0; i < taken.Length; i++)
        {
            if (taken[i] > 0 && !CaseInput.NeedsStamps(parsers.All[i].Kind) && (best is not { } b || taken[i] > taken[b]))
                best = i;
        }
        return best;
    }

    /// <summary>The result for a text of which no parser took a line.</summary>
    private CaseInput Unclaimed(bool binary)
    {
        if (!binary && (kernel > 0 || SpeaksOfTrouble(programs: false) || facts.Of<StackPiece>().Any(p => p.Source.Input == path)))
            return new(path, "kernel log", Kernel: kernel);
        if (!binary && (SpeaksOfTrouble(programs: true) || NamesTheTrade()))
            return new(path, "console log", "no line of it is known here; some tell of trouble");
        PastedTrouble[] pasted = binary || few.Count > PastedTrouble.MostLines ? [] : [.. PastedTrouble.In(few, heap)];
        if (pasted.Length > 0)
        {
            facts.AddRange(pasted);
            return new(path, "text", "no line of it is known here; some tell of trouble");
        }
        if (!binary && few.Count <= PastedTrouble.MostLines && facts.Of<HarmlessLines>().Any(h => h.Source.Input == path))
            return new(path, "text", "what looks like trouble in it is known to be harmless (kdt log --harmless)");
        facts.Remove<TroubleLines>(t => t.Source.Input == path && (heap || CommentLine.Is(t.Source.Text)));
        return binary ? new(path, "binary", Volumes.Hint(path) ?? "no known format: nothing was read from it", Unknown: true)
            : new(path, "text", "nothing in it that is known here", Unknown: true);
    }

    /// <summary>
    /// For lines without any stamp, as people copy them out of a log: true if many of them are from known drivers and file systems
    /// (or programs of a boot), in words that no prose uses about them.
    /// </summary>
    private bool SpeaksOfTrouble(bool programs) => facts.Of<TroubleLines>().Where(t => t.Source.Input == path && !t.Slight &&
            t.Speaker.Name.Length > 0 && (!t.Passing || filled <= PastedTrouble.Few) &&
            (programs || (t.Gravity == Gravity.Grave && t.Speaker is { Program: false } && t.Speaker.Kind.Listed)))
            .Sum(t => t.Count) * 4 >= Math.Max(1, filled);

    /// <summary>True if a kdump tool reports trouble under its own name: no text of another kind has such a line.</summary>
    private bool NamesTheTrade() => facts.Of<TroubleLines>().Any(t => t.Source.Input == path &&
        t.Speaker.Kind.What == "crash handling" && t.Gravity >= Gravity.Plain && !CommentLine.Is(t.Source.Text));
}
