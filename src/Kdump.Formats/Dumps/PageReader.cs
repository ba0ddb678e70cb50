using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Reads pages for one thread that goes through a dump in order. This one adds nothing; a format may read ahead.</summary>
internal class PageReader(Dump dump)
{
    /// <summary>
    /// Whether a page is whole, which it may be without having been copied. The content of <paramref name="room"/> afterwards is undefined.
    /// </summary>
    public virtual PageState Check(Pfn pfn, Span<byte> room, out Damage? damage) => Read(pfn, room, out damage);

    /// <summary>As <see cref="Dump.ReadPage"/>, and says why when a page is damaged.</summary>
    public virtual PageState Read(Pfn pfn, Span<byte> page, out Damage? damage)
    {
        PageState state = dump.ReadPage(pfn, page);
        damage = state == PageState.Damaged ? dump.DamageOf(pfn) : null;
        return state;
    }
}
