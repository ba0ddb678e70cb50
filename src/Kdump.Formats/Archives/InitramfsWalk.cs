using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>The outer loop of unpack_to_rootfs (init/initramfs.c): divides the image into segments.</summary>
internal sealed class InitramfsWalk(Initramfs image)
{
    private readonly string name = image.Name;
    private int scope;

    public void Run()
    {
        long at = image.Start;
        try
        {
            while ((at = AfterZeros(at)) < image.End)
            {
                if (image.SegmentList.Count >= ImageLimits.MaxSegments)
                    throw new InputException(name, "segment", at, $"more than {ImageLimits.MaxSegments} segments");
                long next = Segment(at);
                if (next < 0)
                    return;
                at = next;
            }
            if (image.SegmentList.Count == 0 && (image.End > image.Start || image.Source.Length == 0))
                throw new InputException(name, "segment", image.Start, "contains no archive");
        }
        catch (InputException e)
        {
            image.DamageList.Add(Damage.From(e));
        }
    }

    /// <summary>Reads one segment; returns the offset after it, or -1 if the kernel stops here.</summary>
    private long Segment(long at)
    {
        Span<byte> head = stackalloc byte[64];
        head = head[..image.Source.Read(at, head[..(int)Math.Min(head.Length, image.End - at)])];
        if (head.IsEmpty)
            return -1;
        if (StreamCodecs.Of(head) is { } codec)
            return Compressed(at, codec);
        if (head[0] == '0' && ((at - image.Start) & 3) == 0)
            return Plain(at);
        image.SegmentList.Add(new(image.SegmentList.Count, at, image.End - at, "unknown", "unknown", 0, 0));
        string message = head[0] == '0' ? "invalid magic at start of compressed archive (a cpio archive must begin at a multiple of 4)"
            : "invalid magic at start of compressed archive";
        image.DamageList.Add(new(name, "segment", at, message));
        return -1;
    }

    private long Plain(long at)
    {
        using var bytes = new PlainBytes(image.Source, at, image.End);
        int index = image.SegmentList.Count, first = image.EntryList.Count;
        var reader = new CpioReader(image, bytes, index, at, plain: true) { Scope = scope };
        InputException? broken = null;
        try
        {
            reader.Run();
        }
        catch (InputException e)
        {
            broken = e;
        }
        scope = reader.Scope;
        image.SegmentList.Add(new(index, at, reader.End, "cpio", "none", reader.End,
            image.EntryList.Count - first) { Early = IsEarly(first) });
        if (broken is null)
            return at + bytes.Position;
        image.DamageList.Add(Damage.From(broken));
        return -1;
    }

    private long Compressed(long at, StreamCodec codec)
    {
        CompressionLint.Check(image, at, codec);
        int index = image.SegmentList.Count, first = image.EntryList.Count;
        long unpacked = 0, end = image.End;
        InputException? broken = null;
        UnpackedBytes? bytes = null;
        CpioReader? reader = null;
        try
        {
            bytes = new UnpackedBytes(image.Source, at, image.End, codec);
            reader = new CpioReader(image, bytes, index, at, plain: false) { Scope = scope };
            reader.Run();
            end = bytes.InputPosition;
        }
        catch (InputException e)
        {
            broken = e;
        }
        finally
        {
            unpacked = bytes?.Position ?? 0;
            scope = reader?.Scope ?? scope;
            bytes?.Dispose();
        }
        image.SegmentList.Add(new(index, at, end - at, "cpio", codec.Name, unpacked, image.EntryList.Count - first) { Early = false });
        if (broken is not null)
        {
            image.DamageList.Add(Damage.From(broken));
            return -1;
        }
        CompressionLint.CheckNext(image, index, codec, end);
        return end;
    }

    /// <summary>
    /// True if the segment contains only files that the kernel reads from the image before it is unpacked: find_cpio_data in
    /// lib/earlycpio.c.
    /// </summary>
    private bool IsEarly(int first)
    {
        bool any = false;
        for (int i = first; i < image.EntryList.Count; i++)
        {
            ImageEntry entry = image.EntryList[i];
            if (entry.Type == FileType.Directory)
                continue;
            string path = entry.Name.TrimStart('.', '/');
            if (path is "early_cpio")
                continue;
            if (!path.StartsWith("kernel/", StringComparison.Ordinal))
                return false;
            any = true;
        }
        return any;
    }

    private long AfterZeros(long at)
    {
        var block = new byte[64 * 1024];
        while (at < image.End)
        {
            int n = image.Source.Read(at, block.AsSpan(0, (int)Math.Min(block.Length, image.End - at)));
            if (n == 0)
                return image.End;
            int some = block.AsSpan(0, n).IndexOfAnyExcept((byte)0);
            if (some >= 0)
                return at + some;
            at += n;
        }
        return at;
    }
}
