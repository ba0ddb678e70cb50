using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Reads pages for one thread that goes through a dump in order. This one adds nothing; a format may read ahead.</summary>
internal class PageReader(Dump dump)
{
    /// <summary>As <see cref="Dump.ReadPage"/>, and says why when a page is damaged.</summary>
    public virtual PageState Read(Pfn pfn, Span<byte> page, out Damage? damage)
    {
        PageState state = dump.ReadPage(pfn, page);
        damage = state == PageState.Damaged ? dump.DamageOf(pfn) : null;
        return state;
    }
}
