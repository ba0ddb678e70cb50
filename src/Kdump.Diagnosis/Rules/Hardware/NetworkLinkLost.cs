using System.Globalization;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// A network link went down, and right after it storage on the network stopped answering. A link that goes is no trouble by itself, and
/// behind which interface the storage is no line tells: time alone joins them.
/// </summary>
public sealed class NetworkLinkLost : Rule
{
    /// <summary>
    /// Seconds from a link that is back to the storage's complaint: the ping of iSCSI takes 5 s and waits 5 s for the answer, TCP needs
    /// longer to send anew; and as long as the link stays away, the time-out of an NFS request.
    /// </summary>
    private const double AfterBack = 30, WhileAway = 300;

    /// <summary>Seconds from the sleep of a machine in which its links go and come.</summary>
    private const double Asleep = 60;

    /// <summary>Lines, where there are no times.</summary>
    private const int Near = 12;

    private const int MaxQuoted = 4;

    public override string Id => "network-link-lost";

    private const string Look = "Check the cable, the transceiver and the switch's port; then the counters of the interface";

    public override Entry Entry => new(Id, "a network link went down just before storage on the network stopped answering")
    {
        Area = Area.Hardware,
        Signature = ["eth1: NIC Link is Down, then connection1:0: detected conn error (1022)",
            "eth0: Link is Down, then nfs: server … not responding"],
        Cause = "The storage's server does not answer because the way to it is gone: the cable or transceiver, the switch's port, " +
            "or the other end that restarted.",
        Fixes = [new(Look, "ethtool -S INTERFACE; ip -s link show INTERFACE")],
        Origin = "drivers/net/phy/phy.c phy_print_status(), the drivers in drivers/net/ethernet; drivers/scsi/libiscsi.c " +
            "iscsi_check_transport_timeouts(); net/sunrpc/clnt.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // One boot of one log has at most a few hundred; a hostile one has thousands of boots.
        ILookup<(Boot?, string), NetworkLink> all = facts.Of<NetworkLink>().ToLookup(l => (l.Boot, l.Source.Input));
        if (all.Count == 0)
            yield break;
        var told = new List<(NetworkLink Link, Source Trouble, FindingRef Key)>();
        foreach ((Fact trouble, FindingRef key) in Troubles(facts))
        {
            NetworkLink[] links = [.. all[(trouble.Boot, trouble.Source.Input)]];
            if (Before(trouble, links) is { } link && !Excused(link, trouble, key, links, facts))
                told.Add((link, trouble.Source, key));
        }
        foreach (var one in told.GroupBy(t => (t.Link.Boot, t.Link.Interface)))
        {
            (NetworkLink link, Source first, _) = one.MinBy(t => t.Trouble.Order);
            string when = Seconds(link.Source, first) is { } seconds
                ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(seconds)):0} s before") : "just before";
            yield return new Finding(Id, $"the network link of {link.Interface} went down {when} storage on the network stopped answering",
                Severity.Warning, 0.8, "That its server does not answer may have no other reason than this: cable, transceiver, the " +
                    "switch's port, or the other end that restarted. Whether the storage is reached over this interface no line tells.")
            {
                Subject = link.Interface,
                Evidence = [.. all[(link.Boot, link.Source.Input)].Where(l => l.Interface == link.Interface).Select(l => l.Source)
                    .Concat(one.Select(t => t.Trouble)).DistinctBy(s => s.Line).OrderBy(s => s.Order).Take(MaxQuoted)],
                Explains = [.. one.Select(t => t.Key).Distinct()],
                CausedBy = ["nic-link-flaps", "nic-firmware-failed", "nic-transmit-stuck", "pcie-link-lost"],
                Fixes =
                [
                    new Fix(Look, $"ethtool -S {link.Interface}; ip -s link show {link.Interface}"),
                    new Fix("See over which interface the storage is reached", "ip route get ADDRESS"),
                ],
            };
        }
    }

    private static IEnumerable<(Fact, FindingRef)> Troubles(Facts facts)
    {
        foreach (FamilySeen seen in facts.Of<FamilySeen>().Where(s => ReferenceEquals(s.Family, NetworkStorageFamilies.Silent)))
            yield return (seen, new(seen.Family.Id, seen.Object.Length == 0 ? null : seen.Object));
        foreach (DeviceSaid said in facts.Of<DeviceSaid>().Where(s => s.Family == StorageControllers.FabricLost && !s.Overcome &&
            (s.Device.StartsWith("session", StringComparison.Ordinal) || s.Device.StartsWith("connection", StringComparison.Ordinal))))
            yield return (said, new(said.Family.Id, said.Device));
    }

    /// <summary>The last link that went down before, if it was not back for long.</summary>
    /// <param name="links">Those of the trouble's log and boot.</param>
    private static NetworkLink? Before(Fact trouble, NetworkLink[] links)
    {
        HashSet<string> slaves = [.. links.Where(l => l.Slave).Select(l => l.Interface)];
        NetworkLink? down = links.Where(l => !l.Up && !slaves.Contains(l.Interface) && IsBefore(l, trouble)).MaxBy(l => l.Source.Order);
        if (down is null)
            return null;
        NetworkLink? back = links.Where(l => l.Up && l.Interface == down.Interface && IsBefore(l, trouble) &&
            l.Source.Order > down.Source.Order).MaxBy(l => l.Source.Order);
        if (Seconds((back ?? down).Source, trouble.Source) is { } seconds)
            return seconds <= (back is null ? WhileAway : AfterBack) ? down : null;
        return trouble.Source.Order - down.Source.Order <= Near ? down : null;
    }

    /// <summary>
    /// The link was no loss: it had never been up in this boot, another interface took over, the machine slept or stopped, or the storage
    /// came back without it.
    /// </summary>
    private static bool Excused(NetworkLink down, Fact trouble, FindingRef key, NetworkLink[] links, Facts facts)
    {
        bool SameLog(Fact f) => f.Boot == down.Boot && f.Source.Input == down.Source.Input;
        NetworkLink[] up = [.. links.Where(l => l.Up)], own = [.. up.Where(l => l.Interface == down.Interface)];
        NetworkLink? back = own.FirstOrDefault(l => l.Source.Order > down.Source.Order);
        return (down.Boot?.Release is not null && !own.Any(l => l.Source.Order < down.Source.Order)) ||
            up.Except(own).Any(l => l.Source.Order > down.Source.Order && IsBefore(l, trouble)) ||
            facts.Of<MachineStepped>().Any(s => SameLog(s) && s.Source.Order < trouble.Source.Order &&
                (Seconds(s.Source, down.Source) is not { } seconds || seconds < Asleep)) ||
            facts.Of<FamilyOvercome>().Any(o => SameLog(o) && o.Family.Id == key.Id && o.Source.Order > trouble.Source.Order &&
                (back is null || o.Source.Order < back.Source.Order));
    }

    private static bool IsBefore(NetworkLink link, Fact trouble) => link.Source.Order < trouble.Source.Order;

    private static double? Seconds(Source from, Source to) => from.Time is { } then && to.Time is { } now ? now - then : null;
}
