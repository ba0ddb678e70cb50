using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>All known kinds of dump file, including unsupported ones, and the methods that open any of them.</summary>
public static class DumpFormats
{
    /// <summary>Maximum number of files of one dump: more than makedumpfile --split writes.</summary>
    private const int MaxParts = 1024;

    public static IReadOnlyList<DumpFormat> All { get; } =
    [
        new DiskDumpFormat(),
        new ElfDumpFormat(),
        .. KnownUnsupported.All,
        new SaDumpFormat(),
    ];

    /// <summary>
    /// The format of a file, recognised by its first bytes, also inside a flattened file; null if it is not a dump. Used to classify
    /// inputs; content never makes it throw.
    /// </summary>
    public static DumpFormat? Of(IByteSource source)
    {
        ReadOnlySpan<byte> head = source.ReadUpTo(0, DumpFormat.HeadLength);
        if (!FlattenedSource.Recognizes(head))
            return Of(head);
        try
        {
            return Of(FlattenedSource.Open(source).ReadUpTo(0, DumpFormat.HeadLength));
        }
        catch (InputException)
        {
            return null;
        }
    }

    /// <summary>Opens one dump; several paths are the parts of a split dump, in any order, each flattened or not.</summary>
    /// <exception cref="InputException">The files cannot be read, are not a dump, or are of an unsupported kind.</exception>
    public static Dump Open(IReadOnlyList<string> paths)
    {
        if (paths.Count is 0 or > MaxParts)
            throw new InputException("dump", "paths", -1, $"{paths.Count} files given; 1 to {MaxParts} make a dump");
        List<IByteSource> sources = [];
        try
        {
            foreach (string path in paths)
                sources.Add(FileSource.Open(path));
            return Open(sources);
        }
        catch
        {
            foreach (IByteSource source in sources)
                source.Dispose();
            throw;
        }
    }

    /// <summary>Like <see cref="Open(IReadOnlyList{string})"/>. On success the dump owns the sources.</summary>
    public static Dump Open(IReadOnlyList<IByteSource> sources)
    {
        List<IByteSource> inner = [];
        DumpFormat? format = null;
        foreach (IByteSource source in sources)
        {
            byte[] head = source.ReadUpTo(0, DumpFormat.HeadLength);
            IByteSource content = source;
            if (FlattenedSource.Recognizes(head))
            {
                content = FlattenedSource.Open(source);
                head = content.ReadUpTo(0, DumpFormat.HeadLength);
            }
            DumpFormat found = Of(head)
                ?? throw new InputException(source.Name, content is FlattenedSource ? "flattened content" : "format", 0,
                NotADump(FirstBytes.Of(head)));
            if (format is not null && found != format)
                throw new InputException(source.Name, "format", 0,
                    $"{found.Name}, but {sources[0].Name} is {format.Name}: not parts of one dump");
            format = found;
            inner.Add(content);
        }
        return format!.Open(inner);
    }

    private static string NotADump(FirstBytes what) => what.Family switch
    {
        ContentFamily.Empty => "not a dump: the input is empty",
        ContentFamily.Compressed or ContentFamily.Tar or ContentFamily.Zip or ContentFamily.SevenZip or ContentFamily.Rar =>
            $"not a dump: it is {what.Name}; unpack it first",
        ContentFamily.Zeros => $"not a dump: it begins with {what.Name}",
        ContentFamily.Binary => "not a dump: unknown first bytes",
        ContentFamily.Text => "not a dump: it looks like text",
        _ => $"not a dump: it is {what.Name}",
    };

    private static DumpFormat? Of(ReadOnlySpan<byte> head)
    {
        foreach (DumpFormat format in All)
        {
            if (format.Recognizes(head))
                return format;
        }
        return null;
    }

    private sealed class DiskDumpFormat : DumpFormat
    {
        public override string Name => "kdump-compressed";

        public override bool Recognizes(ReadOnlySpan<byte> head) => DiskDumpHeader.Recognizes(head);

        public override Dump Open(IReadOnlyList<IByteSource> sources) => DiskDump.Open(sources);
    }

    private sealed class SaDumpFormat : DumpFormat
    {
        public override string Name => "sadump";

        public override bool Recognizes(ReadOnlySpan<byte> head) => SaDumpHeader.Recognizes(head);

        public override Dump Open(IReadOnlyList<IByteSource> sources) => SaDump.Open(sources);
    }

    private sealed class ElfDumpFormat : DumpFormat
    {
        public override string Name => "ELF";

        public override bool Recognizes(ReadOnlySpan<byte> head) => Elf.ElfHeader.Recognizes(head);

        public override Dump Open(IReadOnlyList<IByteSource> sources) => sources.Count == 1 ? ElfDump.Open(sources[0])
            : throw new InputException(sources[1].Name, "format", 0, "an ELF dump is one file; only kdump-compressed dumps are split");
    }
}
