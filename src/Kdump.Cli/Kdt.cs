using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Kdump.Cli.Commands;
using Kdump.Formats.Bytes;

namespace Kdump.Cli;

/// <summary>The program as a function: arguments and streams in, an exit code out.</summary>
public static class Kdt
{
    /// <summary>Done, nothing wrong found.</summary>
    public const int Fine = 0;

    /// <summary>Done, and something is wrong.</summary>
    public const int Found = 1;

    /// <summary>Could not do it.</summary>
    public const int Failed = 2;

    public static int Run(string[] args, TextWriter output, TextWriter error, Func<Stream> input, Terminal terminal)
    {
        var context = new Context(output, error, input, terminal);
        RootCommand root = Build(context);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (ParseError e in parsed.Errors)
                error.WriteLine($"kdt: {e.Message}");
            error.WriteLine($"kdt: try '{CommandPath(parsed)} --help'");
            return Failed;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (InputException e)
        {
            error.WriteLine($"kdt: {Kdump.Diagnosis.Printable.Escape(e.Message)}");
            return Failed;
        }
        catch (IOException) when (terminal != Terminal.Plain)
        {
            // The reader of our output went away (head, less): nobody is left to tell.
            return Failed;
        }
    }

    private static RootCommand Build(Context context)
    {
        var root = new RootCommand("Kdump initramfs and vmcore post-mortem toolkit: says why a machine died and why its dump is missing.");
        var colour = new Option<string>("--color") { Description = "always, never or auto", Recursive = true, DefaultValueFactory = _ => "auto" };
        colour.AcceptOnlyFromAmong("always", "never", "auto");
        root.Add(colour);
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version)
                version.Action = new VersionAction(context);
            if (option is System.CommandLine.Help.HelpOption { Action: System.CommandLine.Help.HelpAction standard } help)
                help.Action = new HelpAction(standard);
        }
        root.Add(ExplainCommand.Build(context));
        root.Add(LogCommand.Build(context));
        root.Add(VmcoreCommand.Build(context));
        root.Add(ImageCommand.Build(context));
        root.Add(MceCommand.Build(context));
        root.Add(PciCommand.Build(context));
        root.Add(new Command("host", "The machine before it crashes: check it, foretell its vectors, gather what matters, compare two of them.") { HostCheckCommand.Build(context), HostVectorsCommand.Build(context), HostCollectCommand.Build(context), HostDiffCommand.Build(context) });
        root.Add(KconfigCommand.Build(context));
        root.Add(CompletionCommand.Build(context));
        return root;
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? s = parsed.CommandResult; s is CommandResult c; s = s.Parent)
            names.Push(c.Parent is null ? "kdt" : c.Command.Name);
        return string.Join(' ', names);
    }

    /// <summary>Version, commit and framework.</summary>
    internal static string VersionLine()
    {
        string version = typeof(Kdt).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = version.IndexOf('+');
        string commit = plus < 0 ? "unknown commit" : version[(plus + 1)..];
        return $"kdt {(plus < 0 ? version : version[..plus])} ({commit[..Math.Min(12, commit.Length)]}, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription})";
    }

    /// <summary>The standard help. A command's description ends in an example, which lists of commands leave out.</summary>
    private sealed class HelpAction(System.CommandLine.Help.HelpAction standard) : System.CommandLine.Invocation.SynchronousCommandLineAction
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
            context.Output.WriteLine(VersionLine());
            return Fine;
        }
    }
}
