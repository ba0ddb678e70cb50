using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore block</c>: disks, the devices below them, and unfinished requests.</summary>
internal static class BlockView
{
    private static readonly Table<BlockDisk> DiskTable = new(
        new("name", "DISK", d => d.Name),
        new("device", "DEV", d => d.Device) { Right = true },
        new("kind", "KIND", d => d.Kind),
        new("mib", "MIB", d => (long)(d.Sectors >> 11)) { Right = true },
        new("readOnly", "RO", d => d.ReadOnly) { Text = d => d.ReadOnly ? "ro" : "" },
        new("openers", "OPEN", d => d.Openers) { Right = true },
        new("queues", "QUEUES", d => d.Queues) { Right = true },
        new("scheduler", "SCHED", d => d.Scheduler),
        new("reads", "READS", d => d.Counted?.Reads) { Right = true },
        new("writes", "WRITES", d => d.Counted?.Writes) { Right = true },
        new("queueState", "QUEUE", d => d.QueueState),
        new("parent", "OF", d => d.Parent),
        new("slaves", "MADE-OF", d => d.Slaves),
        new("holders", "HELD-BY", d => d.Holders),
        new("gendisk", null, d => d.Address.ToString()),
        new("trouble", "", d => d.Trouble) { Text = d => d.Trouble.Count == 0 ? "" : $"! {string.Join("; ", d.Trouble)}" });

    private static readonly Table<BlockPartition> Partitions = new(
        new("name", "PARTITION", p => p.Name),
        new("device", "DEV", p => p.Device) { Right = true },
        new("number", null, p => p.Number),
        new("startSector", "START", p => p.Start) { Right = true },
        new("sectors", "SECTORS", p => p.Sectors) { Right = true },
        new("openers", "OPEN", p => p.Openers) { Right = true },
        new("readOnly", null, p => p.ReadOnly),
        new("holders", "HELD-BY", p => p.Holders));

    private static readonly Table<(string Disk, BlockRequest Request)> Requests = new(
        new("disk", "DISK", r => r.Disk),
        new("queue", "QUEUE", r => r.Request.Queue) { Right = true },
        new("tag", "TAG", r => r.Request.Tag) { Right = true },
        new("state", "STATE", r => r.Request.State),
        new("ageNanoseconds", "AGE-S", r => r.Request.Age) { Right = true, Text = r => Seconds(r.Request.Age) },
        new("driverNanoseconds", "IN-DRIVER-S", r => r.Request.DriverAge) { Right = true, Text = r => Seconds(r.Request.DriverAge) },
        new("operation", "OP", r => r.Request.Operation),
        new("flags", "FLAGS", r => r.Request.Flags),
        new("sector", "SECTOR", r => r.Request.Sector) { Right = true, Text = r => r.Request.Sector == ulong.MaxValue ? "-"
            : $"{r.Request.Sector}" },
        new("bytes", "BYTES", r => r.Request.Bytes) { Right = true },
        new("ownerPid", "OWNER", r => r.Request.Owner?.Pid) { Text = r => r.Request.Owner is { } o ? $"{o.Comm} ({o.Pid})" : "-" },
        new("cgroup", "CGROUP", r => r.Request.Cgroup),
        new("endIo", "DONE-BY", r => r.Request.EndIo),
        new("request", "REQUEST", r => r.Request.Address.ToString()));

    public static void Text(Context context, Vmcore vmcore)
    {
        Disks disks = new(vmcore, vmcore.Tasks.Value);
        UnreadText.Lost(vmcore, disks.Damages);
        Write(context, vmcore, disks);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Disks disks = new(vmcore, vmcore.Tasks.Value);
        UnreadText.Json(output, vmcore, "kdt.vmcore.block/1", json =>
        {
            json.WriteStartArray("disks");
            foreach (BlockDisk disk in disks.All)
            {
                json.WriteStartObject();
                DiskTable.Members(json, disk);
                json.WriteStartArray("details");
                foreach ((string name, string value) in disk.Details)
                {
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    json.WriteString("value", value);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                Partitions.Json(json, "partitions", disk.Partitions);
                Requests.Json(json, "requests", disk.Requests.Select(r => (disk.Name, r)));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, disks.Damages);
        });
    }

    private static void Write(Context context, Vmcore vmcore, Disks disks)
    {
        TextWriter output = context.Output;
        DiskTable.Text(output, disks.All);
        if (disks.All.Any(d => d.Partitions.Count > 0))
        {
            output.WriteLine();
            Partitions.Text(output, disks.All.SelectMany(d => d.Partitions));
        }
        foreach (BlockDisk disk in disks.All.Where(d => d.Details.Count > 0))
        {
            output.WriteLine();
            output.WriteLine($"{Printable.Escape(disk.Name)}:");
            foreach ((string name, string value) in disk.Details)
                output.WriteLine($"  {name}: {Printable.Escape(value)}");
        }
        (string, BlockRequest)[] open = [.. disks.All.SelectMany(d => d.Requests.Select(r => (d.Name, r)))];
        output.WriteLine();
        output.WriteLine(open.Length == 0 ? UnreadText.None(vmcore, "no unfinished requests")
            : $"{Counted.Of(open.Length, "unfinished request")}:");
        if (open.Length > 0)
            Requests.Text(output, open);
    }

    private static string Seconds(ulong? nanoseconds) =>
        nanoseconds is ulong ns ? (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
