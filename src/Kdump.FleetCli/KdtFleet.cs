using System.CommandLine;
using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.FleetCli.Commands;

namespace Kdump.FleetCli;

/// <summary>The program as a function: <c>kdt-fleet ARGS</c> is <c>kdt fleet ARGS</c>.</summary>
public static class KdtFleet
{
    public static int Run(string[] args, TextWriter output, TextWriter error, Func<Stream> input, Terminal terminal)
    {
        if (args is not (["--version"] or ["-V"] or ["version"]))
            return CommandLineProgram.Run(Verbs, AsOfKdt(args), output, error, input, terminal);
        output.WriteLine(ProgramVersion.Line(FleetProgram.Name));
        output.Flush();
        return ExitCode.Fine;
    }

    private static readonly (string Name, Func<Context, Command> Build)[] Verbs =
    [
        (FleetProgram.Verb, FleetCommand.Build),
        ("man", context => ManCommand.Build(context, FleetProgram.Verb)),
        ("completion", context => CompletionCommand.Build(context, FleetProgram.Name)),
    ];

    private static string[] AsOfKdt(string[] args) => args switch
    {
        [Completions.Verb, .. var words] => [Completions.Verb, FleetProgram.Verb, .. words],
        ["help", .. var command] => [FleetProgram.Verb, .. command, "--help"],
        ["man" or "completion", ..] => args,
        _ => [FleetProgram.Verb, .. args],
    };
}
