using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Diagnosis.Vectors;
using Kdump.Formats.Bytes;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary>
/// <c>kdt host vectors</c>: whether every driver of the crash kernel gets its interrupt vectors, and how many CPUs that requires.
/// </summary>
internal static class HostVectorsCommand
{
    public static Command Build(Context context)
    {
        Option<string> root = RootOption.Machine();
        var image = new Option<string?>("--image") { Description = "Take the drivers from this kdump image instead of the machine's own" };
        var cpus = new Option<string>("--cpus") { Description = "CPU counts to evaluate", DefaultValueFactory = _ => "1,2,4" };
        var line = new Option<string?>("--cmdline") { Description =
            "Use this command line for the crash kernel instead of the configured one" };
        var embed = new Option<string?>(
            "--embed") { Description = $"Write the forecast to this file (without one: {VectorPredictions.DefaultPath}), " +
                "to be put into the image: " +
                "kdump-probe compares it in the crash kernel",
            HelpName = "file", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> page = PageOption.Of();
        var json = new Option<bool>("--json") { Description = "Print the forecast as JSON" };
        var command = new Command("vectors",
            "Forecast the interrupt vectors of the crash kernel: needed and available for each number of CPUs, which driver fails first, " +
                "what to change.\n\nExample: kdt host vectors --cpus 1,2,4") { root, image, cpus, line, embed, page, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(cpus)!,
            parsed.GetValue(line),
            parsed.GetResult(embed) is null ? null : parsed.GetValue(embed) ?? VectorPredictions.DefaultPath, parsed.GetValue(page),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string rootPath, string? image, string cpuList, string? commandLine, string? embed,
        string? page, bool json)
    {
        MachineTree root = RootArgument.Open(rootPath);
        int[] cpus = Cpus(cpuList);
        Facts facts = HostCollector.Collect(root, image, context.Error, commandLine);
        if (facts.Of<VectorOutlook>() is not [.., var outlook])
            throw new InputException(rootPath, "/sys/bus/pci/devices", -1, "shows no PCI device");
        if (outlook.OtherArchitecture)
            return NoVectors(context, facts, outlook, rootPath, embed, page, json);
        RootNote.Tell(context, root, facts);
        Verdict verdict = context.Said(Verdict.From(facts, [new HostVectors(), new ImageUnreadable()]).For(DumpTools.Of(facts)), json);
        Words words = json ? context.Terminal.DataWords : context.Terminal.Words;
        VectorPlan[] plans = [.. cpus.Append(outlook.Forecast.Current.Cpus).Append(outlook.Forecast.Recommended ?? 1).Distinct().Order()
            .Select(outlook.Forecast.Plan)];
        if (embed is not null)
            Embed(embed, outlook, plans, context);
        if (PageOption.Write(context, page, html => HostVectorsHtml.Write(html, root.Name, outlook, plans, verdict, words)))
            return RootNote.Exit(context, verdict, root);
        if (json)
            HostVectorsJson.Write(context.Output, rootPath, outlook, plans, verdict);
        else
        {
            if (context.Terminal.Screen)
                Prose.Lines(context.Output, context.Terminal,
                    TextLines.Of(w => HostVectorsText.Write(w, outlook, plans, context.Terminal.Words)));
            else
                HostVectorsText.Write(context.Output, outlook, plans, context.Terminal.Words);
            new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(verdict);
        }
        return RootNote.Exit(context, verdict, root);
    }

    /// <summary>On other machines than x86 CPUs have no vectors to give away: what stands for them is told, and that nothing is
    /// forecast.</summary>
    private static int NoVectors(Context context, Facts facts, VectorOutlook outlook, string root, string? embed, string? page, bool json)
    {
        string machine = facts.Of<MachineArchitecture>() is [var known, ..] ? known.Name : "this machine";
        string says = $"{machine}: nothing to forecast. Interrupts are not given out per CPU here, so a crash kernel " +
            $"with few CPUs does not run out of them.{(machine == "aarch64" ? MessageInterrupts.Say(facts, outlook.Now) : "")}";
        if (embed is not null)
            throw new InputException(root, "--embed", -1, $"no forecast to write: {says}");
        if (PageOption.Write(context, page, html =>
        {
            PageFrame.Begin(html, says);
            PageFrame.Header(html, "kdt host vectors", says, [("machine", root), PageFrame.Today("checked")], findings: false);
            PageFrame.End(html);
        }))
            return ExitCode.Fine;
        if (json)
            JsonText.Write(context.Output, "kdt.host.vectors/1", w =>
            {
                w.WriteBoolean("applies", false);
                w.WriteString("reason", says);
            });
        else
            context.Output.WriteLine(says);
        return ExitCode.Fine;
    }

    private static int[] Cpus(string list)
    {
        var cpus = new List<int>();
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(64))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int n) || n is < 1 or > 8192)
                throw new InputException(list, "--cpus", -1, $"'{part}' is not a number of CPUs");
            cpus.Add(n);
        }
        return [.. cpus];
    }

    private static void Embed(string path, VectorOutlook outlook, VectorPlan[] plans, Context context)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            using var file = new StreamWriter(OutputFile.Open(path, "--embed"));
            foreach (string line in VectorPredictions.Lines(outlook, plans))
                file.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "--embed", -1, FileKind.WhyNotWritten(e, path), e);
        }
        context.Error.WriteLine(
            $"kdt: forecast written to {Printable.Escape(path)}; " +
                "rebuild the kdump image to include it (kdumpctl rebuild, or update-initramfs and kdump-config reload)");
    }
}
