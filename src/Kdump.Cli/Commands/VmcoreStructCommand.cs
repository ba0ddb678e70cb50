using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
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
        Option<bool> asJson = VmcoreCommand.JsonOption();
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
            { offsets, link, asJson };
        style.AddTo(command);
        var files = new DumpFiles(context, command, "NAME[.MEMBERS] [ADDRESS [COUNT]]");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => Answer(context, string.Join(' ', words), () =>
        {
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            StructView view = new(context, vmcore, interpreter, style.Of(parsed, context.Radix), parsed.GetValue(offsets));
            Show(view, vmcore, interpreter, word, words, style.Given(parsed), parsed.GetValue(link), parsed.GetValue(asJson));
        })));
        return command;
    }

    public static Command Whatis(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command("whatis",
            "Show what a name is: the type of a variable or expression, a function's prototype, the members of a struct.\n\nExamples:\n" +
            "  kdt vmcore whatis vmcore schedule\n  kdt vmcore whatis vmcore 'struct page'\n  kdt vmcore whatis vmcore init_task.mm")
            { asJson };
        var files = new DumpFiles(context, command, "NAME");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => Answer(context, string.Join(' ', words), () =>
        {
            WhatisView view = new(vmcore, context.Interpreter ?? VmcorePrintCommand.Open(vmcore), string.Join(' ', words));
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context.Output);
        })));
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

    private static void Show(StructView view, Vmcore vmcore, Interpreter interpreter, string word, string[] words, bool styled,
        string? link, bool asJson)
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
            if (asJson)
                view.TypeAsJson(type, members);
            else
                view.Type(type, members);
            return;
        }
        IEnumerable<(string?, VirtualAddress)> places = interpreter.Places(string.Join(' ', place))
            .Select(p => (p.Label, link is null ? p.Address : p.Address + -Before(type, link)));
        if (asJson)
            view.ObjectsAsJson(type, members, places, count);
        else
            view.Objects(type, members, places, count);
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
}
