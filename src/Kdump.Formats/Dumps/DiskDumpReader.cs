using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Reads stored pages ahead in large pieces: makedumpfile writes them in the order of their frames.</summary>
internal sealed class DiskDumpReader(DiskDump dump, int windowSize) : PageReader(dump)
{
    /// <summary>How much a walk reads at once.</summary>
    public const int Ahead = 256 * 1024;

    private readonly byte[] window = new byte[windowSize];
    private readonly byte[] shared = new byte[dump.PageSize];
    private int sharedPart = -1;
    private long sharedOffset;
    private int sharedLength;
    private int windowPart = -1;
    private long windowStart;
    private int windowLength;

    public override PageState Read(Pfn pfn, Span<byte> page, out Damage? damage)
    {
        damage = null;
        PageState state = dump.State(pfn);
        if (state is PageState.Absent or PageState.Excluded)
            return state;
        if (dump.PartOf((long)pfn.Value) is not { } index)
        {
            damage = new Damage(dump.Name, "split", -1, "the frame is in a part of the split dump that was not given");
            return PageState.Damaged;
        }
        DiskDumpPart part = dump.Part(index);
        if (state == PageState.Damaged)
        {
            damage = new Damage(part.Source.Name, "bitmap", part.Header.BitmapOffset, "cut before this frame");
            return state;
        }
        if (part.Descriptor((long)pfn.Value, out damage) is not { } descriptor)
            return PageState.Damaged;
        if (dump.Decode(descriptor, Stored(index, part, descriptor), page[..dump.PageSize]) is not { } reason)
            return PageState.Present;
        damage = new Damage(part.Source.Name, "page", descriptor.Offset, reason);
        return PageState.Damaged;
    }

    private ReadOnlySpan<byte> Stored(int index, DiskDumpPart part, PageDescriptor descriptor)
    {
        // A look back is for the one zero page that many frames share: it must not throw away what was read ahead.
        if (windowPart == index && descriptor.Offset < windowStart)
        {
            if (sharedPart != index || sharedOffset != descriptor.Offset || sharedLength < descriptor.Size)
            {
                (sharedPart, sharedOffset) = (index, descriptor.Offset);
                sharedLength = part.Source.Read(descriptor.Offset, shared.AsSpan(0, descriptor.Size));
            }
            return shared.AsSpan(0, Math.Min(descriptor.Size, sharedLength));
        }
        if (windowPart != index || descriptor.Offset < windowStart || descriptor.Offset + descriptor.Size > windowStart + windowLength)
        {
            windowPart = index;
            windowStart = descriptor.Offset;
            windowLength = part.Source.Read(windowStart, window);
        }
        int at = (int)(descriptor.Offset - windowStart);
        return window.AsSpan(at, Math.Min(descriptor.Size, windowLength - at));
    }
}
