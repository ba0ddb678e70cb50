using SharpCompress.Common.Rar;
using SharpCompress.Readers;
using SharpCompress.Readers.Rar;

namespace Kdump.Sources.Trees;

/// <summary>The entries of a rar archive by SharpCompress, in one pass.</summary>
internal static class RarMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        IReader reader = ArchiveDamage.Told(() => RarReader.OpenReader(stream, new ReaderOptions { LeaveStreamOpen = true }));
        using ArchiveDamage.Closing closing = ArchiveDamage.Closed(reader);
        while (ArchiveDamage.Told(reader.MoveToNextEntry))
        {
            var entry = (RarEntry)reader.Entry;
            string name = (entry.Key ?? "").Replace('\\', '/');
            long modified = entry.LastModifiedTime is { } time ? new DateTimeOffset(time).ToUnixTimeSeconds() : 0;
            string? unread;
            if (entry.IsEncrypted)
                unread = "encrypted: unpack it, and give the file";
            else if (entry.IsSplitAfter)
                unread = "continued in another file: unpack the archive, and give the folder";
            else
                unread = null;
            string? link = entry.IsRedir ? entry.RedirTargetName : null;
            // SharpCompress checks the CRC, and also the hash that RAR 5 may have instead, which it reports as a CRC.
            using CheckedMember? content = entry.IsDirectory || unread is not null || link is not null ? null
                : new CheckedMember(ArchiveDamage.Told(reader.OpenEntryStream), null, entry.Size, unproven: !HasChecksum(entry));
            yield return new(name, entry.Size, modified, entry.IsDirectory, link, content, unread, Apart: !entry.IsSolid);
        }
        using Stream again = open();
        if (RarBlocks.IsCut(again))
            throw new EndOfStreamException();
    }

    /// <summary>RAR 5 may have neither: SharpCompress then throws when the checksum is asked for, and at the end of the member.</summary>
    private static bool HasChecksum(RarEntry entry)
    {
        try
        {
            return entry.Crc >= 0;
        }
        catch (ArgumentNullException)
        {
            return false;
        }
    }
}
