using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
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

    /// <param name="name">Of one cache; null: all.</param>
    /// <exception cref="InputException">No cache has the name.</exception>
    public static void Text(Context context, Vmcore vmcore, string? name)
    {
        Slabs slabs = new(vmcore);
        Caches.Text(context.Output, Sorted(vmcore, slabs, name));
        UnreadText.Lost(vmcore, slabs.Damages);
    }

    /// <inheritdoc cref="Text"/>
    public static void Json(TextWriter output, Vmcore vmcore, string? name)
    {
        Slabs slabs = new(vmcore);
        SlabCache[] chosen = Sorted(vmcore, slabs, name);
        UnreadText.Json(output, vmcore, "kdt.vmcore.slab/1", json =>
        {
            Caches.Json(json, "caches", chosen);
            UnreadText.Lost(json, vmcore, slabs.Damages);
        });
    }

    private static SlabCache[] Sorted(Vmcore vmcore, Slabs slabs, string? name)
    {
        SlabCache[] chosen = [.. slabs.All.Where(c => name is null || c.Name == name).OrderByDescending(c => c.Bytes)
            .ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Address)];
        return name is null || chosen.Length > 0 ? chosen
            : throw new InputException(vmcore.Dump.Name, "--cache", -1, $"no slab cache is called \"{name}\"");
    }
}
