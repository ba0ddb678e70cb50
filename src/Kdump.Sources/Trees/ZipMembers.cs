using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>The entries of a zip archive. They are independent; one that cannot be read is known by name.</summary>
internal static class ZipMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        IReadOnlyList<ZipListed>? list = List(stream);
        foreach (ArchiveMember member in list is null ? Front(stream) : Listed(stream, list))
            yield return member;
    }

    /// <summary>Null if the list of files at the end is missing: the archive was cut.</summary>
    private static IReadOnlyList<ZipListed>? List(Stream stream)
    {
        try
        {
            return ZipDirectory.Read(stream);
        }
        catch (InvalidDataException e)
        {
            throw new ArchiveDamage(e.Message, e);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static IEnumerable<ArchiveMember> Listed(Stream stream, IReadOnlyList<ZipListed> list)
    {
        foreach (ZipListed entry in list)
        {
            string name = entry.Name.Replace('\\', '/');
            bool folder = name.EndsWith('/');
            string? unread = null, link = null;
            using Stream? content = folder ? null : OpenMember(stream, entry, out unread);
            if (content is not null && ArchiveMember.IsLink(entry.Attributes))
                link = ArchiveDamage.Told(() => ArchiveMember.TargetIn(content));
            yield return new(name, entry.Size, entry.Modified, folder, link, link is null ? content : null, unread, Apart: true);
        }
    }

    /// <summary>The members before the cut, followed by the damage.</summary>
    private static IEnumerable<ArchiveMember> Front(Stream stream)
    {
        stream.Position = 0;
        var zip = new ZipForward(stream);
        while (zip.Next() is { } entry)
        {
            string name = entry.Name.Replace('\\', '/');
            bool folder = name.EndsWith('/');
            yield return new(name, Math.Max(0, entry.Size), 0, folder, null, folder || entry.Encrypted ? null : new FrontMember(zip),
                entry.Encrypted ? "encrypted, or compressed with an unsupported method: unpack it, and give the file" : null);
        }
        throw new ArchiveDamage("the archive is damaged or truncated: the list of its files, at its end, is missing");
    }

    private sealed class FrontMember(ZipForward zip) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => zip.Read(buffer);
    }

    private static CheckedMember? OpenMember(Stream stream, ZipListed entry, out string? unread)
    {
        unread = entry.Encrypted ? "encrypted: unpack it, and give the file" : null;
        if (entry.Encrypted)
            return null;
        try
        {
            if (entry.Open(stream) is { } content)
                return new(content, entry.Crc, entry.Size);
            unread = $"compressed with an unsupported method ({entry.Method}): unpack it, and give the file";
        }
        catch (Exception)
        {
            // The decoder reads the first bytes, and reports damage by exceptions of every kind.
            unread = "damaged";
        }
        return null;
    }
}
