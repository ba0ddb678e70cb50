using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory --counters</c>: the kernel's counters of pages and events by the kernel's names.</summary>
internal static class CountersView
{
    private static readonly Table<(string Name, long? Value)> Rows = new(
        new("name", "COUNTER", c => c.Name),
        new("value", "VALUE", c => c.Value) { Right = true });

    public static void Text(Context context, Vmcore vmcore)
    {
        VmStat counters = new(vmcore);
        context.Output.WriteLine("Zones and nodes, in pages where the name has no other unit:");
        Rows.Text(context.Output, counters.All());
        context.Output.WriteLine();
        context.Output.WriteLine("Events since boot, all CPUs:");
        Rows.Text(context.Output, counters.Events());
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        VmStat counters = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.counters/1", json =>
        {
            Rows.Json(json, "pages", counters.All());
            Rows.Json(json, "events", counters.Events());
        });
    }
}
