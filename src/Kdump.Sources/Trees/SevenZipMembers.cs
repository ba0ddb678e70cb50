using System.Buffers.Binary;
using SharpCompress.Archives;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Common;
using SharpCompress.Common.SevenZip;
using SharpCompress.Readers;

namespace Kdump.Sources.Trees;

/// <summary>
/// The entries of a 7z archive by SharpCompress, in one pass: many files are packed as one block, which is unpacked from its front.
/// After damage in a block the rest of its files is known by name only; later blocks are read.
/// </summary>
internal static class SevenZipMembers
{
    /// <summary>The list of files is at the end of the archive; the first 32 bytes tell its position and length.</summary>
    private const int Head = 32;

    /// <summary>The most bytes of that list; a list of 100,000 files has some megabytes.</summary>
    private const ulong MaxList = 64 << 20;

    private const string Behind = "behind damage in the block that it is packed in";

    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        Check(stream);
        IArchive archive = ArchiveDamage.Told(() => SevenZipArchive.OpenArchive(stream, new ReaderOptions { LeaveStreamOpen = true }));
        using ArchiveDamage.Closing closingLast = ArchiveDamage.Closed(archive);
        SevenZipArchiveEntry[] entries = ArchiveDamage.Told(() => archive.Entries.Cast<SevenZipArchiveEntry>().ToArray());
        foreach (SevenZipArchiveEntry folder in entries.Where(e => e.IsDirectory))
            yield return Member(folder, null, null);
        IReader reader = ArchiveDamage.Told(archive.ExtractAllEntries);
        using ArchiveDamage.Closing closing = ArchiveDamage.Closed(reader);
        // After damage a reader is not usable any more.
        bool broken = false;
        foreach (SevenZipArchiveEntry entry in entries.Where(e => !e.IsDirectory))
        {
            if (entry.IsEncrypted)
            {
                yield return Member(entry, null, "encrypted: unpack it, and give the file");
                continue;
            }
            Stream? content = broken ? null : Next(reader, entry);
            broken |= content is null;
            if (broken && !entry.IsSolid)
                content = Alone(entry);
            using CheckedMember? member = content is null ? null
                : new CheckedMember(content, entry.Crc == 0 ? null : unchecked((uint)entry.Crc), entry.Size);
            yield return Member(entry, member, content is null ? Behind : null);
        }
    }

    private static ArchiveMember Member(SevenZipEntry entry, CheckedMember? content, string? unread)
    {
        string name = (entry.Key ?? "").Replace('\\', '/');
        long modified = entry.LastModifiedTime is { } time ? new DateTimeOffset(time).ToUnixTimeSeconds() : 0;
        string? link = null;
        if (content is not null && entry.ExtendedAttrib is { } attributes && ArchiveMember.IsLink(attributes))
            link = ArchiveDamage.Told(() => ArchiveMember.TargetIn(content));
        return new(name, entry.Size, modified, entry.IsDirectory, link, link is null ? content : null, unread, Apart: true);
    }

    /// <summary>The content of the next entry; null when damage comes before it.</summary>
    private static EntryStream? Next(IReader reader, SevenZipArchiveEntry entry)
    {
        try
        {
            do
            {
                if (!reader.MoveToNextEntry())
                    return null;
            }
            while (reader.Entry.IsDirectory);
            return reader.Entry.Key == entry.Key ? reader.OpenEntryStream() : null;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static Stream? Alone(SevenZipArchiveEntry entry)
    {
        try
        {
            return entry.OpenEntryStream();
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>7zFormat.txt of 7-Zip, SignatureHeader: SharpCompress allocates as much as a damaged header claims.</summary>
    private static void Check(Stream stream)
    {
        var head = new byte[Head];
        if (stream.ReadAtLeast(head, Head, throwOnEndOfStream: false) < Head)
            throw new ArchiveDamage("the archive is truncated: it ends within its first bytes");
        ulong at = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(12));
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(20));
        ulong rest = (ulong)stream.Length - Head;
        if (at > rest || size > rest - at)
            throw new ArchiveDamage("the archive is truncated: the list of its files, at its end, is missing");
        if (size > MaxList)
            throw new ArchiveDamage($"the list of its files has more than {MaxList >> 20} MiB");
        stream.Position = 0;
    }
}
