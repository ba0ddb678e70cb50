using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Formats.Bytes;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host history</c>: whether a dump was ever written here, how the last runs ended, and what changed since.</summary>
internal static class HostHistoryCommand
{
    public static Command Build(Context context)
    {
        Option<string> root = RootOption.Machine();
        var json = new Option<bool>("--json") { Description = "Print the history as JSON" };
        var command = new Command("history",
            "Show whether kdump ever worked here: dumps that were written, how the last runs ended, what changed since the last dump.\n\n" +
            "Example: kdt host history") { root, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string rootPath, bool json)
    {
        MachineTree root = RootArgument.Open(rootPath);
        var facts = new Facts();
        ImageMachine.Kernel(root, facts);
        HostSetup.Collect(root, facts);
        HostHistory.Collect(root, facts);
        if (!facts.Any<HistorySeen>())
            throw new InputException(rootPath, "/var/crash, /var/log/wtmp", -1, "do not exist: there is no record of earlier runs");
        RootNote.Tell(context, root, facts);
        Rule[] rules = [new HostEndedWithoutDump(), new HostLastDumpLost(), new HostNeverTested()];
        Verdict verdict = context.Said(Verdict.From(facts, rules).For(DumpTools.Of(facts)), json);
        if (json)
            HostHistoryReport.Json(context.Output, root, facts, verdict);
        else
            HostHistoryReport.Text(context.Output, root, facts, verdict, context.Terminal);
        return RootNote.Exit(context, verdict, root);
    }
}
