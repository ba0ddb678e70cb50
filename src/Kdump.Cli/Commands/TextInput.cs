using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Sources.Cases;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary>One text input after parsing, with what of it was looked at.</summary>
/// <param name="Kernel">Lines with a kernel's time stamp.</param>
/// <param name="Taken">Lines that a parser took whose form can show that something is wrong.</param>
/// <param name="Records">Those of them that are not just lines of a kernel log.</param>
/// <param name="Begins">A kernel's first lines are among them: what it printed later is there, too.</param>
internal sealed record TextInput(string Name, long Lines, long Kernel, long Taken, long Records, bool Begins, string? Note)
{
    /// <summary>Something was looked at; otherwise "nothing wrong" must not be printed.</summary>
    public bool Recognised => Kernel + Taken > 0;

    /// <summary>Passes every line of the input to every parser.</summary>
    /// <exception cref="InputException">The input cannot be opened or is not text.</exception>
    public static TextInput Read(string path, Context context, Facts facts, LineParser[] parsers)
    {
        using var progress = new ReadingProgress(context);
        using OpenInput input = Open(path, context);
        var reader = new CarrierReader(new LineReader(input.Name, input.Content));
        var all = new LineParsers(parsers);
        long lines = 0, kernel = 0;
        int boots = 0;
        Boot? boot = null;
        while (reader.Next(out TextLine line))
        {
            lines++;
            kernel += line.Kernel.Stamped ? 1 : 0;
            all.Line(line, facts);
            if (facts.Boot == boot)
                continue;
            boot = facts.Boot;
            boots++;
        }
        all.End(facts);
        if (input.Note is { } missing)
            facts.Add(new PartlyRead(new Source(input.Name, missing)));
        long taken = 0, records = 0;
        for (int i = 0; i < parsers.Length; i++)
        {
            if (all.Taken[i] == 0 || CaseInput.IsSettings(parsers[i].Kind))
                continue;
            taken += all.Taken[i];
            if (parsers[i].Kind == "kernel log")
                continue;
            records += all.Taken[i];
            facts.Add(new KindRead(new Source(input.Name, ""), parsers[i].Kind));
        }
        // A log without time stamps (dmesg -t) is one by its first lines.
        if (kernel > 0 || facts.Boots.Any(b => b.Release is not null))
            facts.Add(new LinesRead(new Source(input.Name, ""), lines, Math.Max(1, boots)));
        return new(input.Name, lines, kernel, taken, records, facts.Boots.Any(b => b.Begins), input.Note);
    }

    /// <summary>Opens a text and unpacks it; any other content is refused with its name.</summary>
    public static OpenInput Open(string path, Context context)
    {
        OpenInput input = OpenInput.OpenText(path, context.Input);
        if (Magic.Of(input.Kind) is not { } other)
            return input;
        string name = input.Name;
        input.Dispose();
        throw new InputException(name, "content", -1, $"{other.Kind}: {other.Note}");
    }

    /// <summary>
    /// The verdict on it. Where it has neither a record nor the beginning of a boot, a record may have been in the lines that are not
    /// there: then the verdict asks for them.
    /// </summary>
    /// <param name="wanted">What the command reads.</param>
    /// <param name="record">What was looked for: <c>a machine check</c>.</param>
    /// <param name="settle">Where such records are besides.</param>
    public Verdict Judge(Facts facts, Rule[] rules, string wanted, string record, string settle)
    {
        Verdict verdict = Verdict.From(facts, rules);
        if (verdict.Findings.Count > 0 || (Recognised && (Records > 0 || Begins)))
            return verdict;
        return !Recognised ? verdict with { Headline = $"Nothing was judged: {NoneOf(Lines, wanted)}" } : verdict.Asking(new Unknown(
            $"whether the kernel reported {record} before or after: " +
                $"the log has {Counted.Of(Lines, "line")} and not the beginning of a boot",
            settle));
    }

    /// <summary>
    /// Reports on standard error what could not be read, or that nothing was recognised; returns the exit code.
    /// </summary>
    public int Tell(Context context, Verdict verdict, string wanted)
    {
        if (Note is not null)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {Printable.Escape(Note)}");
        if (!Recognised && !verdict.Bad)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {NoneOf(Lines, wanted)}");
        return ExitCode.Of(context, whole: Recognised && Note is null, verdict);
    }

    /// <summary>The same for a command that prints what it found and judges nothing.</summary>
    public int TellNone(Context context, int found, string wanted)
    {
        if (Note is not null)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {Printable.Escape(Note)}");
        if (found == 0)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {NoneOf(Lines, wanted)}");
        return found > 0 && Note is null ? ExitCode.Fine : ExitCode.Failed;
    }

    /// <summary>Of the lines of a text, none is what a command reads.</summary>
    public static string NoneOf(long lines, string wanted) => lines == 0 ? "an empty text" :
        $"{Counted.Of(lines, "line")}, and {(lines == 1 ? "it is not" : "none of them is")} {wanted}";
}
