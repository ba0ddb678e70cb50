using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Inputs;

/// <summary>Archives as trees of files, read in place or held in memory, never written to disk.</summary>
public static class ArchiveInput
{
    /// <summary>The files of an archive that is a file on disk.</summary>
    public static ArchiveTree Open(string path, OpenInput input)
    {
        // Random access is not possible in a compressed archive, nor a second reading of a pipe.
        if (FileKind.NotSeekable(path) is not null ||
            (input.Packing.Length > 0 && input.Kind.Family is ContentFamily.Zip or ContentFamily.SevenZip))
            return Held(path, input);
        OpenInput? last = null;
        // A truncated tar archive may end between two files: only the decompressor can detect that.
        return Of(path, input, () => (last = OpenInput.Open(path, () => Stream.Null)).Content, () => File.OpenRead(path))
            .Without(last?.Note);
    }

    /// <summary>The files of an archive that is a stream, or a member of another one: it is held in memory.</summary>
    public static ArchiveTree Held(string name, OpenInput input)
    {
        byte[] bytes = ReadHeld(name, input.Content);
        return Of(name, input, () => new MemoryStream(bytes, writable: false), () => new MemoryStream(bytes, writable: false))
            .Without(input.Note);
    }

    private static ArchiveTree Of(string name, OpenInput input, Func<Stream> unpacked, Func<Stream> seekable) => input.Kind.Family switch
    {
        ContentFamily.Zip => ArchiveTree.Zip(name, seekable),
        ContentFamily.SevenZip => ArchiveTree.SevenZip(name, seekable),
        ContentFamily.Apport => ArchiveTree.Apport(name, unpacked),
        ContentFamily.Rar => ArchiveTree.Rar(name, unpacked),
        _ => ArchiveTree.Tar(name, unpacked),
    };

    /// <summary>The only file of an archive (a single packed log); null for an archive with several files, or none.</summary>
    public static OpenInput? Single(OpenInput archive)
    {
        ArchiveTree tree = Held(archive.Name, archive);
        return tree.Files.Take(2).ToArray() is [var only] && tree.Open(only) is { } content ? OpenInput.Of(tree.Shown(only), content)
            : null;
    }

    private static byte[] ReadHeld(string name, Stream content)
    {
        const int most = 256 << 20;
        var all = new MemoryStream();
        var buffer = new byte[128 << 10];
        while (content.Read(buffer, 0, buffer.Length) is > 0 and var n)
        {
            if (all.Length + n > most)
                throw new InputException(name, "archive", all.Length, $"larger than {most >> 20} MiB: give it as a separate file");
            all.Write(buffer, 0, n);
        }
        return all.ToArray();
    }
}
