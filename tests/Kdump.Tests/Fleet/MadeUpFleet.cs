using System.Globalization;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>Logs of machines that crash alike, and a store for them.</summary>
internal sealed class MadeUpFleet : IDisposable
{
    public const string Chain = "i40e_clean_rx_irq i40e_napi_poll __napi_poll net_rx_action __do_softirq irq_exit_rcu";

    public string Folder { get; } = Directory.CreateTempSubdirectory("kdt-fleet").FullName;

    public string Store => Path.Combine(Folder, "fleet.db");

    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>A log of one machine; without a chain of functions a healthy one.</summary>
    public string Log(string host, string? chain = null, string release = "6.1.0-31-amd64", string firmware = "2.19.1 06/04/2023",
        int day = 1, string? name = null)
    {
        Directory.CreateDirectory(Logs);
        var lines = new List<string>
        {
            $"[    0.000000] Linux version {release} (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
            "[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz ro quiet crashkernel=512M",
            $"[    0.000000] DMI: Dell Inc. PowerEdge R740/0WRPXK, BIOS {firmware}",
            "[    1.000000] Run /init as init process",
                "[    2.000000] EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
            "[    3.000000] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready",
        };
        if (chain is not null)
        {
            string[] names = chain.Split(' ');
            lines.AddRange(
            [
                "[  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008",
                    "[  100.000002] Oops: 0000 [#1] PREEMPT SMP PTI",
                $"[  100.000003] CPU: 3 PID: {names[0].Length + day} Comm: kworker/3:1 Tainted: G           OE      {release} #1",
                $"[  100.000004] RIP: 0010:{names[0]}+0x1d/0x300 [i40e]", "[  100.000005] Call Trace:", "[  100.000006]  <TASK>",
                .. names.Skip(1).Select((n, i) => $"[  100.00001{i}]  {n}+0x2c/0x150"), "[  100.000030]  </TASK>",
                "[  100.000031] Modules linked in: i40e bonding xfs", "[  100.000040] ---[ end trace 0000000000000000 ]---",
                "[  100.000050] Kernel panic - not syncing: Fatal exception",
            ]);
        }
        string date = new DateTime(2026, 11, day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string path = Path.Combine(Logs, name ?? $"{host}.log");
        File.WriteAllLines(path, lines.Select(l => $"{date}T02:11:35.000000+00:00 {host} kernel: {l}"));
        return path;
    }

    public ScanState Scan(FleetStore store, string version = "1", Func<IJudge>? judge = null, (int, int)? shard = null) =>
        new Scan(store, version, judge ?? (() => new HereJudge()), 2) { Shard = shard ?? (0, 1) }.Run([Logs]);

    public FleetStore Open() => FleetStore.Open(Store, create: true);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Judges in this process.</summary>
    internal sealed class HereJudge : IJudge
    {
        public string Judge(string[] unit) => JudgedJson.Write(RecordMaker.Of(unit));

        public void Dispose() { }
    }

    /// <summary>Dies of one input, as a worker process would.</summary>
    internal sealed class MortalJudge(string of) : IJudge
    {
        public string Judge(string[] unit) => unit[0].Contains(of, StringComparison.Ordinal)
            ? throw new JudgeException("the process that judged it was ended by signal 11") : JudgedJson.Write(RecordMaker.Of(unit));

        public void Dispose() { }
    }
}
