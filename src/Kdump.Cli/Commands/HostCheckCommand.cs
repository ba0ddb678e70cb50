using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host check</c>: everything that would make the next dump fail, worst first.</summary>
internal static class HostCheckCommand
{
    public static Command Build(Context context)
    {
        var root = new Option<string>("--root") { Description = "The machine: /, a sosreport, or a folder that kdt host collect wrote",
            DefaultValueFactory = _ => "/" };
        var image = new Option<string?>("--image") { Description = "Judge this kdump image instead of the machine's own" };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON" };
        var command = new Command("check",
            "Would this machine leave a dump? Reservation, crash kernel, image, command line, watchdog, panic settings; changes " +
            "nothing.\n\nExample: kdt host check") { root, image, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string rootPath, string? image, bool json)
    {
        MachineTree root = RootArgument.Open(rootPath);
        Facts facts = HostCollector.Collect(root, image, context.Error);
        RootNote.Tell(context, root, facts);
        Verdict verdict = Verdict.From(facts, HostRuleBook.All);
        if (json)
            HostCheckJson.Write(context.Output, root, facts, verdict);
        else
        {
            HostCheckText.Write(context.Output, root, facts);
            new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour).Write(verdict);
        }
        return RootNote.Exit(verdict, root);
    }
}
