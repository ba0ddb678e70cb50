namespace Kdump.Tests.Builders;

/// <summary>A flattened file: the records in the order in which they are added.</summary>
public sealed class FlattenedBuilder
{
    private readonly ByteWriter w = new(bigEndian: true);

    public FlattenedBuilder()
    {
        w.Put(0, "makedumpfile\0\0\0\0"u8);
        w.U64(16, 1);
        w.U64(24, 1);
        w.Pad(0x1000);
    }

    public static byte[] Of(byte[] plain, int recordSize)
    {
        FlattenedBuilder builder = new();
        int[] starts = [.. Enumerable.Range(0, (plain.Length + recordSize - 1) / recordSize).Select(i => i * recordSize)];
        // The order of a real writer is no order to rely on.
        new Random(7).Shuffle(starts);
        foreach (int start in starts)
            builder.Record(start, plain.AsSpan(start, Math.Min(recordSize, plain.Length - start)));
        return builder.End();
    }

    public FlattenedBuilder Record(long offset, ReadOnlySpan<byte> data, long? size = null)
    {
        int at = w.Length;
        w.U64(at, unchecked((ulong)offset));
        w.U64(at + 8, unchecked((ulong)(size ?? data.Length)));
        w.Put(at + 16, data);
        return this;
    }

    public byte[] End()
    {
        Record(-1, [], -1);
        return w.ToArray();
    }

    public byte[] Cut() => w.ToArray();
}
