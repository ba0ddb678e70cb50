using System.IO.Compression;

namespace Kdump.Sources.Trees;

/// <summary>The entries of a zip archive. Each stands by itself, and one that cannot be read is there by name.</summary>
internal static class ZipMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
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
