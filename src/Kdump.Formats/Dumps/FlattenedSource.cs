using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A flattened dump (<c>makedumpfile -F</c>, QEMU's kdump formats) read as the file that makedumpfile -R would restore from it. A block
/// of 0x1000 bytes with struct makedumpfile_header is followed by records of offset, size and bytes (numbers are big-endian), in the
/// order in which they were written. A later record overwrites an earlier one, and ranges without a record are zero. The record with
/// offset -1 ends the file. If it is missing, the file was cut: then ranges without a record are not zero but unknown, and reads stop
/// there.
/// </summary>
public sealed class FlattenedSource : IByteSource
{
    private const int HeaderSize = 0x1000;
    private const int RecordHeaderSize = 16;

    /// <summary>
    /// Maximum number of records. makedumpfile writes megabytes per record; with this limit the index stays below half a gigabyte for any
    /// file.
    /// </summary>
    private const int MaxRecords = 8 * 1024 * 1024;

    private const int ScanWindow = 64 * 1024;

    private readonly IByteSource file;
    private readonly List<Damage> damages = [];
    private readonly Extents records;
    private readonly bool complete;

    private FlattenedSource(IByteSource file)
    {
        this.file = file;
        List<Extent> found = [];
        complete = Scan(found);
        records = Extents.Build([.. found]);
    }

    public string Name => file.Name;

    public long Length => records.End;

    /// <summary>Damaged or missing records.</summary>
    public IReadOnlyList<Damage> Damages => damages;

    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("makedumpfile\0\0\0\0"u8);

    /// <summary>Reads the headers of all records, but not their bytes. On success the returned source owns the file.</summary>
    public static FlattenedSource Open(IByteSource file)
    {
        Cursor c = new(file.ReadBytes(0, 32, "makedumpfile_header"), file.Name, 0, bigEndian: true);
        c.Skip(16, "signature");
        if (c.S64("type") is var type and not 1)
            throw c.Bad("type", $"{type} is not the flattened type (1)");
        if (c.S64("version") is var version and not 1)
            throw c.Bad("version", $"version {version} is not known (1 is)");
        return new FlattenedSource(file);
    }

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset < 0)
            return 0;
        int done = 0;
        for (int i = records.At(offset); done < buffer.Length && i < records.Count; i++)
        {
            Extents.Piece piece = records[i];
            long at = offset + done;
            if (piece.Start > at)
            {
                if (!complete)
                    return done;
                int hole = (int)Math.Min(piece.Start - at, buffer.Length - done);
                buffer.Slice(done, hole).Clear();
                done += hole;
                at += hole;
            }
            int want = (int)Math.Min(piece.End - at, buffer.Length - done);
            int got = file.Read(piece.Target + (at - piece.Start), buffer.Slice(done, want));
            done += got;
            if (got < want)
                return done;
        }
        return done;
    }

    public long NextData(long offset)
    {
        if (!complete)
            return Math.Min(offset, Length);
        int i = records.At(offset);
        return i == records.Count ? Length : Math.Max(offset, records[i].Start);
    }

    public void Dispose() => file.Dispose();

    /// <summary>Finds all records. True if the end record exists and all records before it are valid.</summary>
    private bool Scan(List<Extent> found)
    {
        byte[] window = new byte[ScanWindow];
        long windowStart = 0;
        int windowLength = 0;
        for (long at = HeaderSize; ; )
        {
            if (at < windowStart || at + RecordHeaderSize > windowStart + windowLength)
            {
                windowStart = at;
                // Most records are large, so read only a little ahead; read more once small records follow each other.
                bool small = windowLength > 0 && found.Count > 0 && found[^1].Length < ScanWindow / 4;
                windowLength = file.Read(at, window.AsSpan(0, small ? ScanWindow : RecordHeaderSize));
            }
            if (windowLength - (at - windowStart) < RecordHeaderSize)
                return Cut(at, "the end mark (offset -1) is missing: the file was cut");
            Cursor c = new(window.AsSpan((int)(at - windowStart), RecordHeaderSize), file.Name, at, bigEndian: true);
            long offset = c.S64("makedumpfile_data_header.offset"), size = c.S64("makedumpfile_data_header.buf_size");
            if (offset == -1)
                return true;
            if (offset < 0 || size < 0 || size > long.MaxValue - offset)
                return Cut(at, $"offset {offset} and size {size} are invalid; nothing after them is read");
            if (found.Count == MaxRecords)
                return Cut(at, $"more than {MaxRecords} records; the rest is not read");
            at += RecordHeaderSize;
            long whole = Math.Min(size, Math.Max(file.Length - at, 0));
            if (whole > 0)
                found.Add(new Extent(offset, whole, at, found.Count));
            if (whole < size)
                return Cut(at, $"a record of {size} bytes for 0x{offset:x} is cut after {whole}");
            at += size;
        }
    }

    private bool Cut(long at, string reason)
    {
        damages.Add(new Damage(file.Name, "makedumpfile_data_header", at, reason));
        return false;
    }
}
