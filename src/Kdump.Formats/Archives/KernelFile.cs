using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>
/// A kernel image file as boot loaders and kexec load it, recognised by its content. x86: Documentation/arch/x86/boot.rst (<c>HdrS</c> at
/// 0x202). arm64: Documentation/arch/arm64/booting.rst; riscv: Documentation/arch/riscv/boot-image-header.rst; both have their magic at
/// 56. EFI zboot: drivers/firmware/efi/libstub/zboot-header.S. U-Boot's image.h; s390: arch/s390/boot/head.S (<c>S390EP</c> at 0x10008).
/// </summary>
/// <param name="Form"><c>bzImage</c>, <c>Image</c>, <c>zboot</c>, <c>uki</c>, <c>uImage</c>.</param>
/// <param name="Architecture">As in uname -m; empty if the file does not contain it.</param>
public sealed record KernelFile(string Form, string Architecture)
{
    /// <summary>Number of bytes from the start of the file that <see cref="Of"/> needs.</summary>
    private const int Head = 4096;

    /// <summary>MAGIC of PE files that are Linux kernels (include/linux/pe.h LINUX_PE_MAGIC), at byte offset 56.</summary>
    private const uint LinuxPe = 0x818223cd;

    private const int MagicAt = 56, PeAt = 60, ZbootPayload = 8, ZbootPacking = 24, S390At = 0x10008;

    private const int MaxNesting = 2;

    /// <summary>Page size of this kernel in bytes; 0 if the file does not contain it.</summary>
    public int PageSize { get; init; }

    public bool BigEndian { get; init; }

    /// <summary>The compression of the whole file (Image.gz), or of the payload of a zboot file; empty for none.</summary>
    public string Packing { get; init; } = "";

    /// <summary>The kernel's release; empty if the file does not contain it.</summary>
    public string Release { get; init; } = "";

    /// <summary>The kernel inside a unified kernel image or a zboot file.</summary>
    public KernelFile? Inner { get; init; }

    /// <summary>Sections of a unified kernel image, in the order of its table.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>A description for users: <c>an arm64 Image with pages of 64 KB</c>.</summary>
    public string Name => Form switch
    {
        "uki" => $"a unified kernel image{(Architecture.Length == 0 ? "" : $" for {Architecture}")}",
        "zboot" => $"{Article} kernel in zboot form" + (Packing.Length == 0 ? "" : $" ({Packing})") + Pages(Inner ?? this),
        "uImage" => $"{Article} U-Boot image (uImage)",
        _ => $"{Article} kernel ({(Packing.Length == 0 ? Form : $"{Form}, packed with {Packing}")})" +
            $"{(BigEndian ? ", big-endian" : "")}{Pages(this)}",
    };

    private string Article => Architecture switch
    {
        "" => "a", "x86_64" or "i386" or "aarch64" or "s390x" => "an " + Architecture, _ => "a " + Architecture,
    };

    private static string Pages(KernelFile of) => of.PageSize == 0 || of.Architecture != "aarch64" ? ""
        : $" with pages of {of.PageSize >> 10} KB";

