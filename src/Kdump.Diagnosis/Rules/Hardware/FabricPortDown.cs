using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Ports of InfiniBand adapters that are not active, as listed by ibstat and similar tools.</summary>
public sealed class FabricPortDown : Rule
{
    private const int MostTold = 8;

    public override string Id => "fabric-port-down";

    public override Entry Entry => new("fabric-port-down", "a port of an InfiniBand adapter is not active")
    {
        Area = Area.Hardware,
        Signature = ["State: Down", "Physical state: Polling", "state: PORT_DOWN (1)", "state: PORT_INIT (2)"],
        Cause = "The physical state shows the reason: \"polling\" means no signal from the other end, \"disabled\" means switched off; " +
            "a link that is up but not active lacks a subnet manager.",
        Fixes = [new("Check the state of the port and of the other end", "ibstat; mlxlink -d mlx5_0; iblinkinfo")],
        Origin = "InfiniBand Architecture Specification 14.2.5.6 PortInfo; rdma-core infiniband-diags/ibstat.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        FabricPort[] all = [.. facts.Of<FabricPort>()];
        foreach (var kind in all.Where(p => p.State != "active").GroupBy(p => (Family: FamilyOf(p), p.Ethernet))
            .OrderBy(k => k.Key.Family, StringComparer.Ordinal))
        {
            FabricPort[] ports = [.. kind];
            int others = all.Count(p => p.State == "active" && p.Ethernet == kind.Key.Ethernet);
            (string says, string why, Fix fix) = Of(kind.Key.Family, ports[0]);
            string names = string.Join(", ", ports.Take(MostTold).Select(Name)) +
                (ports.Length > MostTold ? $" and {ports.Length - MostTold} more" : "");
            string title = ports.Length == 1 ? $"port {names} is {says}" : $"the ports {names} are {says}";
            yield return new Finding(Id, title,
                Severity.Warning, 0.85,
                why + (others > 0 ? $" {Counted.Of(others, "other port", "is", "are")} active: an unused port is not a problem." : ""))
            {
                Subject = ports.Length == 1 ? Name(ports[0]) : $"{kind.Key.Family}{(kind.Key.Ethernet ? " ethernet" : "")}",
                Fixes = [fix],
                Evidence = [.. ports.Take(MostTold).Select(p => p.Source)],
            };
        }
    }

    private static string Name(FabricPort p) => p.Port > 0 ? $"{p.Device}/{p.Port}" : p.Device;

    private static string FamilyOf(FabricPort p) => p.State switch
    {
        "init" or "initializing" => "init",
        "armed" => "armed",
        _ => p.Physical switch
        {
            "disabled" or "sleep" => "disabled",
            "polling" => "polling",
            "linkup" => "init",
            "portconfigurationtraining" or "training" => "training",
            "linkerrorrecovery" => "recovery",
            _ => "down",
        },
    };

    private static (string Says, string Why, Fix Fix) Of(string family, FabricPort port) => family switch
    {
        "init" or "armed" => ("physically up but not active: no subnet manager has configured it",
            "The cable works. A subnet manager (opensm, or that of a switch) must run in the fabric and reach this port.",
            new("Check whether a subnet manager answers, and start one", "sminfo; systemctl status opensm")),
        "disabled" => ("switched off (physical state disabled)",
            "A user, the driver or the firmware disabled the port: it does not search for the other end." +
                (port.Ethernet ? " For an Ethernet port: its interface is down." : ""),
            new(port.Ethernet ? "Bring its interface up" : "Enable it",
                port.Ethernet ? "rdma link; ip link set dev INTERFACE up" : $"ibportstate -C {port.Device} -D 0 {port.Port} enable")),
        "polling" => ("down: it gets no signal from the other end (physical state polling)",
            "No cable, a bad cable or transceiver, or the other end (switch port) is off or set to a different speed.",
            new("Check the module and the cable, then the switch port at the other end", $"mlxlink -d {port.Device} -m")),
        "training" => ("down: the two ends do not agree on a speed (training)",
            "Both ends send but do not agree: a bad cable, or a different speed or error correction (FEC) at the other end.",
            new("Compare the speeds and FEC of both ends; replace the cable", $"mlxlink -d {port.Device} -m -e")),
        "recovery" => ("repeatedly losing its link (link error recovery)",
            "The link was up but has so many errors that it is retrained: cable, transceiver, or contacts.",
            new("Replace the cable or transceiver; look at its error counters",
                $"perfquery -C {port.Device}; mlxlink -d {port.Device} -c")),
        _ => ("down", "The listing does not show its physical state.", new("See its physical state", $"ibstat {port.Device}")),
    };
}
