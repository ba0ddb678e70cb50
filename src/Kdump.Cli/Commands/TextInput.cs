using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary>One text input after parsing, with the number of lines that a parser recognised.</summary>
internal sealed record TextInput(string Name, long Lines, long Known, string? Note)
{
    /// <summary>At least one line was recognised; otherwise "nothing wrong" must not be printed.</summary>
    public bool Recognised => Known > 0;

    /// <summary>Passes every line of the input to every parser.</summary>
    /// <exception cref="InputException">The input cannot be opened or is not text.</exception>
    public static TextInput Read(string path, Context context, Facts facts, LineParser[] parsers)
    {
        using OpenInput input = Open(path, context);
        var reader = new CarrierReader(new LineReader(input.Name, input.Content));
        var all = new LineParsers(parsers);
        long lines = 0, stamped = 0;
        while (reader.Next(out TextLine line))
        {
            lines++;
            stamped += line.Kernel.Stamped ? 1 : 0;
            all.Line(line, facts);
        }
        all.End(facts);
        if (input.Note is { } missing)
            facts.Add(new PartlyRead(new Source(input.Name, missing)));
        return new(input.Name, lines, Math.Max(stamped, all.Taken.Sum()), input.Note);
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
    /// Reports on standard error what could not be read, or that nothing was recognised; returns the exit code.
    /// </summary>
    public int Tell(Context context, Verdict verdict, string wanted)
    {
        if (Note is not null)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {Printable.Escape(Note)}");
        if (!Recognised && !verdict.Bad)
            context.Error.WriteLine($"kdt: {Printable.Escape(Name)}: {Lines} lines, and none of them is {wanted}");
        return ExitCode.Of(context, whole: Recognised && Note is null, verdict);
    }
}
