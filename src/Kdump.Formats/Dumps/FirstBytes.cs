using Kdump.Formats.Archives;
using Kdump.Formats.Compression;
using Kdump.Formats.Elf;

namespace Kdump.Formats.Dumps;

/// <summary>Kind of a file, by its first bytes.</summary>
public enum ContentFamily
{
    Empty,

    /// <summary>Only zero bytes: a dump that was never written, or a disk.</summary>
    Zeros,

    /// <summary>A dump in a supported format.</summary>
    Dump,

    /// <summary>A dump in a known but unsupported format.</summary>
    OtherDump,
    Compressed,

    Tar,
    Zip,
    SevenZip,
    Rar,

    /// <summary>A crash report of Ubuntu's apport, which contains files as fields.</summary>
    Apport,

    /// <summary>An uncompressed initramfs.</summary>
    Initramfs,
    FileSystem,
    Disk,
    Kernel,
    Program,

    /// <summary>An unknown format with bytes that do not occur in text.</summary>
    Binary,

    /// <summary>An unknown format that may be text.</summary>
    Text,
}

/// <summary>
/// Recognises a file by its first bytes. This is the only table of them: supported formats have their own magic, the others are listed
/// here.
/// </summary>
/// <param name="Name">Name of the format with its article: <c>a tar archive</c>.</param>
/// <param name="Advice">What to do with it; empty if there is no advice.</param>
public sealed record FirstBytes(ContentFamily Family, string Name, string Advice = "")
{
    /// <summary>
    /// Number of bytes from the start of the file that <see cref="Of"/> needs: the super block of erofs and the header of a kernel are
    /// after the first kilobyte.
    /// </summary>
    public const int Head = 4096;

    private const int CoreFile = 4;

    public bool IsArchive => Family is ContentFamily.Tar or ContentFamily.Zip or ContentFamily.SevenZip or ContentFamily.Rar
        or ContentFamily.Apport;

    public static FirstBytes Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return new(ContentFamily.Empty, "an empty file");
        if (DiskDumpHeader.Recognizes(head) || FlattenedSource.Recognizes(head))
            return new(ContentFamily.Dump, "a dump");
        foreach (KnownUnsupported dump in KnownUnsupported.All)
        {
            if (dump.Recognizes(head))
                return new(ContentFamily.OtherDump, dump.Name, dump.Advice);
        }
        // tar archives and kernels are recognised by bytes further inside; their first bytes may equal another format's magic.
        if (TarHeader.Begins(head))
            return new(ContentFamily.Tar, "a tar archive");
        if (KernelFile.Of(head) is { } kernel)
            return new(ContentFamily.Kernel, kernel.Name, kernel.Form == "uki" ? "kdt image check judges the initramfs in it" : "");
        if (head.StartsWith<byte>([0xd0, 0x0d, 0xfe, 0xed]))
            return new(ContentFamily.Binary, "a device tree (dtb)");
        if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8))
            return new(ContentFamily.Zip, "a zip archive");
        if (head.StartsWith<byte>([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]))
            return new(ContentFamily.SevenZip, "a 7z archive");
        if (head.StartsWith("Rar!\x1a\x07"u8))
            return new(ContentFamily.Rar, "a rar archive");
        if (ApportReport.Begins(head))
            return new(ContentFamily.Apport, "a crash report of apport");
        if (DiskFormats.Of(head) is { } disk)
            return disk;
        return Kinds.Of(head) switch
        {
            ContentKind.Elf => ElfHeader.Recognizes(head) && (head[5] == 2 ? head[17] : head[16]) == CoreFile
                ? new(ContentFamily.Dump, "a dump") : new(ContentFamily.Program, "a program, library, module or kernel (ELF)"),
            ContentKind.Squashfs => new(ContentFamily.FileSystem, "a squashfs file system", "kdt image list shows what is in it"),
            ContentKind.Erofs => new(ContentFamily.FileSystem, "an erofs file system", "kdt image list shows what is in it"),
            ContentKind.Cpio => new(ContentFamily.Initramfs, "an initramfs (cpio)", "kdt image check judges it"),
            ContentKind.Compressed => new(ContentFamily.Compressed, $"{StreamCodecs.Of(head)!.Name} data"),
            _ => StreamCodecs.OfFile(head) switch
            {
                { } codec => new(ContentFamily.Compressed, $"{codec.Name} data"),
                _ when !head.ContainsAnyExcept((byte)0) => new(ContentFamily.Zeros,
                    "only zeros (a dump that was never written, or a disk?)"),
                _ when MayBeText(head) => new(ContentFamily.Text, "text"),
                _ => new(ContentFamily.Binary, "unknown binary data"),
            },
        };
    }

    private static bool MayBeText(ReadOnlySpan<byte> head)
    {
        foreach (byte b in head)
        {
            if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f' or 0x1b))
                return false;
        }
        return true;
    }
}
