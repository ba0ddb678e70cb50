namespace Kdump.Formats.Compression;

/// <summary>
/// Base of formats that consist of chunks with a small header (lzop, LZ4 legacy): collects a whole chunk, decodes it and returns it.
/// Keeps one compressed and one decoded chunk in memory.
/// </summary>
public abstract class ChunkedDecoder : StepDecoder
{
    private const int HeaderBytes = 16;

    private byte[] held = [];
    private int heldCount;
    private byte[] decoded = [];
    private int decodedStart;
    private int decodedEnd;
    private bool ended;

    /// <summary>Inspects the buffered bytes; the result says what to do with them.</summary>
    protected abstract Demand Next(ReadOnlySpan<byte> held, bool last, ref byte[] decoded);

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        int consumed = 0, written = 0;
        for (;;)
        {
            if (decodedStart < decodedEnd)
            {
                int n = Math.Min(output.Length - written, decodedEnd - decodedStart);
                decoded.AsSpan(decodedStart, n).CopyTo(output[written..]);
                decodedStart += n;
                written += n;
                return new(consumed, written, false);
            }
            if (ended)
                return new(consumed, written, true);
            Demand demand = Next(held.AsSpan(0, heldCount), last && consumed == input.Length, ref decoded);
            if (demand.Ended)
            {
                // Give back the bytes after the end of the stream; they were all taken in this call or the previous one.
                ended = true;
                int back = heldCount - demand.Used;
                if (back > consumed)
                    throw new StreamBrokenException("a chunk header across two reads");
                return new(consumed - back, written, true);
            }
            if (demand.Used > 0)
            {
                decodedStart = 0;
                decodedEnd = demand.Decoded;
                held.AsSpan(demand.Used, heldCount - demand.Used).CopyTo(held);
                heldCount -= demand.Used;
                continue;
            }
            int need = demand.Wanted - heldCount;
            int take = Math.Min(need, input.Length - consumed);
            // Take a short header completely or not at all, so that it can be given back if it belongs to the data after the stream.
            if (take == 0 || (take < need && heldCount == 0 && need <= HeaderBytes && !last))
                return new(consumed, written, false);
            if (held.Length < demand.Wanted)
                Array.Resize(ref held, demand.Wanted);
            input.Slice(consumed, take).CopyTo(held.AsSpan(heldCount));
            heldCount += take;
            consumed += take;
        }
    }

    protected override void Dispose(bool disposing) => held = decoded = [];

    /// <summary>The result: more bytes are needed, or bytes were used (and decoded), or the stream ended after them.</summary>
    protected readonly record struct Demand(int Wanted, int Used, int Decoded, bool Ended)
    {
        public static Demand For(int bytes) => new(bytes, 0, 0, false);

        public static Demand Did(int used, int decoded = 0) => new(0, used, decoded, false);

        public static Demand End(int used) => new(0, used, 0, true);
    }
}
