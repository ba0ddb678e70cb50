using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>PCI as text: findings, then the tree, the IOMMU groups and the decoded packets.</summary>
internal static class PciText
{
    public static void Write(Context context, Facts facts, Verdict verdict)
    {
        TextWriter output = context.Output;
        new VerdictText(output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(verdict);
        Words words = context.Terminal.Words;
        Tree(output, new PciTree(facts.Of<LspciFunction>()), words);
        Groups(output, facts, words);
        Packets(output, facts, words);
    }

    private static void Tree(TextWriter output, PciTree tree, Words words)
    {
        if (tree.All.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"# {words.Of("PCI tree")}");
        foreach ((int depth, LspciFunction f) in tree.Walk())
            output.WriteLine(Printable.Escape(
                $"{new string(' ', Math.Min(depth, 16) * 2)}{f.Address} " +
                $"{f.Class}{Named(f)}{Traits(f)}"));
    }

    private static string Named(LspciFunction f)
    {
        if (f.Name.Length > 0)
            return ": " + f.Name;
        return f.Ids is null ? "" : ": " + f.Ids;
    }

    private static string Traits(LspciFunction f)
    {
        var traits = new List<string>();
        if (f.Driver is not null)
            traits.Add(f.Driver);
        if (f.PortType is not null)
            traits.Add(f.PortType);
        if (f.Link is { Width: > 0 } link)
            traits.Add($"{link.Speed} x{link.Width}{(f.LinkCan is { } can && can != link ? $" of {can.Speed} x{can.Width}" : "")}");
        if (f.BusMaster is false)
            traits.Add("no bus mastering");
        if (f.MsiX is { } vectors)
            traits.Add($"MSI-X {vectors}{(f.MsiXEnabled ? "" : " off")}");
        else if (f.Msi is { } messages)
            traits.Add($"MSI {messages}{(f.MsiEnabled ? "" : " off")}");
        if (f.HasAer)
            traits.Add($"AER{Errors(f)}");
        if (f.ShowsExtended && f.IsBridge)
            traits.Add(f.AcsCan switch
            {
                null => "no ACS",
                _ when f.AcsDoes?.Contains("SrcValid+", StringComparison.Ordinal) == true => "ACS on",
                _ => "ACS off",
            });
        if (f.Ari)
            traits.Add("ARI");
        if (f.Sriov is { } s)
            traits.Add(s.Enabled
                ? $"SR-IOV {s.Active} of {s.Total} VFs: {string.Join(' ', s.Functions(f.Address).Take(4))}{(s.Active > 4 ? " …" : "")}"
                : $"SR-IOV up to {s.Total} VFs");
        if (f.Numa is { } node)
            traits.Add($"node {node}");
        if (f.Group is { } group)
            traits.Add($"group {group}");
        return traits.Count == 0 ? "" : $"  [{string.Join("; ", traits)}]";
    }

    private static string Errors(LspciFunction f)
    {
        string[] names = [.. AerBits.Names(f.UeStatus & ~f.UeMask, correctable: false),
            .. AerBits.Names(f.CeStatus & ~f.CeMask, correctable: true)];
        return names.Length == 0 ? "" : $" has seen {string.Join(", ", names)}";
    }

    private static void Groups(TextWriter output, Facts facts, Words words)
    {
        var groups = facts.Of<IommuGroupMember>().GroupBy(m => m.Group).OrderBy(g => g.Key).ToArray();
        if (groups.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine($"# {words.Of("IOMMU groups")}");
        foreach (var group in groups)
            output.WriteLine($"{group.Key}: {string.Join(' ', group.Select(m => m.Device).Distinct().Order())}");
    }

    private static void Packets(TextWriter output, Facts facts, Words words)
    {
        var heads = facts.Of<AerError>().Where(e => e.Header is not null).Select(e => (e.Device, e.Header!))
            .Concat(facts.Of<LspciFunction>().Where(f => f.UeStatus != 0 && f.HeaderLog is not null)
                .Select(f => (f.Address, Aer.HeaderOf(f.HeaderLog!)!)).Where(h => h.Item2 is not null)).ToArray();
        if (heads.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine($"# {words.Of("packets (TLP headers)")}");
        foreach ((PciAddress device, Tlp header) in heads)
            output.WriteLine($"{device}: {header}");
    }
}
