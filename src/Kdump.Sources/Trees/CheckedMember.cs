using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>
/// A member of a zip archive that proves itself at its end: .NET unpacks a damaged one without a word.
/// </summary>
internal sealed class CheckedMember(Stream content, uint expected, long length) : ForwardStream
{
    private Crc32 crc;
    private long done;

    /// <exception cref="InvalidDataException">The member ends, and it is not what its header promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        int n = content.Read(buffer);
        crc.Add(buffer[..n]);
        done += n;
        if (n == 0 && buffer.Length > 0 && (done != length || crc.Value != expected))
            throw new InvalidDataException("a member does not have the length and checksum that its header promises");
        return n;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }
}
