using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore struct</c>, <c>union</c> and <c>whatis</c>: show types, and memory as objects of a type.</summary>
internal static class VmcoreStructCommand
{
    private const int MaxCount = 10_000;

    /// <param name="word">struct or union.</param>
    public static Command Build(Context context, string word)
    {
        var style = new StyleOptions();
        var offsets = new Option<bool>("-o") { Description = "Show the offsets of the members (with ADDRESS: their addresses)" };
        var link = new Option<string?>("-l")
        {
            Description = "The address is that of a member, given by its offset or name", HelpName = "N|MEMBER",
        };
        var command = new Command(word,
            $"Print the members of a {word}, or their values in an object. Arguments: " +
                "NAME[.MEMBER[,MEMBER]], then the object's address (a symbol, a number, an expression) and the number of objects.\n" +
                $"\nExamples:\n  kdt vmcore {word} vmcore task_struct.mm,comm\n" +
                $"  kdt vmcore {word} vmcore task_struct.pid,comm init_task\n  kdt vmcore {word} vmcore list_head ff17a14dc11eca90 3")
            { offsets, link };
        style.AddTo(command);
        var files = new DumpFiles(context, command, "NAME[.MEMBERS] [ADDRESS [COUNT]]");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => Answer(context, string.Join(' ', words), () =>
        {
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            Show(context, vmcore, interpreter, word, words, style.Of(parsed, context.Radix), style.Given(parsed), parsed.GetValue(offsets),
                parsed.GetValue(link));
        })));
        return command;
    }

    public static Command Whatis(Context context)
    {
        var command = new Command("whatis",
            "Show what a name is: the type of a variable or expression, a function's prototype, the members of a struct.\n\nExamples:\n" +
            "  kdt vmcore whatis vmcore schedule\n  kdt vmcore whatis vmcore 'struct page'\n  kdt vmcore whatis vmcore init_task.mm");
        var files = new DumpFiles(context, command, "NAME");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => Answer(context, string.Join(' ', words), () =>
            What(context, context.Interpreter ?? VmcorePrintCommand.Open(vmcore), string.Join(' ', words)))));
        return command;
    }

    /// <summary>Runs an action and reports the position of an error in its expression.</summary>
    public static int Answer(Context context, string text, Action answer)
    {
        try
        {
            answer();
            return ExitCode.Fine;
        }
        catch (ExpressionException e)
        {
            ObjectsView.Wrong(context.Error, e.Text ?? text, e);
            return ExitCode.Failed;
        }
    }

    private static void Show(Context context, Vmcore vmcore, Interpreter interpreter, string word, string[] words, ObjectStyle style,
        bool styled, bool offsets, string? link)
    {
        if (words.Length == 0)
            throw new ExpressionException(0, $"expected the name of a {word}");
        int dot = words[0].IndexOf('.', StringComparison.Ordinal);
        string name = dot < 0 ? words[0] : words[0][..dot];
        string[] members = dot < 0 ? [] : words[0][(dot + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries);
        CType type = interpreter.Type(name, word);
        long count = 1;
        string[] place = words[1..];
        if (place.Length > 1 && long.TryParse(place[^1], NumberStyles.None, CultureInfo.InvariantCulture, out long last))
        {
            count = last < 1 ? throw new ExpressionException(0, "the count must be 1 or more", place[^1])
                : VmcoreReadCommand.Capped(vmcore, last, MaxCount);
            place = place[..^1];
        }
        if (place.Length == 0)
        {
            if (link is not null)
                throw new ExpressionException(0, "-l requires the address of an object", link);
            if (styled)
                throw new ExpressionException(0, "-x, -d, --flat, --depth and --limit require the address of an object", words[0]);
            new TypeText(interpreter.Types, context.Output).Whole(type, members);
            return;
        }
        foreach ((string? label, VirtualAddress at) in interpreter.Places(string.Join(' ', place)))
        {
            if (label is not null)
                context.Output.WriteLine(label);
            VirtualAddress first = link is null ? at : at + -Before(type, link);
            for (long i = 0; i < count; i++)
                One(context, vmcore, interpreter, type, members, first + i * type.Size, style, offsets);
        }
    }

    private static void One(Context context, Vmcore vmcore, Interpreter interpreter, CType type, string[] members, VirtualAddress at,
        ObjectStyle style, bool offsets)
    {
        if (offsets)
        {
            new TypeText(interpreter.Types, context.Output).Whole(type, members, at.Value);
            return;
        }
        ObjectText text = new(vmcore, interpreter.Types, style, context.Output, context.Terminal.Width);
        KernelObject whole = KernelObject.At(vmcore.Memory, type, at);
        if (members.Length == 0)
            text.Object("", whole);
        foreach (string member in members)
            text.Member(member, interpreter.MemberOf(whole, member));
    }

    private static long Before(CType type, string link)
    {
        if (link.StartsWith("0x", StringComparison.OrdinalIgnoreCase) &&
            long.TryParse(link.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hexadecimal))
            return hexadecimal;
        if (long.TryParse(link, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return number;
        string path = link.StartsWith(type.Bare.Name + ".", StringComparison.Ordinal) ? link[(type.Bare.Name.Length + 1)..] : link;
        return type.Compound?.Find(path)?.Offset ?? throw new ExpressionException(0, $"{type} has no member '{path}'");
    }

    private static void What(Context context, Interpreter interpreter, string text)
    {
        TypeText types = new(interpreter.Types, context.Output);
        if (interpreter.TypeOf(text) is { } type)
        {
            types.Whole(type, []);
            return;
        }
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && interpreter.Variable(text) is null &&
            interpreter.Types.Any(text) is { } tag)
        {
            types.Whole(tag, []);
            return;
        }
        switch (interpreter.Evaluate(text))
        {
            case KernelObject { IsUntyped: true } untyped:
                context.Output.WriteLine($"{text} is at 0x{untyped.Address}; its type is not in BTF");
                break;
            case KernelObject { Symbol: { } name } variable:
                string note;
                if (variable.PerCpu)
                    note = "  (per-CPU)";
                else if (KnownVariables.Find(name) is { } known && variable.Type.Bare.Kind != CTypeKind.Function)
                    note = $"  (as {known.Source} declares it)";
                else
                    note = "";
                context.Output.WriteLine(Printable.Escape(CDeclaration.Of(variable.Type, name)) + ";" +
                    note);
                break;
            case KernelObject one:
                context.Output.WriteLine(Printable.Escape(one.Type.ToString()));
                break;
            case ObjectSequence many:
                string? of = many.FirstOrDefault(o => o.Failure is null)?.Type.ToString();
                context.Output.WriteLine(of is null ? "an empty sequence" : $"a sequence; each element: {Printable.Escape(of)}");
                break;
        }
    }
}
