using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Elf;

/// <summary>
/// A section with SHF_COMPRESSED: struct Elf64_Chdr of the ELF specification (type, reserved, size, alignment), then the bytes as zlib (1)
/// or zstd (2) packed them.
/// </summary>
internal static class CompressedSection
{
    public const ulong Flag = 0x800;

    private const int HeaderBytes = 24;

    /// <summary>Of unpacked bytes; the largest section of a kernel's debugging information is below 500 MB.</summary>
    private const ulong MaxBytes = 1 << 30;

    /// <exception cref="InputException">It is of another kind, larger than any is, or broken.</exception>
    public static byte[] Read(IByteSource source, ElfHeader header, ElfSection section)
    {
        if (section.Size is < HeaderBytes or > MaxBytes)
            throw new InputException(source.Name, section.Name, (long)section.Offset, $"{section.Size} bytes are no compressed section");
        byte[] packed = source.ReadBytes((long)section.Offset, (int)section.Size, section.Name);
        uint type = header.BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(packed) : BinaryPrimitives.ReadUInt32LittleEndian(packed);
        ulong size = header.BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(packed.AsSpan(8))
            : BinaryPrimitives.ReadUInt64LittleEndian(packed.AsSpan(8));
        if (size > MaxBytes)
            throw new InputException(source.Name, "ch_size", (long)section.Offset + 8,
                $"{section.Name}: {size} bytes are more than {MaxBytes}");
        PageCodec codec = type switch
        {
            1 => Zlib.Codec,
            2 => Zstd.Codec,
            _ => throw new InputException(source.Name, "ch_type", (long)section.Offset,
                $"{section.Name} is compressed by method {type}, which is neither zlib (1) nor zstd (2)"),
        };
        byte[] bytes = new byte[(int)size];
        string? wrong = codec.Decode(packed.AsSpan(HeaderBytes), bytes, out int written);
        return wrong is null && written == bytes.Length ? bytes : throw new InputException(source.Name, section.Name, (long)section.Offset,
            wrong ?? $"unpacks to {written} bytes instead of {size}");
    }
}