    /// <summary>
    /// Recognises a kernel by the first 4096 bytes of the file; null for any other file, and for a file that is compressed as a whole.
    /// </summary>
    public static KernelFile? Of(ReadOnlySpan<byte> head)
    {
        if (head.Length > 0x238 && head[0x202..].StartsWith("HdrS"u8))
            return new("bzImage", (head[0x236] & 1) != 0 ? "x86_64" : "i386") { PageSize = 4096 };
        if (head.Length < 64)
            return null;
        if (head[MagicAt..].StartsWith("ARM\x64"u8))
        {
            ulong flags = BinaryPrimitives.ReadUInt64LittleEndian(head[24..]);
            return new("Image", "aarch64") { BigEndian = (flags & 1) != 0,
                PageSize = (flags >> 1 & 3) switch { 1 => 4096, 2 => 16384, 3 => 65536, _ => 0 } };
        }
        if (head[MagicAt..].StartsWith("RSC\x05"u8))
            return new("Image", "riscv64") { PageSize = 4096 };
        if (BinaryPrimitives.ReadUInt32BigEndian(head) == 0x27051956)
            return new("uImage", head[29] switch { 2 => "arm", 5 => "mips", 7 => "ppc", 22 => "aarch64", 26 => "riscv64", _ => "" });
        if (!head.StartsWith("MZ"u8))
            return null;
        string machine = Machine(head);
        if (head[4..].StartsWith("zimg"u8))
            return new("zboot", machine) { Packing = Packed(head) };
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[MagicAt..]) == LinuxPe)
            return new("Image", machine);
        return machine.Length > 0 && head.IndexOf(".linux\0\0"u8) > 0 ? new("uki", machine) : null;
    }

    /// <summary>
    /// Recognises a kernel by the whole file, and finds the kernel inside and the compression. Null for any other file.
    /// </summary>
    public static KernelFile? Read(IByteSource source, int depth = 0)
    {
        byte[] head = source.ReadUpTo(0, Head);
        if (Of(head) is not { } file)
        {
            if (depth < MaxNesting && StreamCodecs.OfFile(head) is { } codec && Of(Unpacked(source, 0, codec)) is { } packed)
                return packed with { Packing = codec.Name };
            if (source.ReadUpTo(S390At, 6).AsSpan().SequenceEqual("S390EP"u8))
                return new("bzImage", "s390x") { PageSize = 4096 };
            return null;
        }
        return file.Form switch
        {
            "bzImage" => file with { Release = ReleaseOf(source, head) },
            "zboot" => file with { Inner = Payload(source, head) },
            "uki" => Unified(source, file, depth),
            _ => file,
        };
    }

    private static KernelFile Unified(IByteSource source, KernelFile file, int depth)
    {
        UnifiedKernel kernel;
        try
        {
            kernel = UnifiedKernel.Read(source);
        }
        catch (InputException)
        {
            return file;
        }
        KernelFile? inner = depth < MaxNesting && kernel.Sections.TryGetValue(".linux", out (long Offset, long Length) place)
            ? Read(new SliceSource(source, source.Name + ":.linux", place.Offset, place.Length), depth + 1) : null;
        return file with { Inner = inner, Sections = [.. kernel.Sections.Keys], Release = kernel.Text(".uname") ?? inner?.Release ?? "" };
    }

    /// <summary>
    /// The release: the first word of the version text, to which kernel_version of the setup header points (relative to 0x200).
    /// </summary>
    private static string ReleaseOf(IByteSource source, byte[] head)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x20e));
        if (at == 0)
            return "";
        byte[] text = source.ReadUpTo(at + 0x200, 256);
        int end = text.AsSpan().IndexOfAny((byte)0, (byte)' ');
        return end > 0 && char.IsAsciiDigit((char)text[0]) ? Encoding.ASCII.GetString(text, 0, end) : "";
    }

    private static KernelFile? Payload(IByteSource source, byte[] head)
    {
        uint at = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(ZbootPayload));
        return StreamCodecs.OfFile(source.ReadUpTo(at, StreamCodecs.MagicBytes)) is { } codec ? Of(Unpacked(source, at, codec)) : null;
    }

    /// <summary>The first bytes of the unpacked data; fewer if it is damaged.</summary>
    private static byte[] Unpacked(IByteSource source, long offset, StreamCodec codec)
    {
        const int MaxPacked = 1 << 20;
        using var stream = new DecodedStream(new MemoryStream(source.ReadUpTo(offset, MaxPacked)), codec, Head);
        var bytes = new byte[Head];
        return bytes[..stream.ReadAtLeast(bytes, Head, throwOnEndOfStream: false)];
    }

    /// <summary>COMP_TYPE, a NUL-terminated text: <c>gzip</c>, <c>zstd</c>, <c>lzma</c> …</summary>
    private static string Packed(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = head[ZbootPacking..MagicAt];
        int end = text.IndexOf((byte)0);
        return end > 0 && !text[..end].ContainsAnyExceptInRange((byte)'0', (byte)'z') ? Encoding.ASCII.GetString(text[..end]) : "";
    }

    /// <summary>
    /// The architecture for IMAGE_FILE_HEADER.Machine; empty for a file that is not PE, or an architecture that is not known here.
    /// </summary>
    private static string Machine(ReadOnlySpan<byte> head)
    {
        uint at = BinaryPrimitives.ReadUInt32LittleEndian(head[PeAt..]);
        if (at > (uint)head.Length - 6 || !head[(int)at..].StartsWith("PE\0\0"u8))
            return "";
        return BinaryPrimitives.ReadUInt16LittleEndian(head[((int)at + 4)..]) switch
        {
            0xaa64 => "aarch64", 0x8664 => "x86_64", 0x014c => "i386", 0x5064 => "riscv64", 0x6264 => "loongarch64", 0x01c2 => "arm",
            _ => "",
        };
    }
}
