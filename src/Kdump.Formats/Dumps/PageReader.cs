using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// Reads pages for one thread that goes through a dump in ascending order. This base class calls <see cref="Dump.ReadPage"/>; a format's
/// own reader may read ahead.
/// </summary>
internal class PageReader(Dump dump)
{
    /// <summary>
    /// Checks whether a page can be read, which may not need a copy of it. <paramref name="room"/> is a buffer of
    /// <see cref="Dump.PageSize"/> bytes; its content afterwards is undefined.
    /// </summary>
    public virtual PageState Check(Pfn pfn, Span<byte> room, out Damage? damage) => Read(pfn, room, out damage);

    /// <summary>Like <see cref="Dump.ReadPage"/>, but also returns the reason if a page is damaged.</summary>
    public virtual PageState Read(Pfn pfn, Span<byte> page, out Damage? damage)
    {
        PageState state = dump.ReadPage(pfn, page);
        damage = state == PageState.Damaged ? dump.DamageOf(pfn) : null;
        return state;
    }
}
