using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>The content of a file in a squashfs: whole blocks, then a tail in a fragment that it shares with other files.</summary>
internal sealed class SquashfsContent(SquashfsBlocks blocks, (long Offset, uint Size)[] fragments, SquashfsInode inode) : NodeContent
{
    private const uint NoFragment = uint.MaxValue;

    private ContentKind? kind;

    public override long Length => inode.Size;

    public override ContentKind Kind => kind ??= Look();

    public override (int Segment, long Offset) Order =>
        inode.Size >= blocks.BlockSize || inode.Fragment == NoFragment ? (0, inode.Start) : (1, inode.Fragment);

    public override void CopyTo(ContentSink sink)
    {
        if (inode.Size > ImageLimits.MaxUnpacked)
            throw new InputException(blocks.Source.Name, "file_size", -1, $"{inode.Size} is more than {ImageLimits.MaxUnpacked >> 30} GiB");
        Copy(sink);
    }

    private ContentKind Look()
    {
        try
        {
            return Kinds.Of(Read(Kinds.Head));
        }
        catch (InputException)
        {
            return ContentKind.Other;
        }
    }

    private void Copy(ContentSink sink)
    {
        bool tail = inode.Fragment != NoFragment;
        long whole = tail ? inode.Size / blocks.BlockSize : (inode.Size + blocks.BlockSize - 1) / blocks.BlockSize, left = inode.Size,
            at = inode.Start;
        var m = new SquashfsMetadata(blocks, inode.Blocks.Block, inode.Blocks.Offset);
        byte[]? zeros = null;
        for (long i = 0; i < whole; i++)
        {
            uint word = m.U32("block_list");
            int want = (int)Math.Min(blocks.BlockSize, left);
            ReadOnlySpan<byte> piece;
            if (word == 0)
                piece = (zeros ??= new byte[blocks.BlockSize]).AsSpan(0, want);
            else
            {
                byte[] bytes = blocks.Data(at, word);
                if (bytes.Length < want)
                    throw new InputException(blocks.Source.Name, "data block", at, $"has {bytes.Length} bytes instead of {want}");
                piece = bytes.AsSpan(0, want);
                at += word & 0xffffff;
            }
            left -= want;
            if (!sink(piece))
                return;
        }
        if (left <= 0)
            return;
        if (!tail || inode.Fragment >= fragments.Length)
            throw new InputException(blocks.Source.Name, "fragment", -1, $"{inode.Fragment} is not in the table of {fragments.Length}");
        (long start, uint size) = fragments[inode.Fragment];
        byte[] shared = blocks.Fragment(start, size);
        if (inode.Offset > shared.Length || left > shared.Length - inode.Offset)
            throw new InputException(blocks.Source.Name, "fragment", start,
                $"holds {shared.Length} bytes, {left} are wanted at {inode.Offset}");
        sink(shared.AsSpan((int)inode.Offset, (int)left));
    }
}
