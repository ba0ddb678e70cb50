using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory --slab --cache NAME --objects</c>: the objects of a slab cache, used and free.</summary>
internal static class SlabObjectsView
{
    private static readonly Table<SlubObjectPlace> Objects = new(
        new("address", "OBJECT", o => $"{o.At}"),
        new("state", "STATE", o => o.Free ? "free" : "used"),
        new("slab", "SLAB", o => $"{o.Slab}"));

    /// <exception cref="InputException">No cache has the name.</exception>
    public static void Text(Context context, Vmcore vmcore, string name)
    {
        List<Damage> damages = [];
        SlubObjectPlace[] all = [.. SlubObjects.Of(vmcore, CacheOf(vmcore, name, damages), damages)];
        Objects.Text(context.Output, all);
        UnreadText.Lost(vmcore, damages);
    }

    /// <inheritdoc cref="Text"/>
    public static void Json(TextWriter output, Vmcore vmcore, string name)
    {
        List<Damage> damages = [];
        StructReader cache = CacheOf(vmcore, name, damages);
        UnreadText.Json(output, vmcore, "kdt.vmcore.slabobjects/1", json =>
        {
            json.WriteString("cache", $"{cache.Address}");
            json.WriteString("name", name);
            Objects.Json(json, "objects", SlubObjects.Of(vmcore, cache, damages));
            UnreadText.Lost(json, vmcore, damages);
        });
    }

    private static StructReader CacheOf(Vmcore vmcore, string name, List<Damage> damages) => SlubObjects.Named(vmcore, name, damages)
        ?? throw new InputException(vmcore.Dump.Name, "--cache", -1, $"no slab cache is called \"{name}\"");
}
