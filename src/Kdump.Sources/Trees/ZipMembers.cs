using System.IO.Compression;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>The entries of a zip archive. Each stands by itself, and one that cannot be read is there by name.</summary>
internal static class ZipMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        using ZipArchive? zip = List(stream);
        foreach (ArchiveMember member in zip is null ? Front(stream) : Listed(zip))
            yield return member;
    }

    /// <summary>Null where the list of files, which stands at the end, is not there: the archive was cut.</summary>
    private static ZipArchive? List(Stream stream)
    {
        try
        {
            var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return zip.Entries.Count >= 0 ? zip : null;
        }
        catch (Exception e) when (ArchiveTree.IsDamage(e))
        {
            return null;
        }
    }

    private static IEnumerable<ArchiveMember> Listed(ZipArchive zip)
    {
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            string name = entry.FullName.Replace('\\', '/');
            bool folder = name.EndsWith('/');
            string? unread = null, link = null;
            using Stream? content = folder ? null : OpenMember(entry, out unread);
            if (content is not null && ArchiveMember.IsLink(entry.ExternalAttributes))
                link = ArchiveDamage.Told(() => ArchiveMember.TargetIn(content));
            yield return new(name, entry.Length, entry.LastWriteTime.ToUnixTimeSeconds(), folder, link, link is null ? content : null,
                unread, Apart: true);
        }
    }

    /// <summary>The members that stand before the cut, and then the damage.</summary>
    private static IEnumerable<ArchiveMember> Front(Stream stream)
    {
        stream.Position = 0;
        var zip = new ZipForward(stream);
        while (zip.Next() is { } entry)
        {
            string name = entry.Name.Replace('\\', '/');
            bool folder = name.EndsWith('/');
            yield return new(name, Math.Max(0, entry.Size), 0, folder, null, folder || entry.Encrypted ? null : new FrontMember(zip),
                entry.Encrypted ? "encrypted, or packed in a way that is not read here: unpack it, and give the file" : null);
        }
        throw new ArchiveDamage("the archive is damaged or cut: the list of its files, which stands at its end, is not there");
    }

    private sealed class FrontMember(ZipForward zip) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => zip.Read(buffer);
    }

    private static CheckedMember? OpenMember(ZipArchiveEntry entry, out string? unread)
    {
        unread = null;
        if (entry.IsEncrypted)
            unread = "encrypted: unpack it, and give the file";
        else
        {
            try
            {
                return new(entry.Open(), entry.Crc32, entry.Length);
            }
            catch (Exception e) when (ArchiveTree.IsDamage(e))
            {
                unread = "damaged, or packed in a way that is not read here: unpack it, and give the file";
            }
        }
        return null;
    }
}
