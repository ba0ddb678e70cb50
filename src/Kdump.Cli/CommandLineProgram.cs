using System.CommandLine;
using System.CommandLine.Parsing;
using Kdump.Cli.Commands;
using Kdump.Cli.Languages;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Bytes;

namespace Kdump.Cli;

/// <summary>What kdt and the program of a fleet do with a command line: the verbs that they know are all in which they differ.</summary>
internal static class CommandLineProgram
{
    public static int Run((string Name, Func<Context, Command> Build)[] verbs, string[] args, TextWriter output, TextWriter error,
        Func<Stream> input, Terminal terminal, bool languages = false)
    {
        if (languages && LanguageChoice.Given(args) is { } language)
            terminal = terminal with { Words = language, DataWords = language };
        if (terminal.Words != Words.English)
            error = new TranslatedErrors(error, terminal.Words);
        var context = new Context(output, error, Once(input), terminal);
        if (args is [Completions.Verb, .. var words])
        {
            Completions.Write(output, Build(verbs, context, [], languages), words);
            output.Flush();
            return ExitCode.Fine;
        }
        args = AsOptions(args);
        ParseResult parsed = Build(verbs, context, args, languages).Parse(args);
        if (Usage.IsGroupAlone(parsed))
            parsed = Build(verbs, context, args = [.. args, "--help"], languages).Parse(args);
        string? fault = parsed.Action switch
        {
            VersionAction => null,
            HelpAction => Usage.UnknownCommand(parsed) ?? Usage.WrongValue(parsed),
            _ => Usage.Fault(parsed),
        };
        if (fault is not null)
        {
            error.WriteLine($"kdt: {fault} (see {Usage.Path(parsed)} --help)");
            return ExitCode.Failed;
        }
        try
        {
            int code;
            try
            {
                code = parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
            }
            catch (InputException e)
            {
                error.WriteLine($"kdt: {Printable.Escape(e.Message)}");
                code = ExitCode.Failed;
            }
            output.Flush();
            return code;
        }
        catch (Exception e) when (e is not OutputException)
        {
            // The last wall: a fault of ours, or of the system under us, ends in one line and not in a core dump.
            error.WriteLine(e is IOException or UnauthorizedAccessException ? $"kdt: {Printable.Escape(e.Message)}"
                : $"kdt: this is a bug ({ProgramVersion.Line()}: " +
                    $"{Printable.Escape(Fault.Of("", e).Source.Text)}); please report it with the command line");
            return ExitCode.Failed;
        }
        catch (OutputException e)
        {
            // The reader of our pipe has closed it: that is no error.
            if (e.ReaderLeft)
                return ExitCode.ReaderLeft;
            error.WriteLine($"kdt: output: {FileKind.ReasonOf(e, "output")}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Standard input can be read only once: a second read would find it empty and report an empty input.</summary>
    private static Func<Stream> Once(Func<Stream> input)
    {
        bool given = false;
        return () =>
        {
            if (given)
                throw new InputException("-", "standard input", -1, "can be read only once: give the other input as a file");
            given = true;
            return input();
        };
    }

    /// <summary>
    /// Accepts what users of other programs type: no arguments at all, and <c>help</c> and <c>version</c> as commands, as in git and gh.
    /// </summary>
    private static string[] AsOptions(string[] args)
    {
        // Options of every command may stand in front of them.
        int at = 0;
        while (at < args.Length && args[at] is "--no-pager" or "--color" or "--lang")
            at += args[at] == "--no-pager" ? 1 : 2;
        string[] before = args[..Math.Min(at, args.Length)];
        return args[before.Length..] switch
        {
            [] => [.. before, "--help"],
            ["help", .. var command] => [.. before, .. command, "--help"],
            ["version"] or ["-V"] => [.. before, "--version"],
            _ => args,
        };
    }

    /// <summary>
    /// The commands that these arguments can reach: the one that the first of them names, else all. A root without help and version where
    /// a call does not need them: building their texts takes a tenth of the time that printing a dump's log takes.
    /// </summary>
    private static Command Build((string Name, Func<Context, Command> Build)[] verbs, Context context, string[] args, bool languages)
    {
        var colour = new Option<string>("--color") { Description = "Use colour: always, never or auto", Recursive = true,
            DefaultValueFactory = _ => "auto" };
        colour.AcceptOnlyFromAmong("always", "never", "auto");
        Option[] everywhere = languages ? [colour, NoPager(), Language()] : [colour, NoPager()];
        foreach ((string name, Func<Context, Command> build) in verbs)
        {
            if (args.Length > 0 && args[0] == name && name != "man" && !Array.Exists(args, a => a is "--help" or "-h"))
                return With(new Command("kdt") { build(context) });
        }
        // Not a RootCommand, which is called as the program's file is: kdt-fleet is kdt fleet.
        var root = new Command("kdt",
            "Explains why a Linux machine crashed and why kdump left no usable vmcore; checks kdump before the crash.\n\n" +
            "Examples:\n  kdt explain console.log            why did it die, and where is its dump?\n" +
            "  kdt vmcore bt /var/crash/*/vmcore  the stack of the crash, without debuginfo\n" +
            "  kdt host check                     would kdump work here?") { new System.CommandLine.Help.HelpOption(),
                new VersionOption() };
        With(root);
        foreach (Option option in root.Options.ToArray())
        {
            if (option is VersionOption version)
                version.Action = new VersionAction(context);
            if (option is System.CommandLine.Help.HelpOption { Action: System.CommandLine.Help.HelpAction standard } help)
            {
                // Remove the aliases "/h" and "/?", which may be paths here.
                help.Aliases.Clear();
                help.Aliases.Add("-h");
                standard.MaxWidth = context.Terminal.Width;
                help.Action = new HelpAction(standard);
            }
        }
        foreach ((_, Func<Context, Command> build) in verbs)
            root.Add(build(context));
        return root;

        Command With(Command program)
        {
            foreach (Option option in everywhere)
                program.Options.Add(option);
            return program;
        }
    }

    /// <summary>As <see cref="NoPager"/>: evaluated by <see cref="LanguageChoice"/> before the command line is parsed.</summary>
    private static Option<string> Language()
    {
        var language = new Option<string>("--lang") {
            Description = "Language of reports: en or zh (default: that of the locale; JSON: en)", Recursive = true };
        language.AcceptOnlyFromAmong(LanguageChoice.All);
        return language;
    }

    /// <summary>
    /// Evaluated before the command line is parsed (<see cref="Terminal"/>); declared here so that the parser accepts it and the
    /// help lists it.
    /// </summary>
    private static Option<bool> NoPager() => new("--no-pager") { Description = "Do not use a pager for long output",
        Recursive = true };

    /// <summary>The standard help. A list of commands has only names and the first sentence of each description.</summary>
    private sealed class HelpAction(System.CommandLine.Help.HelpAction standard)
        : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            foreach (Command listed in parseResult.CommandResult.Command.Subcommands)
            {
                listed.Description = listed.Description?.Split("\n\n")[0].Split(". ")[0].TrimEnd('.');
                foreach (Argument argument in listed.Arguments)
                    argument.Hidden = true;
            }
            // Nor has a command below another one that one's arguments: kdt log diff has no <path>.
            for (SymbolResult? above = parseResult.CommandResult.Parent; above is CommandResult group; above = above.Parent)
            {
                foreach (Argument argument in group.Command.Arguments)
                    argument.Hidden = true;
            }
            // The commands come before the options, which every command has: the first screen shows what there is.
            InvocationConfiguration to = parseResult.InvocationConfiguration;
            TextWriter output = to.Output;
            var text = new StringWriter { NewLine = "\n" };
            to.Output = text;
            int code = standard.Invoke(parseResult);
            to.Output = output;
            output.Write(CommandsFirst(text.ToString()));
            return code;
        }

        private static string CommandsFirst(string help)
        {
            int options = help.IndexOf("\nOptions:\n", StringComparison.Ordinal),
                commands = help.IndexOf("\nCommands:\n", StringComparison.Ordinal);
            return options < 0 || commands < options ? help
                : $"{help[..options]}{help[commands..].TrimEnd('\n')}\n{help[options..commands]}";
        }
    }

    private sealed class VersionAction(Context context) : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            context.Output.WriteLine(ProgramVersion.Line());
            return ExitCode.Fine;
        }
    }
}
