using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host memory</c>: how much memory the crash kernel will need, item by item, compared with the reservation.</summary>
internal static class HostMemoryCommand
{
    public static Command Build(Context context)
    {
        Option<string> root = RootOption.Machine();
        var image = new Option<string?>("--image") { Description = "Measure this kdump image instead of the machine's own" };
        var line = new Option<string?>("--cmdline") { Description =
            "Use this command line for the crash kernel instead of the configured one" };
        var json = new Option<bool>("--json") { Description = "Print the forecast as JSON" };
        var command = new Command("memory",
            "Forecast how much memory this machine's crash kernel needs, what uses it, and what could be left out.\n\n" +
            "Example: kdt host memory") { root, image, line, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(line),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string rootPath, string? image, string? commandLine, bool json)
    {
        MachineTree root = RootArgument.Open(rootPath);
        Facts facts = HostCollector.Collect(root, image, context.Error, commandLine);
        RootNote.Tell(context, root, facts);
        MemoryOutlook outlook = facts.Of<MemoryOutlook>()[^1];
        Rule[] rules = [new HostNotReserved(), new HostReservationSmall { AsksWhereItIsTight = true }, new ImageUnreadable()];
        Verdict verdict = context.Said(Verdict.From(facts, rules).For(DumpTools.Of(facts)), json);
        RootNote.Refuse(root, facts, verdict);
        if (json)
            HostMemoryReport.Json(context.Output, outlook, verdict);
        else
            HostMemoryReport.Text(context.Output, root, outlook, verdict, context.Terminal);
        return RootNote.Exit(context, verdict, root);
    }
}
