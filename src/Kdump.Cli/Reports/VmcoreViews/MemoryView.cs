using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory</c>: memory usage as the kernel counted it, and zones.</summary>
internal static class MemoryView
{
    private static readonly Table<Zone> ZoneTable = new(
        new("node", "NODE", z => z.Node) { Right = true },
        new("name", "ZONE", z => z.Name),
        new("freePages", "FREE", z => z.Free) { Right = true },
        new("minPages", "MIN", z => z.Min) { Right = true },
        new("lowPages", "LOW", z => z.Low) { Right = true },
        new("highPages", "HIGH", z => z.High) { Right = true },
        new("boostPages", null, z => z.Boost),
        new("managedPages", "MANAGED", z => z.Managed) { Right = true },
        new("presentPages", "PRESENT", z => z.Present) { Right = true },
        new("spannedPages", null, z => z.Spanned),
        new("inCpuListsPages", "IN-CPU-LISTS", z => z.InCpuLists) { Right = true },
        new("freeByOrder", "FREE-BLOCKS-BY-ORDER", z => z.FreeByOrder) { Text = z => string.Join(' ', z.FreeByOrder) },
        new("", "STATE", State));

    public static void Text(Context context, Vmcore vmcore)
    {
        MemoryAccount account = new(vmcore);
        foreach (MemoryLine line in account.Lines)
            Line(line.Name, line.Bytes);
        foreach (HugePage pool in account.HugePools)
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"huge pages of {pool.Pages * OomView.Kib(vmcore)} kB: {pool.Count}, {pool.Free} free, {pool.Reserved} reserved, " +
                    $"{pool.Surplus} surplus"));
        Line("Reserved", account.Reserved);
        Line("Unaccounted", account.Unaccounted);
        context.Output.WriteLine();
        context.Output.WriteLine($"Zones, in pages of {OomView.Kib(vmcore)} KiB:");
        ZoneTable.Text(context.Output, account.Zones.All);
        UnreadText.Lost(vmcore, account.Damages);

        void Line(string name, long? bytes) =>
            context.Output.WriteLine($"{name + ":",-18} {(bytes is long b ? $"{b >> 10,12} kB" : $"{"<missing>",15}")}");
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        MemoryAccount account = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.memory/1", json =>
        {
            json.WriteStartObject("bytes");
            foreach (MemoryLine line in account.Lines)
            {
                if (line.Bytes is long bytes)
                    json.WriteNumber(line.Name, bytes);
                else
                    json.WriteNull(line.Name);
            }
            json.WriteEndObject();
            if (account.Reserved is long reserved)
                json.WriteNumber("reservedBytes", reserved);
            else
                json.WriteNull("reservedBytes");
            if (account.Unaccounted is long rest)
                json.WriteNumber("unaccountedBytes", rest);
            else
                json.WriteNull("unaccountedBytes");
            new Table<HugePage>(new("pageBytes", null, p => p.Pages * vmcore.PageSize), new("count", null, p => p.Count),
                new("free", null, p => p.Free),
                new("reserved", null, p => p.Reserved), new("surplus", null, p => p.Surplus)).Json(json, "hugePages", account.HugePools);
            ZoneTable.Json(json, "zones", account.Zones.All);
            UnreadText.Lost(json, vmcore, account.Damages);
        });
    }

    public static void ZonesText(Context context, Vmcore vmcore)
    {
        Zones zones = new(vmcore);
        ZoneTable.Text(context.Output, zones.All);
        UnreadText.Lost(vmcore, zones.Damages);
    }

    public static void ZonesJson(TextWriter output, Vmcore vmcore)
    {
        Zones zones = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.zones/1", json =>
        {
            ZoneTable.Json(json, "zones", zones.All);
            UnreadText.Lost(json, vmcore, zones.Damages);
        });
    }

    private static string State(Zone zone)
    {
        if (zone.Managed == 0)
            return "";
        if (zone.Free < zone.Min)
            return "below min";
        return zone.Free < zone.Low ? "below low" : "";
    }
}
