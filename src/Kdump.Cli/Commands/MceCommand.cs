using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Mcelog;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Hardware;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt mce [FILE|-]</c>: decodes the machine checks in any text.</summary>
internal static class MceCommand
{
    private const string Wanted = "a line of a kernel log or a machine-check record";

    public static Command Build(Context context)
    {
        var file = new Argument<string>(
            "file") { Description =
                "A console log, dmesg, journal, mcelog or rasdaemon output, optionally followed by dmidecode output; - is standard input",
                    DefaultValueFactory = _ => "-" };
        var json = new Option<bool>("--json") { Description = "Print the events as JSON" };
        var mcelog = new Option<bool>(
            "--mcelog") { Description = "Print exactly what mcelog --ascii prints for the same input (UTC), including its known bugs" };
        var cpu = new Option<string?>("--cpu") { HelpName = "NAME",
            Description = "Processor to assume when a record names none, by mcelog's name (for example skylake_server)" };
        var intel = new Option<string?>("--intel-cpu") { HelpName = "FAMILY,MODEL",
            Description = "The same for an Intel processor by family and model, for example 6,85" };
        Option<double?> mhz = Numbers.Positive("--cpumhz", "With --mcelog: convert time stamps to uptime with this clock rate (MHz)");
        var raw = new Option<bool>("--raw") { Description = "With --mcelog: print raw fields without decoding them" };
        var core2 = new Option<bool>("--core2") { Hidden = true };
        var p4 = new Option<bool>("--p4") { Hidden = true };
        var k8 = new Option<bool>("--k8") { Hidden = true };
        var generic = new Option<bool>("--generic") { Hidden = true };
        var command = new Command("mce",
            "Decode machine checks: what failed, how bad it is, what to do.\n\nExample: dmesg | kdt mce") { file, json, mcelog, cpu, intel,
            mhz, raw, core2, p4, k8, generic };
        cpu.CompletionSources.Add(_ => CpuNames.All.Select(n => new CompletionItem(n)));
        command.Validators.Add(result =>
        {
            if (result.GetValue(cpu) is { } name && CpuNames.Find(name) is null)
                result.AddError($"--cpu {name}: unknown processor{Kdump.Kernel.Expressions.Nearest.Hint(name, CpuNames.All)}; " +
                    "use one of mcelog's names, for example " +
                    string.Join(", ", CpuNames.All.Where((_, i) => i % 6 == 0).Take(8)));
            if (result.GetValue(intel) is { } pair && CpuId.TryParseIntel(pair) is null)
                result.AddError($"--intel-cpu {pair}: expected FAMILY,MODEL of an Intel processor, for example 6,85");
        });
        command.SetAction(parsed =>
        {
            (Option<bool> Option, Cpu Cpu)[] named = [(core2, Cpu.Core2), (p4, Cpu.P4), (k8, Cpu.K8), (generic, Cpu.Generic)];
            Cpu? forced = null;
            if (parsed.GetValue(cpu) is { } name)
                forced = CpuNames.Find(name);
            else if (parsed.GetValue(intel) is { } pair)
                forced = CpuId.TryParseIntel(pair);
            else if (Array.Find(named, n => parsed.GetValue(n.Option)) is { Option: not null } chosen)
                forced = chosen.Cpu;
            string path = parsed.GetValue(file)!;
            // --raw and --cpumhz are options of mcelog's format, so they imply --mcelog.
            if (parsed.GetValue(mcelog) || parsed.GetValue(raw) || parsed.GetValue(mhz) is not null)
                return Mcelog(context, path, new(forced, parsed.GetValue(mhz), parsed.GetValue(raw)));
            return Decode(context, path, forced, parsed.GetValue(json));
        });
        return command;
    }

    private static readonly Rule[] Rules = [new MceFatal(), new MceUncorrected(), new DimmFailing(), new PoisonedPages(), new MceLeftOver(),
        new MceCorrected(), new MceFirmwareFirst(), new EdacDeviceFailing(), new CriticalTemperature(), new ProcessorTooHot()];

    private static int Decode(Context context, string path, Cpu? forced, bool json)
    {
        var facts = new Facts { Boot = new Boot(path, 0) };
        var neighbours = new Neighbours();
        TextInput input = TextInput.Read(path, context, facts,
            [new Dmesg(), neighbours, new RasDaemon(), new EdacCounts(), new Cper(), new Dmidecode()]);
        IReadOnlyList<MceGroup> groups = forced is null ? MceGroup.Of(facts) : MceGroup.From(facts.Of<MachineCheckSeen>(), forced);
        Verdict verdict = context.Said(input.Judge(facts, Rules, Wanted, "a machine check",
            "the whole log (journalctl -k -b; of the boot before: -b -1), or what mcelog or rasdaemon keep (ras-mc-ctl --errors)"), json);
        if (json)
            MceJson.Write(context.Output, groups, verdict);
        else
        {
            if (!input.Recognised && groups.Count == 0)
                return input.Tell(context, verdict, Wanted);
            if (context.Terminal.Screen)
                Prose.Lines(context.Output, context.Terminal,
                    TextLines.Of(w => MceText.Write(w, groups, facts, neighbours.Lines, context.Terminal.Words)));
            else
                MceText.Write(context.Output, groups, facts, neighbours.Lines, context.Terminal.Words);
            context.Output.WriteLine();
            new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(verdict);
        }
        return input.Tell(context, verdict, Wanted);
    }

    private static int Mcelog(Context context, string path, McelogOptions options)
    {
        using OpenInput input = TextInput.Open(path, context);
        using var reader = new StreamReader(input.Content, Encoding.UTF8);
        int records = McelogText.Write(reader, context.Output, options);
        // As mcelog does, print the text unchanged; but report an error when nothing was decoded or the input was not read to its end.
        if ((input.Note ?? (records == 0 ? "contains no machine check" : null)) is not { } missing)
            return ExitCode.Fine;
        context.Error.WriteLine($"kdt: {Printable.Escape(input.Name)}: {Printable.Escape(missing)}");
        return ExitCode.Failed;
    }

    /// <summary>The parser for machine checks; it also keeps the few lines before and after each record.</summary>
    private sealed class Neighbours : LineParser
    {
        private const int Before = 2, Behind = 4, Most = 200;

        private readonly MachineCheckLines lines = new();
        private readonly Queue<Source> passed = new();
        private int left;

        public List<Source> Lines { get; } = [];

        public override string Kind => lines.Kind;

        public override bool Line(in TextLine line, Facts facts)
        {
            bool taken = lines.Line(line, facts);
            if (taken)
            {
                while (passed.TryDequeue(out Source? before) && Lines.Count < Most)
                    Lines.Add(before);
                left = Behind;
            }
            else if (!line.Text.IsWhiteSpace())
            {
                if (left > 0 && Lines.Count < Most)
                {
                    left--;
                    Lines.Add(line.ToSource());
                }
                else
                    passed.Enqueue(line.ToSource());
                if (passed.Count > Before)
                    passed.Dequeue();
            }
            return taken;
        }

        public override void End(Facts facts) => lines.End(facts);
    }
}
