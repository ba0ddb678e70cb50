using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory --slab</c>: slab caches, those with most memory first.</summary>
internal static class SlabsView
{
    private static readonly Table<SlabCache> Caches = new(
        new("bytes", "KIB", c => c.Bytes) { Right = true, Text = c => $"{c.Bytes >> 10}" },
        new("active", "ACTIVE", c => c.Active) { Right = true },
        new("objects", "OBJECTS", c => c.Objects) { Right = true },
        new("objectSize", "OBJSIZE", c => c.ObjectSize) { Right = true },
        new("size", "SIZE", c => c.Size) { Right = true },
        new("objectsPerSlab", "PER-SLAB", c => c.ObjectsPerSlab) { Right = true },
        new("pagesPerSlab", null, c => c.PagesPerSlab),
        new("slabs", "SLABS", c => c.Slabs) { Right = true },
        new("address", "CACHE", c => $"{c.Address:x16}"),
        new("name", "NAME", c => c.Name),
        new("unread", "", c => c.Unread) { Text = c => c.Unread is null ? "" : $"<{c.Unread}>" });

    public static void Text(Context context, Vmcore vmcore)
    {
        Slabs slabs = new(vmcore);
        Caches.Text(context.Output, Sorted(slabs));
        UnreadText.Lost(vmcore, slabs.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Slabs slabs = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.slab/1", json =>
        {
            Caches.Json(json, "caches", Sorted(slabs));
            UnreadText.Lost(json, vmcore, slabs.Damages);
        });
    }

    private static IEnumerable<SlabCache> Sorted(Slabs slabs) =>
        slabs.All.OrderByDescending(c => c.Bytes).ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Address);
}
