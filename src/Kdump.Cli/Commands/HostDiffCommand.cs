using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Compare;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Cases;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host diff A B</c>: the differences between a good and a bad machine, ranked.</summary>
internal static class HostDiffCommand
{
    public static Command Build(Context context)
    {
        var a = new Argument<string>(
            "a") { Description =
                "A folder or archive of a machine's files (kdt host collect, a sosreport), or a single file of one machine" };
        var b = new Argument<string>("b") { Description = "The same of another machine" };
        Option<string?> page = PageOption.Of();
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var command = new Command("diff",
            "List the differences between two machines, most important first: PCI, ACS, IOMMU groups, firmware, kernel, " +
                "parameters.\n\nExample: kdt host diff good/ bad/") { a, b, page, json };
        command.SetAction(parsed => Diff(context, parsed.GetValue(a)!, parsed.GetValue(b)!, parsed.GetValue(page), parsed.GetValue(json)));
        return command;
    }

    private static int Diff(Context context, string a, string b, string? page, bool json)
    {
        if (a is not ("-" or "") && b.Length > 0 && Path.GetFullPath(a).TrimEnd('/') == Path.GetFullPath(b).TrimEnd('/'))
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(a)}: given twice; give two machines");
            return ExitCode.Failed;
        }
        string?[] foreign = [ForeignFolder(a), ForeignFolder(b)];
        if (foreign.Any(f => f is not null))
        {
            foreach (string told in foreign.OfType<string>())
                context.Error.WriteLine($"kdt: {Printable.Escape(told)}");
            return ExitCode.Failed;
        }
        Case first, second;
        using (new ReadingProgress(context))
            (first, second) = (Case.Read([a], context.Input), Case.Read([b], context.Input));
        CaseInput[] missing = [.. first.Inputs.Concat(second.Inputs).Where(i => i.Unreadable || i.Partial)];
        foreach (CaseInput input in missing)
            context.Error.WriteLine($"kdt: {Printable.Escape(input.Path)}: {Printable.Escape(input.Note ?? "unreadable")}");
        bool nothing = false;
        foreach ((string path, Case side) in new[] { (a, first), (b, second) })
        {
            if (side.Facts.All.Any(f => f is not (PartlyRead or KindRead)) || side.Inputs.All(i => i.Unreadable))
                continue;
            context.Error.WriteLine($"kdt: {Printable.Escape(path)}: it contains nothing about a machine");
            nothing = true;
        }
        if (nothing || first.Inputs.All(i => i.Unreadable) || second.Inputs.All(i => i.Unreadable))
            return ExitCode.Failed;
        IReadOnlyList<MachineDifference> differences = MachineDiff.Between(first.Facts, second.Facts);
        (bool Both, string What, string? Takes)[] compared = [.. Compared(first.Facts, second.Facts)];
        string[] seen = [.. compared.Where(c => c.Both).Select(c => c.What)],
            unseen = [.. compared.Where(c => !c.Both && c.Takes is not null).Select(c => $"{c.What} ({c.Takes})")];
        Words words = context.Terminal.Words;
        string[] lacking = [.. compared.Where(c => !c.Both && c.Takes is not null)
            .Select(c => $"{words.Of(c.What)} ({words.Of(c.Takes!)})")];
        if (differences.Count == 0 && seen.Length == 0)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(a)} and {Printable.Escape(b)} have nothing that could be compared: " +
                $"not in both: {string.Join("; ", unseen)}");
            return ExitCode.Failed;
        }
        bool paged = PageOption.Write(context, page, html => HostDiffHtml.Write(html, a, b, differences, lacking, words));
        if (json && !paged)
            WriteJson(context.Output, a, b, differences, unseen);
        else if (!paged)
            WriteText(context, a, b, differences, [.. seen.Select(words.Of)], lacking);
        return missing.Length > 0 ? ExitCode.Failed : ExitCode.Fine;
    }

    /// <summary>
    /// Why a folder is refused before it is read: it is no machine's, and has more files than anybody gathers of one by hand.
    /// </summary>
    private static string? ForeignFolder(string path)
    {
        const int most = 500;
        if (path == "-" || !Directory.Exists(path) || CollectedMachine.Is(new FolderTree(path)))
            return null;
        int files = Directory.EnumerateFiles(path, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, MaxRecursionDepth = 16, IgnoreInaccessible = true,
        }).Take(most + 1).Count();
        return files <= most ? null
            : $"{path}: more than {most} files, and not the files of a machine: give a folder of kdt host collect, or a sosreport";
    }

    /// <summary>What makes machines differ: whether both show it, and what it takes.</summary>
    private static IEnumerable<(bool Both, string What, string? Takes)> Compared(Facts a, Facts b)
    {
        IReadOnlyList<LspciFunction> ours = a.Of<LspciFunction>(), theirs = b.Of<LspciFunction>();
        bool functions = ours.Count > 0 && theirs.Count > 0;
        yield return functions ? (true, $"{Counted.Of(ours.Count, "PCI function")} and {theirs.Count}", null)
            : (false, "PCI devices", "lspci -vvv -nn of both");
        if (functions && !(ours.Any(f => f.ShowsExtended) && theirs.Any(f => f.ShowsExtended)))
            yield return (false, "ACS, AER, SR-IOV", "extended configuration space of both: kdt host collect or lspci -vvv as root");
        yield return (a.Any<IommuGroupMember>() && b.Any<IommuGroupMember>(), "IOMMU groups",
            "a collection, or dmesg of both from boot on, with the IOMMU switched on");
        yield return (a.Any<KernelCommandLine>() && b.Any<KernelCommandLine>(), "kernel command lines", "dmesg or /proc/cmdline of both");
        yield return (a.Any<KernelConfigSeen>() && b.Any<KernelConfigSeen>(), "kernel configs", "/boot/config-* of both");
        yield return (a.Any<MachineKernel>() && b.Any<MachineKernel>(), "kernel releases", null);
    }

    private static void WriteText(Context context, string a, string b, IReadOnlyList<MachineDifference> differences,
        string[] seen, string[] unseen)
    {
        TextWriter output = context.Output;
        Words words = context.Terminal.Words;
        output.WriteLine(Printable.Escape($"A = {a}, B = {b}"));
        if (differences.Count == 0)
            output.WriteLine(words.Of($"no difference in what could be compared: {string.Join(", ", seen)}"));
        foreach (MachineDifference d in differences)
        {
            output.WriteLine(Printable.Escape(
                $"[{d.Area}] {d.Subject}: {(d.A.Length == 0 ? words.Of("absent") : d.A)} -> " +
                (d.B.Length == 0 ? words.Of("absent") : d.B)));
            if (d.Why.Length > 0)
                output.WriteLine("    " + words.Of(d.Why));
        }
        foreach (string missing in unseen)
            output.WriteLine(words.Of($"not compared: {missing}"));
    }

    private static void WriteJson(TextWriter output, string a, string b, IReadOnlyList<MachineDifference> differences, string[] unseen) =>
        JsonText.Write(output, "kdt.host.diff/1", json =>
    {
        json.WriteString("a", a);
        json.WriteString("b", b);
        json.WriteStartArray("differences");
        foreach (MachineDifference d in differences)
        {
            json.WriteStartObject();
            json.WriteString("area", d.Area);
            json.WriteNumber("weight", d.Weight);
            json.WriteString("subject", d.Subject);
            json.WriteString("a", d.A);
            json.WriteString("b", d.B);
            json.WriteString("why", d.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("notCompared");
        foreach (string missing in unseen)
            json.WriteStringValue(missing);
        json.WriteEndArray();
    });
}
