using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;
using Kdump.Formats.Dumps;

namespace Kdump.Sources.Inputs;

/// <summary>
/// Opens every input that is read as a stream: a file, <c>-</c>, a pipe; decompresses it and converts UTF-16 to UTF-8. After the
/// content was read to its end, <see cref="Note"/> says whether something is missing.
/// </summary>
public sealed class OpenInput : IDisposable
{
    /// <summary>Limit for unpacked bytes: larger than a console log of a year, and protects against decompression bombs.</summary>
    public const long MaxUnpacked = 1L << 30;

    /// <summary>Maximum nesting of compression, for example a compressed log inside a compressed archive.</summary>
    private const int MaxLayers = 3;

    private readonly List<DecodedStream> layers = [];

    private OpenInput(string name, Stream raw)
    {
        Name = name;
        Content = raw;
    }

    public string Name { get; }

    /// <summary>The content from the first byte on, unpacked.</summary>
    public Stream Content { get; private set; }

    /// <summary>The first bytes of the content, unpacked.</summary>
    public ReadOnlyMemory<byte> Head { get; private set; }

    /// <summary>What the content is.</summary>
    public FirstBytes Kind { get; private set; } = new(ContentFamily.Empty, "an empty file");

    /// <summary>What it was packed with, outermost first; empty for a plain file.</summary>
    public string Packing { get; private set; } = "";

    /// <summary>Why not all of it could be read; null while nothing is known to be missing.</summary>
    public string? Note => layers.Select(l => l.Note).FirstOrDefault(n => n is not null);

    /// <summary>Opens a file, a pipe, or standard input for <c>-</c>.</summary>
    /// <exception cref="InputException">It does not exist, cannot be read, is not a file, or cannot be decompressed.</exception>
    public static OpenInput Open(string path, Func<Stream> standardInput) =>
        path == "-" ? Of("(standard input)", BytesRead.Of(standardInput(), 0)) : Of(path, CountedFile(path));

    private static Stream CountedFile(string path)
    {
        Stream file = OpenFile(path);
        return BytesRead.Of(file, file.CanSeek ? file.Length : 0);
    }

    /// <summary>The same for a text; from an archive with one file, opens that file.</summary>
    public static OpenInput OpenText(string path, Func<Stream> standardInput)
    {
        if (path != "-" && Directory.Exists(path))
            throw new InputException(path, "file", -1, "a folder: give one file, or give the folder to kdt explain");
        OpenInput input = Open(path, standardInput);
        if (!input.Kind.IsArchive)
            return input;
        using (input)
        {
            return ArchiveInput.Single(input)
                ?? throw new InputException(input.Name, "content", -1,
                    $"{input.Kind.Name} that does not contain one readable file: give it to kdt explain");
        }
    }

    /// <summary>The same for an existing stream, such as a member of an archive, which it then owns.</summary>
    public static OpenInput Of(string name, Stream raw)
    {
        var input = new OpenInput(name, raw);
        try
        {
            input.Look();
            return input;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            input.Dispose();
            throw new InputException(name, "file", -1, FileKind.ReasonOf(e, name), e);
        }
    }

    public void Dispose() => Content.Dispose();

    /// <summary>A file or a pipe, before anything of it is recognised.</summary>
    internal static Stream OpenFile(string path)
    {
        if (path.Length == 0)
            throw new InputException(path, "file", -1, "empty name; give a file, or - for standard input");
        if (Directory.Exists(path))
            throw new InputException(path, "file", -1, "a folder, not a file");
        try
        {
            if (FileKind.IsPipe(path))
            {
                return FileKind.OpenPipe(path) ?? throw new InputException(path, "file", -1,
                    "a named pipe without data for one second");
            }
            if (FileKind.Refusal(path) is { } refusal)
                throw new InputException(path, "file", -1, refusal);
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(path, "file", -1, FileKind.ReasonOf(e, path), e);
        }
    }

    private void Look()
    {
        for (;;)
        {
            byte[] head = new byte[FirstBytes.Head];
            Head = head.AsMemory(0, Content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
            Kind = FirstBytes.Of(Head.Span);
            Content = new Prepended(Head, Content);
            if (Kind.Family == ContentFamily.Zeros && layers.Count <= MaxLayers && SkipZeros())
                continue;
            if (Kind.Family != ContentFamily.Compressed || layers.Count == MaxLayers)
                break;
            StreamCodec codec = StreamCodecs.OfFile(Head.Span)!;
            // A text may begin like an LZMA file; the decoder then fails at the first byte.
            var layer = new DecodedStream(Content, codec, MaxUnpacked);
            layers.Add(layer);
            Content = layer;
            Packing = Packing.Length == 0 ? codec.Name : $"{Packing}, {codec.Name}";
        }
        if (Utf16(Head.Span) is { } bigEndian)
        {
            Content = Encoding.CreateTranscodingStream(Content, bigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode, Encoding.UTF8);
            Kind = new(ContentFamily.Text, "text");
        }
        else if (Kind.Family == ContentFamily.Text && QuotedPrintable.Is(Head.Span))
            Content = new QuotedPrintable(Content);
    }

    /// <summary>
    /// Skips zeros at the beginning of a log, which a file system leaves after losing data; true if text follows. A file of only
    /// zeros is left unchanged.
    /// </summary>
    private bool SkipZeros()
    {
        var buffer = new byte[64 << 10];
        for (long left = MaxUnpacked; left > 0;)
        {
            int n = Content.Read(buffer, 0, buffer.Length);
            if (n == 0)
                return false;
            left -= n;
            if (buffer.AsSpan(0, n).IndexOfAnyExcept((byte)0) is >= 0 and var first)
            {
                Content = new Prepended(buffer.AsMemory(first, n - first), Content);
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// UTF-16 by its byte order mark, or by a zero in every second byte of its first lines, as PowerShell and terminal programs write it:
    /// true for big endian.
    /// </summary>
    private static bool? Utf16(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith<byte>([0xff, 0xfe]))
            return false;
        if (head.StartsWith<byte>([0xfe, 0xff]))
            return true;
        ReadOnlySpan<byte> sample = head[..(Math.Min(head.Length, 256) & ~1)];
        if (sample.Length < 32)
            return null;
        int even = 0, odd = 0;
        for (int i = 0; i < sample.Length; i += 2)
        {
            even += sample[i] == 0 && sample[i + 1] != 0 ? 1 : 0;
            odd += sample[i + 1] == 0 && sample[i] != 0 ? 1 : 0;
        }
        if (even > sample.Length * 4 / 10)
            return true;
        return odd > sample.Length * 4 / 10 ? false : null;
    }
}
