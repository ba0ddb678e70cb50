using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Hardware;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt pci [FILE|-]</c>: decodes AER reports, TLP headers, IOMMU faults and groups, lspci text and config space.</summary>
internal static class PciCommand
{
    private static readonly Rule[] Rules =
        [new IommuEnabledByDefault(), new AcsMissing(), new IommuGroupFailed(), new IommuFault(), new AerUncorrectable(),
        new AerCorrected(), new VfNotRecovered(), new PcieLinkDegraded(), new PciDeviceTrouble()];

    private const string Wanted = "lspci text or a line of a kernel log";

    public static Command Build(Context context)
    {
        var file = new Argument<string>(
            "file") { Description = "lspci text (-nn, -vvv, -t, -xxxx), a kernel log, or both in one file; - is standard input",
            DefaultValueFactory = _ => "-" };
        var json = new Option<bool>("--json") { Description = "Print devices, faults and verdict as JSON" };
        var config = new Option<bool>("--config") { Description = "Decode dumps of config space and print them as lspci -vvv -n does" };
        var command = new Command("pci",
            "Decode PCI: device tree, capabilities, links, AER and IOMMU faults, IOMMU groups.\n\nExample: lspci -vvv | kdt pci") { file,
                json,
            config };
        command.SetAction(parsed => Decode(context, parsed.GetValue(file)!, parsed.GetValue(json), parsed.GetValue(config)));
        return command;
    }

    private static int Decode(Context context, string path, bool json, bool config)
    {
        var facts = new Facts { Boot = new Boot(path, 0) };
        var lspci = new Lspci { KeepConfigText = config };
        TextInput input = TextInput.Read(path, context, facts,
            [new Dmesg(), new Aer(), new Dmar(), new AmdVi(), new IommuGroups(), new PciTroubles(), new VirtualFunctions(), lspci,
            new LspciTree()]);
        // A drawing names functions, and is worth showing.
        if (!input.Recognised && facts.Any<LspciFunction>())
        {
            facts.Add(new KindRead(new Source(input.Name, ""), "lspci -t"));
            input = input with { Taken = facts.Of<LspciFunction>().Count, Records = 1 };
        }
        if (config)
        {
            foreach (string line in lspci.ConfigText)
                context.Output.WriteLine(Printable.Escape(line.Replace("\t", "        ", StringComparison.Ordinal)));
            return input.TellNone(context, lspci.ConfigText.Count, "a dump of config space (lspci -xxxx, as root)");
        }
        Verdict verdict = input.Judge(facts, Rules, Wanted, "a PCI or IOMMU error",
            "the whole log (journalctl -k -b; of the boot before: -b -1), and lspci -vvv -nn as root");
        if (verdict.Findings.Count == 0 && facts.Of<LspciFunction>() is { Count: > 0 } shown && !shown.Any(f => f.ShowsState))
            verdict = verdict.Asking(new Unknown(
                $"whether a device or a link reports an error: {Counted.Of(shown.Count, "function")}, and none with its registers",
                "lspci -vvv -nn as root"));
        verdict = context.Said(verdict, json);
        if (json)
            PciJson.Write(context.Output, facts, verdict);
        else if (input.Recognised)
            PciText.Write(context, facts, verdict);
        return input.Tell(context, verdict, Wanted);
    }
}
