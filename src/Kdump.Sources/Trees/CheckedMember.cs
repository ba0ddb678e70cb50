using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>
/// A member of an archive that is checked at its end, because .NET and SharpCompress unpack a damaged one without an error, or with
/// an exception of any kind.
/// </summary>
/// <param name="expected">Its CRC-32; null where the archive keeps none, or the unpacking code checks it.</param>
/// <param name="unproven">The archive keeps no checksum of it, and the unpacking code throws for that reason at its end.</param>
internal sealed class CheckedMember(Stream content, uint? expected, long length, bool unproven = false) : ForwardStream
{
    private Crc32 crc;
    private long done;

    /// <exception cref="InvalidDataException">The member is damaged, or it ends and is not what its header promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        int n;
        try
        {
            n = content.Read(buffer);
        }
        catch (Exception) when (unproven && done == length)
        {
            n = 0;
        }
        catch (Exception e)
        {
            throw new InvalidDataException("a member is damaged", e);
        }
        crc.Add(buffer[..n]);
        done += n;
        if (n == 0 && buffer.Length > 0 && (done != length || (expected is { } promised && crc.Value != promised)))
            throw new InvalidDataException("a member does not have the length and checksum that its header promises");
        return n;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            ArchiveDamage.Close(content);
        base.Dispose(disposing);
    }
}
