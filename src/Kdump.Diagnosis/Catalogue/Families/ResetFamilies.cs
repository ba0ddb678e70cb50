namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Programs that switch the machine off or restart it by intent, or no longer keep a watchdog from doing so. To its user the machine
/// "restarted by itself": there is no panic and no dump, and these lines are the only trace.
/// </summary>
internal static class ResetFamilies
{
    public static readonly Family HeatShutdown = new("heat-shutdown", "a program switched the machine off because of heat")
    {
        Area = Area.Hardware,
        In = Life.First,
        Severity = Severity.Critical,
        Cause = "A sensor read more than the limit that the program keeps. This is not a crash, so no dump is written.",
        Fixes = [new("Check fans, dust, heat sinks and thermal paste, and what loaded the machine; compare the sensor with its limit",
            "grep . /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/temp; journalctl -b -1 -u thermald")],
        Tellings =
        [
            new("thermald[{e}]: critical temp reached", "thermald saw the critical temperature and switches the machine off")
                { Subject = 0 },
            new("thermald: critical temp reached", "thermald saw the critical temperature and switches the machine off") { Subject = 0 },
        ],
        Origin = "thermal_daemon src/thd_trip_point.cpp; github.com/linux-surface/linux-surface/issues/333",
    };

    public static readonly Family SupplyEnded = new("supply-ended", "the supply failed and the UPS' battery ran down")
    {
        Area = Area.Hardware,
        In = Life.First,
        Severity = Severity.Critical,
        Cause = "The supply failed, and the battery of the UPS was nearly empty: the machine is switched off before it is.",
        Fixes = [new("See when the supply failed and how old the battery is", "apcaccess; upsc -l; journalctl -u apcupsd -u nut-monitor")],
        Tellings =
        [
            new("apcupsd[{e}]: Reached run time limit on batteries", "the UPS' battery ran down: apcupsd switches the machine off")
                { Subject = 0 },
            new("apcupsd[{e}]: Reached remaining time percentage limit on batteries",
                "the UPS' battery ran down: apcupsd switches the machine off") { Subject = 0 },
            new("apcupsd[{e}]: Battery power exhausted", "the UPS' battery ran down: apcupsd switches the machine off") { Subject = 0 },
            new("upsmon[{e}]: Executing automatic power-fail shutdown", "the UPS' battery ran down: upsmon switches the machine off")
                { Subject = 0 },
        ],
        Origin = "apcupsd src/action.c, NUT clients/upsmon.c",
    };

    private static readonly Fix[] Proxmox = [new("Read what corosync and the HA services said in the minutes before",
        "journalctl -b -1 -u corosync -u pve-cluster -u pve-ha-lrm -u pve-ha-crm -u watchdog-mux")];

    private const string Mux = "watchdog-mux stops feeding the watchdog when the HA services did not report for a minute: the node lost " +
        "the quorum (corosync's network), or its disk or load kept them from running. The reset follows within ten seconds, with no " +
        "panic " +
        "and no dump.";

    public static readonly Family NodeReset = new("node-reset", "a watchdog or the cluster restarts the machine")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Cause = "A program that guards the machine restarts it, or lets its watchdog do so. The kernel is not asked and writes no dump.",
        Fixes = [new("Read what the guards and the cluster said in the minutes before",
            "journalctl -b -1 -u corosync -u pacemaker -u sbd -u watchdog")],
        Tellings =
        [
            new("watchdog-mux[{e}]: {w} watchdog expired - disable watchdog updates",
                "the watchdog is no longer fed and resets the machine: Proxmox' HA lost its hold on the node", Mux)
                { Subject = 0, Fixes = Proxmox },
            new("watchdog-mux: {w} watchdog expired - disable watchdog updates",
                "the watchdog is no longer fed and resets the machine: Proxmox' HA lost its hold on the node", Mux)
                { Subject = 0, Fixes = Proxmox },
            new("watchdog[{e}]: shutting down the system because of error {t}", "the watchdog daemon restarts the machine (error {2})",
                "A test of its configuration failed (load, memory, temperature, a file, an address); the line before it names which.")
                { Subject = 0, Fixes = [new("Read which test failed", "journalctl -b -1 -t watchdog; grep -v '^#' /etc/watchdog.conf")] },
            new("Operation 'reboot' targeting {w} by {e} for {e}: {t}", "the cluster fenced node {1}: it was restarted from outside",
                "Pacemaker restarts a node that it cannot reach, or on which a resource could not be stopped. The node itself logs " +
                "nothing of it and writes no dump, unless fence_kdump waits for one.") { Severity = Severity.Error,
                Holds = t => IsDone(t[3]), Fixes = [new("Read why it was fenced, on the node that coordinates the cluster",
                    "pcs stonith history show; journalctl -u pacemaker -u corosync"),
                    new("To get a dump of such nodes, let the cluster wait for it", "pcs stonith describe fence_kdump")] },
            new("Operation 'reboot' targeting {w} by {e} for {e}: {t}", "the cluster wanted to fence node {1} and could not ({4})",
                "The cluster waits until the node is fenced: it starts none of its resources elsewhere.") { Severity = Severity.Error,
                Holds = t => !IsDone(t[3]), Fixes = [new("Check the fence device and the way to it",
                    "pcs stonith status; pcs stonith history show; journalctl -u pacemaker")] },
            new("sbd[{e}]: {w}: do_exit: Rebooting system: {t}", "sbd restarts the machine ({3})",
                "It lost its disks or the quorum: a node that the others can no longer see must not go on.") { Subject = 0 },
        ],
        Origin = "Proxmox pve-ha-manager src/watchdog-mux.c, watchdog src/shutdown.c, pacemaker lib/fencing, sbd src/sbd-common.c",
    };

    public static readonly Family[] All = [HeatShutdown, SupplyEnded, NodeReset];

    /// <summary>Pacemaker names any other result by its reason (lib/fencing/st_client.c).</summary>
    private static bool IsDone(string result) => result.Trim(' ', '.') == "OK";
}
