using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Formats.Bytes;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host check</c>: lists everything that would make the next dump fail, worst first.</summary>
internal static class HostCheckCommand
{
    public static Command Build(Context context)
    {
        Option<string> root = RootOption.Machine();
        var image = new Option<string?>("--image") { Description = "Check this kdump image instead of the machine's own" };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON" };
        var nagios = new Option<bool>("--nagios") { Description = "Print one line and exit as a monitoring plug-in does: 0, 1, 2, 3" };
        var prometheus = new Option<bool>("--prometheus") { Description = "Print metrics for node_exporter's textfile collector" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print every fix and all evidence, not only one of each" };
        Option<bool> quiet = AnswerOptions.Quiet();
        Option<string?> page = PageOption.Of();
        var command = new Command("check",
            "Check whether this machine would write a dump: reservation, crash kernel, image, command line, watchdog, panic settings. " +
                "Changes nothing.\n\nExample: kdt host check") { root, image, page, verbose, quiet, json, nagios, prometheus };
        command.SetAction(parsed =>
        {
            Form form = Asked(parsed);
            try
            {
                return Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(page), form);
            }
            catch (InputException e) when (form == Form.Nagios)
            {
                return HostCheckNagios.Unknown(context.Output, e.Message);
            }
        });
        return command;

        Form Asked(ParseResult parsed)
        {
            if (parsed.GetValue(json))
                return Form.Json;
            if (parsed.GetValue(nagios))
                return Form.Nagios;
            if (parsed.GetValue(prometheus))
                return Form.Prometheus;
            if (parsed.GetValue(quiet))
                return Form.Quiet;
            return parsed.GetValue(verbose) ? Form.Verbose : Form.Screen;
        }
    }

    private enum Form
    {
        Screen,
        Verbose,
        Quiet,
        Json,
        Nagios,
        Prometheus,
    }

    private static int Run(Context context, string rootPath, string? image, string? page, Form form)
    {
        MachineTree root = RootArgument.Open(rootPath);
        Facts facts = HostCollector.Collect(root, image, context.Error);
        RootNote.Tell(context, root, facts);
        bool data = form is Form.Json or Form.Nagios or Form.Prometheus;
        Words words = data ? context.Terminal.DataWords : context.Terminal.Words;
        Verdict verdict = context.Said(Verdict.From(facts, HostRuleBook.All).For(DumpTools.Of(facts)).WorstFirst(), data);
        if (form is not Form.Nagios)
            RootNote.Refuse(root, facts, verdict);
        // Only the page shows the tree of devices; the rules have judged without it.
        if (page is not null)
            CollectedMachine.Functions(root, facts);
        if (PageOption.Write(context, page, html => HostCheckHtml.Write(html, root, facts, verdict, words)))
            return RootNote.Exit(context, verdict, root);
        switch (form)
        {
            case Form.Json:
                HostCheckJson.Write(context.Output, root, facts, verdict);
                break;
            case Form.Nagios:
                return HostCheckNagios.Write(context.Output, facts, verdict);
            case Form.Prometheus:
                HostCheckMetrics.Write(context.Output, facts, verdict);
                break;
            case Form.Verbose:
                HostCheckText.Write(context.Output, root, facts, verdict, words);
                new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(verdict);
                break;
            case Form.Quiet:
                context.Output.WriteLine(Printable.Escape(verdict.Headline));
                break;
            case Form.Screen when context.Terminal.Screen:
                new VerdictScreen(context.Terminal, verdict, DumpTools.Of(facts)).Write(context.Output, [],
                    TextLines.Of(w => HostCheckText.Write(w, root, facts, verdict, words)));
                break;
            default:
                HostCheckText.Write(context.Output, root, facts, verdict, words);
                new ScreenText(context.Output, context.Terminal).Write(verdict);
                break;
        }
        return RootNote.Exit(context, verdict, root);
    }
}
