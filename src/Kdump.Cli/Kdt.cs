using System.CommandLine;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;

namespace Kdump.Cli;

/// <summary>The program as a function of arguments and streams that returns an exit code.</summary>
public static class Kdt
{
    public static int Run(string[] args, TextWriter output, TextWriter error, Func<Stream> input, Terminal terminal)
    {
        if (!FleetProgram.Asked(args))
            return CommandLineProgram.Run(Verbs, args, output, error, input, terminal, languages: true);
        error.WriteLine(FleetProgram.Missing);
        return ExitCode.Failed;
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
        (FleetProgram.Verb, FleetProgram.Build),
        (FleetProgram.WorkerVerb, FleetProgram.Worker),
        ("completion", CompletionCommand.Build),
        ("man", ManCommand.Build),
    ];
}
