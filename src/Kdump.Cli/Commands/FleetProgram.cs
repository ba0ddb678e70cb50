using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using Kdump.Cli.Terminals;
using Kdump.Sources.Records;

namespace Kdump.Cli.Commands;

/// <summary>
/// <c>kdt fleet …</c> is a program of its own, kdt-fleet, as git has them: databases and their protocols are half as large as all of kdt.
/// kdt becomes that program, and judges for it.
/// </summary>
internal static class FleetProgram
{
    public const string Verb = "fleet", Name = "kdt-fleet", WorkerVerb = "fleet-worker";

    public const string Description = "The crashes of many machines: taken into one store, counted by kind, compared.\n\n" +
        "Examples:\n  kdt fleet scan /var/crash/* --into fleet.db     take in what lies there (again: only what is new)\n" +
        "  kdt fleet top fleet.db                          which kinds of crash hit most machines\n" +
        "  kdt fleet suspects fleet.db 4c1f09ab            what the machines of one kind have in common";

    public const string Missing = $"kdt: {Verb} needs the program {Name}, which is not beside kdt and not on PATH: " +
        "install the package kdump-fleet";

    /// <summary>For the list of kdt's commands; it is never run (<see cref="Asked"/>).</summary>
    public static Command Build(Context context) => new(Verb, Description);

    /// <summary>What kdt-fleet starts, once for each CPU.</summary>
    public static Command Worker(Context context)
    {
        var command = new Command(WorkerVerb, "Judges for kdt fleet scan: a line of JSON in, a line of JSON out.") { Hidden = true };
        command.SetAction(_ =>
        {
            // A terminal's Ctrl-C is meant for the scan, which closes the input when it has what is at work.
            using var ignored = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            using var requests = new StreamReader(context.Input(), Encoding.UTF8);
            WorkerLines.Serve(requests, context.Output);
            return ExitCode.Fine;
        });
        return command;
    }

    /// <summary>These arguments are for kdt-fleet.</summary>
    public static bool Asked(string[] args) => Of(args) is not null;

    /// <summary>Becomes kdt-fleet where these arguments are for it and it is installed; else returns.</summary>
    public static void TakeOver(string[] args)
    {
        if (Of(args) is { } words && OtherProgram.Find(Name) is { } program)
            OtherProgram.Become([.. program, .. words]);
    }

    /// <summary>What kdt-fleet is given for these arguments of kdt; null where they are none of its.</summary>
    internal static string[]? Of(string[] args)
    {
        if (args is [Completions.Verb or "help", Verb, ..])
        {
            if (args is ["help", Verb, .. var command])
                return [.. command, "--help"];
            return args.Length > 2 ? [Completions.Verb, .. args[2..]] : null;
        }
        // Options of kdt itself may stand before the verb; one of them has a value.
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == Verb)
                return [.. args[..i], .. args[(i + 1)..]];
            if (args[i] == "--color")
                i++;
            else if (!args[i].StartsWith("--", StringComparison.Ordinal) || args[i] == "--")
                return null;
        }
        return null;
    }
}
