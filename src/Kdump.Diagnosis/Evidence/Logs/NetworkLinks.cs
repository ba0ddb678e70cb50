using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>The link of a network interface came or went.</summary>
/// <param name="Interface">As the line names it: <c>eth1</c>.</param>
public sealed record NetworkLink(Source Source, string Interface, bool Up) : Fact(Source)
{
    /// <summary>It is one of several below a bond, which works as long as one of them does.</summary>
    public bool Slave { get; init; }
}

/// <summary>
/// Links of network interfaces, in the words of phylib (drivers/net/phy/phy.c phy_print_status()), of mii.c, of bonding and of the drivers
/// that print their own. A link that goes is ordinary (a cable was pulled, a switch restarts); what it does to others is a rule's matter.
/// </summary>
public sealed class NetworkLinks : LineParser
{
    private const int MaxKept = 512;

    /// <summary>bonding: <c>bond0: (slave eth1): link status definitely down</c>; until 4.20 <c>… down for interface eth1, …</c>.</summary>
    private const string OfSlave = "link status definitely ", ForInterface = " for interface ";

    private static readonly (string Words, bool Up)[] Wordings =
    [
        ("Link is Down", false), ("Link is Up", true),
        ("Link is down", false), ("Link is up", true), ("link is down", false), ("link is up", true),
        ("link down", false), ("link up", true), ("Link down", false), ("Link up", true),
        (OfSlave + "down", false), (OfSlave + "up", true), ("now running without any active interface", false),
        ("active interface up!", true),
        ("Lost carrier", false), ("Gained carrier", true), ("lost carrier", false), ("carrier lost", false),
    ];

    private int kept;
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
        ["Link is ", "link is ", "link down", "link up", "Link down", "Link up", OfSlave, "active interface", "arrier"];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
            (boot, kept) = (facts.Boot, 0);
        ReadOnlySpan<char> message = line.Kernel.Message;
        foreach ((string words, bool up) in Wordings)
        {
            int at = message.IndexOf(words, StringComparison.Ordinal);
            if (at <= 0 || InterfaceBefore(message[..at]) is not { } name)
                continue;
            bool slave = words.StartsWith(OfSlave, StringComparison.Ordinal);
            if (slave && message.IndexOf(ForInterface, StringComparison.Ordinal) is > 0 and var named)
            {
                ReadOnlySpan<char> rest = message[(named + ForInterface.Length)..];
                name = rest[..(rest.IndexOfAny(", ") is >= 0 and var end ? end : rest.Length)].ToString();
            }
            if (kept++ < MaxKept)
                facts.Add(new NetworkLink(line.ToSource(), name, up) { Slave = slave });
            // Others read the line, too: a link that flaps is a finding of its own.
            return false;
        }
        return false;
    }

    public override void End(Facts facts) => (boot, kept) = (null, 0);

    /// <summary>Beginnings of the names that the kernel and systemd give to interfaces, behind which digits stand.</summary>
    private static readonly string[] Kinds =
        ["eth", "en", "em", "ib", "wl", "bond", "team", "p1p", "p2p", "p3p", "p4p", "p5p", "p6p", "nic", "usb", "sfp", "end"];

    /// <summary><c>… 0000:02:00.0 eth0: </c>, <c>e1000e: eth1 </c>, <c>bond0: (slave eth1): </c>: the last word, if it names an
    /// interface.</summary>
    private static string? InterfaceBefore(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(" :)]");
        foreach (string kind in (ReadOnlySpan<string>)[" Copper", " NIC"])
        {
            if (before.EndsWith(kind, StringComparison.Ordinal))
                before = before[..^kind.Length].TrimEnd(" :)]");
        }
        int start = before.Length;
        while (start > 0 && (char.IsAsciiLetterOrDigit(before[start - 1]) || before[start - 1] is '-' or '.'))
            start--;
        ReadOnlySpan<char> word = before[start..];
        if (word.Length is < 3 or > 15 || !word.ContainsAnyInRange('0', '9'))
            return null;
        foreach (string kind in Kinds)
        {
            if (word.StartsWith(kind, StringComparison.Ordinal))
                return word.ToString();
        }
        return null;
    }
}
