using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore swap</c>.</summary>
internal static class SwapsView
{
    private static Table<SwapDevice> Devices(long kib) => new(
        new("number", "TYPE", d => d.Number) { Right = true },
        new("kind", "KIND", d => d.IsPartition ? "partition" : "file"),
        new("sizeKib", "SIZE-KIB", d => d.Pages * kib) { Right = true },
        new("usedKib", "USED-KIB", d => d.Used * kib) { Right = true },
        new("priority", "PRIORITY", d => d.Priority) { Right = true },
        new("path", "PATH", d => d.Path) { Text = d => d.Path ?? "<missing>" });

    public static void Text(Context context, Vmcore vmcore)
    {
        Swaps swaps = new(vmcore);
        UnreadText.Lost(vmcore, swaps.Damages);
        if (swaps.All.Count == 0)
            context.Output.WriteLine(UnreadText.None(vmcore, "no swap devices"));
        else
            Devices(OomView.Kib(vmcore)).Text(context.Output, swaps.All);
        if (swaps.ZswapStored is > 0 and var stored)
            context.Output.WriteLine(
                $"zswap: {stored * OomView.Kib(vmcore)} kB stored compressed{(swaps.ZswapBytes is long b ? $" in {b >> 10} kB" : "")}");
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Swaps swaps = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.swap/1", json =>
        {
            Devices(OomView.Kib(vmcore)).Json(json, "devices", swaps.All);
            if (swaps.ZswapStored is long stored)
                json.WriteNumber("zswapStoredPages", stored);
            UnreadText.Lost(json, vmcore, swaps.Damages);
        });
    }
}
