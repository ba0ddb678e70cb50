using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// Reads cpio archives from a stream of bytes, with the state machine of init/initramfs.c: an uncompressed segment ends at its trailer
/// (or at the first byte that cannot begin a header), a compressed segment ends with its stream.
/// </summary>
/// <param name="origin">Byte offset of the stream's first byte in the image.</param>
internal sealed class CpioReader(Initramfs image, ForwardBytes bytes, int segment, long origin, bool plain)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly string input = plain ? image.Name : $"{image.Name} (segment {segment}, unpacked)";

    /// <summary>Number of the hard-link table; each trailer begins a new table.</summary>
    public int Scope { get; set; }

    /// <summary>Offset of the end of the last entry, without the zeros that follow it.</summary>
    public long End { get; private set; }

    /// <summary>
    /// Converts a position: to an offset in the image file for an uncompressed segment, in the unpacked stream for a compressed one.
    /// </summary>
    private long Offset(long position) => plain ? origin + position : position;

    public void Run()
    {
        for (;;)
        {
            bool padded = SkipZeros();
            ReadOnlySpan<byte> next = bytes.PeekAny();
            if (next.IsEmpty)
                return;
            if (next[0] != '0')
            {
                if (plain)
                    return;
                throw Bad("c_magic", bytes.Position, "junk within compressed archive");
            }
            if ((Aligned(bytes.Position) & 3) != 0)
            {
                if (plain && padded)
                    return;
                throw Bad("c_magic", bytes.Position, "broken padding");
            }
            bool trailer = Entry();
            End = bytes.Position;
            if (trailer && plain)
                return;
        }
    }

    /// <summary>
    /// The position to which the kernel aligns: relative to the start of the image for an uncompressed segment, to the unpacked stream
    /// for a compressed one.
    /// </summary>
    private long Aligned(long position) => plain ? origin - image.Start + position : position;

    /// <summary>Reads one entry; true if it was the trailer.</summary>
    private bool Entry()
    {
        long start = bytes.Position;
        ReadOnlySpan<byte> head = bytes.Peek(CpioHeader.Length);
        var cursor = new Cursor(head, input, Offset(start));
        CpioHeader h = CpioHeader.Read(ref cursor);
        bytes.Skip(CpioHeader.Length);
        long nameEnd = start + h.NameEnd, next = (nameEnd + h.Size + 3) & ~3L;
        if (h.NameSize is 0 or > ImageLimits.MaxPath)
        {
            Pass(start, next);
            image.ObjectionList.Add(new(ObjectionKind.Lost, segment, origin,
                $"the kernel steps over an entry whose name has {h.NameSize} bytes (header at 0x{Offset(start):x})"));
            return false;
        }
        ReadOnlySpan<byte> raw = bytes.Peek((int)h.NameSize);
        if (raw.Length < h.NameSize)
            throw Bad("name", bytes.Position, $"needs {h.NameSize} bytes, {raw.Length} left");
        int nul = raw.IndexOf((byte)0);
        bool unterminated = raw[^1] != 0;
        string name = Text(nul < 0 ? raw : raw[..nul]);
        bytes.Skip(nameEnd - bytes.Position);
        if (name == "TRAILER!!!")
        {
            Pass(start, next);
            Scope++;
            return true;
        }
        if (image.EntryList.Count >= ImageLimits.MaxEntries)
            throw Bad("name", start, $"more than {ImageLimits.MaxEntries} entries");
        image.EntryList.Add(Content(h, name, start, nameEnd, next, unterminated));
        return false;
    }

    private ImageEntry Content(in CpioHeader h, string name, long start, long data, long next, bool unterminated)
    {
        uint type = h.Mode & FileType.Mask;
        string? target = null, lost = unterminated ? "its name does not end with a zero byte: kernels since 6.14 stop there" : null;
        ContentKind kind = ContentKind.Other;
        byte[]? kept = null;
        if (type == FileType.Link)
        {
            if (h.Size > ImageLimits.MaxPath)
                lost = $"its target has {h.Size} bytes";
            else
            {
                ReadOnlySpan<byte> raw = bytes.Peek((int)h.Size);
                if (raw.Length < h.Size)
                    throw Bad("symlink target", bytes.Position, $"needs {h.Size} bytes, {raw.Length} left");
                int nul = raw.IndexOf((byte)0);
                target = Text(nul < 0 ? raw : raw[..nul]);
            }
        }
        else if (type == FileType.Regular)
        {
            kind = h.Size == 0 ? ContentKind.Empty : Kinds.Of(bytes.Peek((int)Math.Min(h.Size, Kinds.Head)));
            if (!plain && h.Size is > 0 and <= ImageLimits.SmallFile && image.Kept + h.Size <= ImageLimits.MaxKept &&
                bytes.Peek((int)h.Size) is var small && small.Length == h.Size)
            {
                kept = small.ToArray();
                image.Kept += kept.Length;
            }
        }
        else if (h.Size > 0)
            lost = "it is not a regular file but has content";
        if (h.Checksummed && type == FileType.Regular)
            Verify(h, data);
        Pass(start, next);
        return new ImageEntry
        {
            Name = name, Mode = h.Mode, Uid = h.Uid, Gid = h.Gid, Links = h.Links, Modified = h.Modified, Size = h.Size,
            DeviceMajor = h.DeviceMajor, DeviceMinor = h.DeviceMinor, Inode = h.Inode, SpecialMajor = h.SpecialMajor,
                SpecialMinor = h.SpecialMinor,
            Segment = segment, HeaderOffset = Offset(start), DataOffset = Offset(data), Target = target, Kind = kind, LinkScope = Scope,
                Lost = lost, Kept = kept,
        };
    }

    private void Verify(in CpioHeader h, long data)
    {
        if (!image.ObjectionList.Exists(o => o.Segment == segment && o.Kind == ObjectionKind.NeedsNewerKernel))
            image.ObjectionList.Add(new(ObjectionKind.NeedsNewerKernel, segment, origin,
                "cpio with checksums (070702): kernels before 5.19 do not unpack it", "no cpio magic"));
        long end = data + h.Size;
        uint sum = 0;
        while (bytes.Position < end)
        {
            ReadOnlySpan<byte> part = bytes.PeekAny();
            if (part.IsEmpty)
                return;
            part = part[..(int)Math.Min(part.Length, end - bytes.Position)];
            foreach (byte b in part)
                sum = unchecked(sum + b);
            bytes.Skip(part.Length);
        }
        if (sum != h.Check)
            throw Bad("c_chksum", data, $"bad data checksum: 0x{sum:x8} instead of 0x{h.Check:x8}");
    }

    private void Pass(long start, long next)
    {
        long missing = next - bytes.Position;
        long had = bytes.Skip(missing);
        // The padding after the last entry may be missing.
        if (had < missing && missing - had > 3)
            throw Bad("c_filesize", start, $"the content needs {missing} bytes, {had} left");
    }

    private bool SkipZeros()
    {
        bool any = false;
        for (;;)
        {
            ReadOnlySpan<byte> part = bytes.PeekAny();
            int some = part.IndexOfAnyExcept((byte)0);
            if (part.IsEmpty || some == 0)
                return any;
            any = true;
            bytes.Skip(some < 0 ? part.Length : some);
        }
    }

    private InputException Bad(string field, long position, string reason) => new(input, field, Offset(position), reason);

    internal static string Text(ReadOnlySpan<byte> raw)
    {
        try
        {
            return Strict.GetString(raw);
        }
        catch (ArgumentException)
        {
            return Encoding.Latin1.GetString(raw);
        }
    }
}
