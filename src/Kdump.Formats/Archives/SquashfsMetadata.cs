using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>A position in the stream of metadata blocks; a record may continue in the next block.</summary>
internal sealed class SquashfsMetadata(SquashfsBlocks blocks, long block, int offset)
{
    private readonly byte[] scratch = new byte[8];

    public (long Block, int Offset) Position => (block, offset);

    public ushort U16(string field) => BinaryPrimitives.ReadUInt16LittleEndian(Take(scratch.AsSpan(0, 2), field));

    public uint U32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(scratch.AsSpan(0, 4), field));

    public ulong U64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(scratch.AsSpan(0, 8), field));

    public void Skip(int count)
    {
        for (; count > 0; count -= Math.Min(count, 8))
            Take(scratch.AsSpan(0, Math.Min(count, 8)), "padding");
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Take(bytes, "bytes");
        return bytes;
    }

    public InputException Bad(string field, string reason) =>
        new(blocks.Source.Name, field, block, $"{reason} (byte {offset} of this metadata block)");

    private Span<byte> Take(Span<byte> target, string field)
    {
        for (int done = 0; done < target.Length;)
        {
            (byte[] bytes, long next) = blocks.Block(block);
            if (offset >= bytes.Length)
            {
                if (offset > bytes.Length)
                    throw Bad(field, "is beyond the end");
                block = next;
                offset = 0;
                continue;
            }
            int n = Math.Min(target.Length - done, bytes.Length - offset);
            bytes.AsSpan(offset, n).CopyTo(target[done..]);
            done += n;
            offset += n;
        }
        return target;
    }
}
