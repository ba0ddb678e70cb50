using System.Net;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Compares the network settings in the image with the machine's cards, addresses and profiles as they are now.</summary>
internal static class HostNetwork
{
    public static void Collect(MachineTree root, KdumpTools tools, Facts facts)
    {
        DumpTarget? target = facts.Of<DumpTarget>().FirstOrDefault(t => t.IsRemote);
        // kdump-tools dumps from the machine's root, which brings its network up as always.
        if (target is null || tools is not (KdumpTools.RedHat or KdumpTools.Suse) || !facts.Any<ImageSummary>() || facts.Any<ImageDamage>())
            return;
        ImageAddress[] ways = [.. facts.Of<ImageAddress>()];
        Source image = facts.Of<ImageSummary>().First().Source;
        if (ways.Length == 0)
        {
            facts.Add(new ImageNetworkProblem(target.Source, image, NetworkFault.None,
                $"the dump goes to {target.Spec}, and nothing in the image brings the network up"));
            return;
        }
        string[] cards = [.. root.List("/sys/class/net")];
        HashSet<string> macs = [.. cards.Select(c => root.Text($"/sys/class/net/{c}/address") ?? "").Where(m => m.Length > 0)
            .Select(m => m.ToUpperInvariant())];
        HashSet<string> addresses = Addresses(root, out Source? local);
        foreach (ImageAddress way in ways)
        {
            if (way.Mac.Length > 0 && macs.Count > 0 && !macs.Contains(way.Mac.Trim('"').ToUpperInvariant()))
                facts.Add(new ImageNetworkProblem(way.Source, new Source(root.Shown("/sys/class/net"), string.Join(", ", macs.Take(8))),
                    NetworkFault.CardGone, $"the image waits for the network card {way.Mac}, which this machine has not"));
            else if (way.Address.Length > 0 && local is not null && IPAddress.TryParse(way.Address, out _) &&
                !addresses.Contains(way.Address))
                facts.Add(new ImageNetworkProblem(way.Source, local, NetworkFault.AddressOther,
                    $"the image sets the address {way.Address}, which this machine has not"));
            else if (way.Asks && way.Interface.Length + way.Mac.Length > 0 && Static(root, Card(root, cards, way)) is { } profile)
                facts.Add(new ImageNetworkProblem(way.Source, profile, NetworkFault.AsksWhereStatic,
                    $"the image asks for an address by DHCP on {(way.Interface.Length > 0 ? way.Interface : way.Mac)}, " +
                        "and the machine has its address written down"));
        }
    }

    private static string Card(MachineTree root, string[] cards, ImageAddress way) =>
        way.Mac.Length == 0 ? way.Interface
        : cards.FirstOrDefault(c => string.Equals(root.Text($"/sys/class/net/{c}/address"), way.Mac, StringComparison.OrdinalIgnoreCase))
            ?? way.Interface;

    /// <summary>/proc/net/fib_trie (net/ipv4/fib_trie.c): <c>|-- 192.0.2.7</c>, and below it <c>/32 host LOCAL</c>.</summary>
    internal static HashSet<string> Addresses(MachineTree root, out Source? source)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        string last = "";
        source = null;
        int number = 0;
        foreach (string line in (root.Text("/proc/net/fib_trie") ?? "").Split('\n').Take(200_000))
        {
            number++;
            if (line.IndexOf("|-- ", StringComparison.Ordinal) is >= 0 and var at)
                last = line[(at + 4)..].Trim();
            else if (line.Contains("/32 host LOCAL", StringComparison.Ordinal) && !last.StartsWith("127.", StringComparison.Ordinal) &&
                found.Add(last))
                source ??= Source.Of(root.Shown("/proc/net/fib_trie"), $"{last} {line.Trim()}", number);
        }
        return found;
    }

    /// <summary>A profile of the machine that gives an interface its address by hand.</summary>
    private static Source? Static(MachineTree root, string card)
    {
        const string profiles = "/etc/NetworkManager/system-connections";
        if (card.Length == 0)
            return null;
        foreach (string name in root.List(profiles))
        {
            string[] lines = [.. (root.Text($"{profiles}/{name}") ?? "").Split('\n').Select(l => l.Trim())];
            if (lines.Contains("interface-name=" + card) && lines.Contains("method=manual") &&
                Array.FindIndex(lines, l => l.StartsWith("address1=", StringComparison.Ordinal)) is >= 0 and var at)
                return Source.Of(root.Shown($"{profiles}/{name}"), lines[at], at + 1);
        }
        foreach (string path in new[] { $"/etc/sysconfig/network-scripts/ifcfg-{card}", $"/etc/sysconfig/network/ifcfg-{card}" })
        {
            string[] lines = (root.Text(path) ?? "").Split('\n');
            int protocol = Array.FindIndex(lines, l => l.StartsWith("BOOTPROTO=", StringComparison.Ordinal) &&
                l["BOOTPROTO=".Length..].Trim().Trim('"', '\'') is "none" or "static");
            if (protocol >= 0 && lines.Any(l => l.StartsWith("IPADDR", StringComparison.Ordinal)))
                return Source.Of(root.Shown(path), lines[protocol], protocol + 1);
        }
        return null;
    }
}
