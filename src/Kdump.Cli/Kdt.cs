using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;

namespace Kdump.Cli;

/// <summary>The program as a function: arguments and streams in, an exit code out.</summary>
public static class Kdt
{
    public static int Run(string[] args, TextWriter output, TextWriter error, Func<Stream> input, Terminal terminal)
    {
        var context = new Context(output, error, Once(input), terminal);
        Command root = Build(context, args);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (ParseError e in parsed.Errors)
                error.WriteLine($"kdt: {e.Message}");
            error.WriteLine($"kdt: try '{CommandPath(parsed)} --help'");
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
        catch (OutputException e)
        {
            // A reader that went away has seen enough.
            if (!e.ReaderLeft)
                error.WriteLine($"kdt: output: {e.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Standard input cannot be read twice: a second reader would find nothing in it, and say so of the input.</summary>
    private static Func<Stream> Once(Func<Stream> input)
    {
        bool given = false;
        return () =>
        {
            if (given)
                throw new InputException("-", "standard input", -1, "can be read once: give the other input as a file");
            given = true;
            return input();
        };
    }

    /// <summary>The verbs, in the order of the help.</summary>
    private static readonly (string Name, Func<Context, Command> Build)[] Verbs =
    [
        ("explain", ExplainCommand.Build),
        ("log", LogCommand.Build),
        ("vmcore", VmcoreCommand.Build),
        ("image", ImageCommand.Build),
        ("mce", MceCommand.Build),
        ("pci", PciCommand.Build),
        ("host", HostCommand.Build),
        ("kconfig", KconfigCommand.Build),
        ("completion", CompletionCommand.Build),
    ];

    /// <summary>
    /// The commands that these arguments can reach: the one that the first of them names, else all. A root without help and version where
    /// nobody asks for them: their texts alone take a tenth of what printing a dump's log takes.
    /// </summary>
    private static Command Build(Context context, string[] args)
    {
        var colour = new Option<string>("--color") { Description = "always, never or auto", Recursive = true,
            DefaultValueFactory = _ => "auto" };
        colour.AcceptOnlyFromAmong("always", "never", "auto");
        foreach ((string name, Func<Context, Command> build) in Verbs)
        {
            if (args.Length > 0 && args[0] == name && !Array.Exists(args, a => a is "--help" or "-h" or "-?" or "/h" or "/?"))
                return new Command("kdt") { colour, build(context) };
        }
        var root =
            new RootCommand(
            "Kdump initramfs and vmcore post-mortem toolkit: says why a machine died and why its dump is missing.") { colour };
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version)
                version.Action = new VersionAction(context);
            if (option is System.CommandLine.Help.HelpOption { Action: System.CommandLine.Help.HelpAction standard } help)
                help.Action = new HelpAction(standard);
        }
        foreach ((_, Func<Context, Command> build) in Verbs)
            root.Add(build(context));
        return root;
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? s = parsed.CommandResult; s is CommandResult c; s = s.Parent)
            names.Push(c.Parent is null ? "kdt" : c.Command.Name);
        return string.Join(' ', names);
    }

    /// <summary>The standard help. A command's description ends in an example, which lists of commands leave out.</summary>
    private sealed class HelpAction(System.CommandLine.Help.HelpAction standard)
        : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            foreach (Command listed in parseResult.CommandResult.Command.Subcommands)
                listed.Description = listed.Description?.Split("\n\n")[0];
            return standard.Invoke(parseResult);
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
