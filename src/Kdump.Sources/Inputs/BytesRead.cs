using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>
/// How much of the inputs has been read, in packed bytes, for a report of progress. It is counted at the streams' own reads of many
/// kilobytes, so a line costs nothing.
/// </summary>
public static class BytesRead
{
    private static long done, expected;

    /// <summary>Bytes that were read since the program started.</summary>
    public static long Done => Interlocked.Read(ref done);

    /// <summary>
    /// Of the inputs that are being read or were read, as far as their length is known: an input counts from its first megabyte on, since
    /// of a dump only the head is read as a stream.
    /// </summary>
    public static long Expected => Interlocked.Read(ref expected);

    /// <summary>The stream, with its reads counted.</summary>
    /// <param name="length">Its length; 0 if that is not known.</param>
    internal static Stream Of(Stream stream, long length) => new Counted(stream, length);

    private sealed class Counted(Stream inner, long length) : ForwardStream
    {
        private const long Least = 1 << 20;

        private long read;
        private bool told;

        public override int Read(Span<byte> buffer)
        {
            int n = inner.Read(buffer);
            read += n;
            Interlocked.Add(ref done, n);
            if (!told && read >= Least)
            {
                told = true;
                Interlocked.Add(ref expected, length);
            }
            return n;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
