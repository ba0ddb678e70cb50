using System.Globalization;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// Reads the members of a tar archive in order, from a stream that cannot seek: ustar, GNU tar and pax (POSIX.1-2001), with sparse files
/// in GNU's old form and in pax 0.0, 0.1 and 1.0 (GNU tar's manual, "Storing Sparse Files").
/// </summary>
public sealed class TarReader(Stream stream) : IDisposable
{
    /// <summary>Maximum length of an extended header or long name, in bytes.</summary>
    private const int MaxHeader = 1 << 20;

    /// <summary>Maximum number of data ranges in a sparse file; a vmcore of a large machine has tens of thousands.</summary>
    private const int MaxStretches = 1 << 20;

    private readonly Stream stream = stream;
    private readonly byte[] block = new byte[TarHeader.Size];
    private readonly List<(long Offset, long Length)> sparse = [];
    private Dictionary<string, string> pax = [];
    private Dictionary<string, string> global = [];
    private long stored;
    private int padding;

    /// <summary>
    /// The content of the member that <see cref="Next"/> returned last; read it before calling <see cref="Next"/> again.
    /// </summary>
    public Stream Content { get; private set; } = Stream.Null;

    /// <summary>The next member; null after the archive's end mark.</summary>
    /// <exception cref="EndOfStreamException">The archive ends before its end mark, or within a member.</exception>
    /// <exception cref="InvalidDataException">There is no member's header at the current position.</exception>
    public TarEntry? Next()
    {
        Pass();
        string? longName = null, longTarget = null;
        pax = [];
        for (;;)
        {
            stream.ReadExactly(block);
            if (!block.AsSpan().ContainsAnyExcept((byte)0))
                return null;
            var header = new TarHeader(block);
            if (!header.IsRight || header.Length < 0)
                throw new InvalidDataException("the header of a member is missing");
            stored = header.Length;
            padding = (int)((TarHeader.Size - stored % TarHeader.Size) % TarHeader.Size);
            switch (header.Type)
            {
                case 'L':
                    longName = TarHeader.Text(Small());
                    break;
                case 'K':
                    longTarget = TarHeader.Text(Small());
                    break;
                case 'x':
                    pax = Records(Small());
                    break;
                case 'g':
                    global = Records(Small());
                    break;
                default:
                    return Member(header, longName, longTarget);
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private TarEntry Member(TarHeader header, string? longName, string? longTarget)
    {
        string name = Value("GNU.sparse.name") ?? Value("path") ?? longName ?? header.Name;
        TarKind kind = header.Type switch
        {
            '0' or '\0' or '7' or 'S' => name.EndsWith('/') && header.Type != 'S' ? TarKind.Folder : TarKind.File,
            '5' or 'D' => TarKind.Folder,
            '2' => TarKind.Link,
            '1' => TarKind.HardLink,
            _ => TarKind.Other,
        };
        // A link has no content, whatever size its header contains, unless a pax header sets the size.
        if (header.Type is '1' or '2' && Value("size") is null)
            stored = padding = 0;
        long size = stored = Value("size") is { } written ? Whole(written) : stored;
        padding = (int)((TarHeader.Size - stored % TarHeader.Size) % TarHeader.Size);
        long modified = Value("mtime") is { } time
            && double.TryParse(time, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && Math.Abs(seconds) < 1e12
            ? (long)seconds : Math.Max(0, header.Modified);
        string target = kind is TarKind.Link or TarKind.HardLink ? Value("linkpath") ?? longTarget ?? header.Target : "";
        Content = new Stored(this);
        sparse.Clear();
        if (header.Type == 'S')
        {
            size = header.RealSize;
            header.Stretches(sparse);
            bool more = header.Extended;
            while (more && sparse.Count < MaxStretches)
            {
                stream.ReadExactly(block);
                TarHeader.Stretches(block, 21, sparse);
                more = block[504] != 0;
            }
            Sparse(size);
        }
        else if (kind == TarKind.File && Sparse() is { } real)
        {
            size = real;
            Sparse(size);
        }
        return new(name, kind, target, size, modified);
    }

    /// <summary>
    /// The data ranges of a sparse file in one of pax's three forms, and its size with the holes; null for any other file.
    /// </summary>
    private long? Sparse()
    {
        if (Value("GNU.sparse.major") is "1")
        {
            // The map precedes the data: a count, then offsets and lengths, each on its own line.
            long read = 0;
            long count = Line(ref read);
            if (count > MaxStretches)
                throw new InvalidDataException("the map of a sparse file is too long");
            for (long i = 0; i < count; i++)
                sparse.Add((Line(ref read), Line(ref read)));
            Content.ReadExactly(new byte[(int)((TarHeader.Size - read % TarHeader.Size) % TarHeader.Size)]);
            return Whole(Value("GNU.sparse.realsize") ?? "");
        }
        if (Value("GNU.sparse.map") is not { } map)
            return null;
        string[] numbers = map.Split(',', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i + 1 < numbers.Length && sparse.Count < MaxStretches; i += 2)
            sparse.Add((Whole(numbers[i]), Whole(numbers[i + 1])));
        return Whole(Value("GNU.sparse.size") ?? "");
    }

    private void Sparse(long size)
    {
        long end = 0;
        foreach ((long offset, long length) in sparse)
        {
            if (offset < end || length < 0 || length > long.MaxValue - offset || offset + length > size)
                throw new InvalidDataException("the map of a sparse file contradicts itself");
            end = offset + length;
        }
        Content = new Holes(Content, [.. sparse], size);
    }

    private long Line(ref long read)
    {
        var digits = new StringBuilder();
        var one = new byte[1];
        for (;;)
        {
            Content.ReadExactly(one);
            read++;
            if (one[0] == '\n')
                return Whole(digits.ToString());
            if (digits.Length > 20)
                throw new InvalidDataException("the map of a sparse file is not a list of numbers");
            digits.Append((char)one[0]);
        }
    }

    private static long Whole(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw new InvalidDataException("a number in an extended header is invalid");

    private string? Value(string key) => pax.GetValueOrDefault(key) ?? global.GetValueOrDefault(key);

    /// <summary>Parses the records of an extended header: length, space, key=value, newline.</summary>
    private static Dictionary<string, string> Records(byte[] bytes)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        var map = new StringBuilder();
        ReadOnlySpan<byte> left = bytes;
        while (!left.IsEmpty && left[0] != 0)
        {
            int space = left.IndexOf((byte)' ');
            if (space < 0 || !int.TryParse(left[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length <= space + 1 || length > left.Length)
                throw new InvalidDataException("an extended header is damaged");
            string record = Encoding.UTF8.GetString(left[(space + 1)..(length - 1)]);
            left = left[length..];
            if (record.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals))
                continue;
            string key = record[..equals], value = record[(equals + 1)..];
            // Form 0.0 repeats these two keys for every range, in this order.
            if (key is "GNU.sparse.offset" or "GNU.sparse.numbytes")
                map.Append(value).Append(',');
            all[key] = value;
        }
        if (map.Length > 0)
            all["GNU.sparse.map"] = map.ToString();
        return all;
    }

    private byte[] Small()
    {
        if (stored > MaxHeader)
            throw new InvalidDataException($"an extended header of {stored} bytes");
        var bytes = new byte[(int)stored];
        stream.ReadExactly(bytes);
        stored = 0;
        Pass();
        return bytes;
    }

    /// <summary>Skips the rest of a member, and the padding up to the next block.</summary>
    private void Pass()
    {
        var scratch = new byte[32 << 10];
        for (long left = stored + padding; left > 0;)
        {
            int n = stream.Read(scratch, 0, (int)Math.Min(scratch.Length, left));
            if (n == 0)
                throw new EndOfStreamException();
            left -= n;
        }
        stored = padding = 0;
    }

    /// <summary>The stored bytes of a member: the whole of a plain file, only the data ranges of a sparse one.</summary>
    private sealed class Stored(TarReader tar) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            int n = tar.stream.Read(buffer[..(int)Math.Min(buffer.Length, tar.stored)]);
            if (n == 0 && tar.stored > 0 && buffer.Length > 0)
                throw new EndOfStreamException();
            tar.stored -= n;
            return n;
        }
    }

    /// <summary>A sparse file, with zeros in its holes.</summary>
    private sealed class Holes(Stream kept, (long Offset, long Length)[] stretches, long size) : ForwardStream
    {
        private long at;
        private int next;

        public override int Read(Span<byte> buffer)
        {
            while (next < stretches.Length && at == stretches[next].Offset + stretches[next].Length)
                next++;
            bool hole = next == stretches.Length || at < stretches[next].Offset;
            long until;
            if (hole)
                until = next == stretches.Length ? size : stretches[next].Offset;
            else
                until = stretches[next].Offset + stretches[next].Length;
            buffer = buffer[..(int)Math.Min(buffer.Length, until - at)];
            if (hole)
                buffer.Clear();
            int n = hole ? buffer.Length : kept.Read(buffer);
            if (n == 0 && buffer.Length > 0)
                throw new EndOfStreamException();
            at += n;
            return n;
        }
    }
}
