using System.IO.Compression;
using System.Text;

namespace Kdump.Sources.Inputs;

/// <summary>The text behind a stream: gzip is unpacked, UTF-16 becomes UTF-8, and neither may grow without end.</summary>
public static class CappedText
{
    /// <summary>Unpacked text that is read: a console log of a year is smaller, and a bomb stops here.</summary>
    public const long MaxUnpacked = 1L << 30;

    public static Capped Unpack(Stream packed) => new(new GZipStream(packed, CompressionMode.Decompress), MaxUnpacked);

    public static Stream FromUtf16(Stream text, bool bigEndian) =>
        Encoding.CreateTranscodingStream(text, bigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode, Encoding.UTF8);

    /// <summary>A stream that ends after so many bytes, or where its packed data turns out damaged; it says so.</summary>
    public sealed class Capped(Stream inner, long limit) : Stream
    {
        private long done;

        /// <summary>Why the text ended early, or null.</summary>
        public string? Note { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (done >= limit)
            {
                Note ??= $"only the first {limit >> 20} MB of the unpacked text were read";
                return 0;
            }
            try
            {
                int n = inner.Read(buffer[..(int)Math.Min(buffer.Length, limit - done)]);
                done += n;
                return n;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                Note ??= $"the gzip data ends badly: {e.Message}";
                done = limit;
                return 0;
            }
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
