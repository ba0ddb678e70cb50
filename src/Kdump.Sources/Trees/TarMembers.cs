using Kdump.Formats.Archives;

namespace Kdump.Sources.Trees;

/// <summary>The entries of a tar archive.</summary>
internal static class TarMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        using var tar = new TarReader(stream);
        while (tar.Next() is { } entry)
        {
            string? link = entry.Kind switch
            {
                TarKind.Link => entry.Target,
                TarKind.HardLink => ArchiveTree.Normal(entry.Target),
                _ => null,
            };
            if (entry.Kind is TarKind.File or TarKind.Folder || link is not null)
                yield return new(entry.Name, entry.Size, entry.Modified, entry.Kind is TarKind.Folder, link,
                    entry.Kind is TarKind.File ? tar.Content : null);
        }
        // Reading to the end lets the compression of the archive check itself.
        stream.CopyTo(Stream.Null);
    }
}
