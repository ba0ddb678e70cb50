using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory --vmalloc</c>: areas ordered by address.</summary>
internal static class VmallocView
{
    private static readonly Table<VmallocArea> Areas = new(
        new("start", "START", a => $"{a.Start}"),
        new("bytes", "KIB", a => a.Size) { Right = true, Text = a => $"{a.Size >> 10}" },
        new("pages", "PAGES", a => a.Pages) { Right = true },
        new("kinds", "KIND", a => a.Kinds),
        new("physical", "PHYSICAL", a => a.Physical is ulong p ? $"{p:x}" : null),
        new("caller", "CALLER", a => Caller(a)));

    public static void Text(Context context, Vmcore vmcore)
    {
        VmallocAreas areas = new(vmcore);
        Areas.Text(context.Output, areas.All);
        UnreadText.Lost(vmcore, areas.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        VmallocAreas areas = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.vmalloc/1", json =>
        {
            Areas.Json(json, "areas", areas.All);
            UnreadText.Lost(json, vmcore, areas.Damages);
        });
    }

    private static string? Caller(VmallocArea area)
    {
        if (area.Caller is { } at)
            return at.ToString();
        return area.CallerAddress.Value == 0 ? null : area.CallerAddress.ToString();
    }
}
