using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// Reads stored pages ahead in large pieces; this helps because makedumpfile writes pages in the order of their frames.
/// </summary>
internal sealed class DiskDumpReader(DiskDump dump, int windowSize) : PageReader(dump)
{
    /// <summary>Number of bytes that a walk reads at once.</summary>
    public const int Ahead = 64 * 1024;

    private readonly byte[] window = new byte[windowSize];
    private readonly byte[] shared = new byte[dump.PageSize];
    private int sharedPart = -1;
    private long sharedOffset;
    private int sharedLength;
    private int windowPart = -1;
    private long windowStart;
    private int windowLength;
    private int lastPart = -1;
    private long lastFrame;
    private long lastIndex;

    public override PageState Read(Pfn pfn, Span<byte> page, out Damage? damage) => Read(pfn, page, plainToo: true, out damage);

    public override PageState Check(Pfn pfn, Span<byte> room, out Damage? damage) => Read(pfn, room, plainToo: false, out damage);

    private PageState Read(Pfn pfn, Span<byte> page, bool plainToo, out Damage? damage)
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
        if (IndexOf(index, part, (long)pfn.Value) is not { } at)
        {
            damage = part.NoIndex();
            return PageState.Damaged;
        }
        if (part.DescriptorAt(at, out damage) is not { } descriptor)
            return PageState.Damaged;
        ReadOnlySpan<byte> stored = Stored(index, part, descriptor);
        if (!plainToo && descriptor.Plain && stored.Length == dump.PageSize)
            return PageState.Present;
        if (dump.Decode(descriptor, stored, page[..dump.PageSize]) is not { } reason)
            return PageState.Present;
        damage = new Damage(part.Source.Name, "page", descriptor.Offset, reason);
        return PageState.Damaged;
    }

    /// <summary>
    /// Index of a frame's descriptor. In a walk it is the one after the previous frame's, so no bits need to be counted.
    /// </summary>
    private long? IndexOf(int index, DiskDumpPart part, long frame)
    {
        long? at = index == lastPart && frame == lastFrame + 1 ? lastIndex + 1 : part.IndexOf(frame);
        if (at is { } known)
            (lastPart, lastFrame, lastIndex) = (index, frame, known);
        return at;
    }

    private ReadOnlySpan<byte> Stored(int index, DiskDumpPart part, PageDescriptor descriptor)
    {
        // A read backwards is usually one of the zero page that many frames share; it must not discard the data that was read ahead.
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
