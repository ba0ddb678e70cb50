using System.Buffers.Binary;

namespace Kdump.Sources.Trees;

/// <summary>
/// Whether a rar archive ends where its blocks end: SharpCompress treats a truncated archive as complete. Block headers as
/// technote.txt of WinRAR 4 and "RAR 5.0 archive format" on rarlab.com have them.
/// </summary>
internal static class RarBlocks
{
    private const int EndOfFour = 0x7b, MainOfFour = 0x73, EndOfFive = 5, EncryptionOfFive = 4;

    /// <summary>Headers have names and times; the format's own limit is 2 MiB.</summary>
    private const int MaxHeader = 2 << 20;

    public static bool IsCut(Stream archive)
    {
        Span<byte> signature = stackalloc byte[8];
        if (archive.ReadAtLeast(signature[..7], 7, throwOnEndOfStream: false) < 7)
            return true;
        if (signature[6] == 0)
            return IsCutFour(archive);
        return archive.ReadByte() < 0 || IsCutFive(archive);
    }

    private static bool IsCutFour(Stream archive)
    {
        Span<byte> head = stackalloc byte[11];
        for (;;)
        {
            int read = archive.ReadAtLeast(head[..7], 7, throwOnEndOfStream: false);
            // Versions before 3 write no last block.
            if (read < 7)
                return read > 0;
            int type = head[2], flags = BinaryPrimitives.ReadUInt16LittleEndian(head[3..]);
            long left = BinaryPrimitives.ReadUInt16LittleEndian(head[5..]) - 7;
            if (type == EndOfFour || left < 0 || (type == MainOfFour && (flags & 0x80) != 0))
                return false;
            if ((flags & 0x8000) != 0)
            {
                if (left < 4 || archive.ReadAtLeast(head[7..], 4, throwOnEndOfStream: false) < 4)
                    return true;
                left += BinaryPrimitives.ReadUInt32LittleEndian(head[7..]) - 4L;
                // The upper half of the size of a file of 4 GiB or more stands behind 32 bytes.
                if (type == 0x74 && (flags & 0x100) != 0)
                    return false;
            }
            if (!Skip(archive, left))
                return true;
        }
    }

    private static bool IsCutFive(Stream archive)
    {
        for (;;)
        {
            // Every archive of this version has a last block.
            if (!Skip(archive, 4) || Number(archive) is not { } size || size > MaxHeader)
                return true;
            var header = new byte[(int)size];
            if (archive.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
                return true;
            using var fields = new MemoryStream(header);
            if (Number(fields) is not { } type || Number(fields) is not { } flags)
                return true;
            if (type is EndOfFive or EncryptionOfFive)
                return false;
            if ((flags & 1) != 0 && Number(fields) is null)
                return true;
            if ((flags & 2) != 0 && (Number(fields) is not { } data || data > long.MaxValue || !Skip(archive, (long)data)))
                return true;
        }
    }

    /// <summary>Seven bits a byte, the lowest first; null at the end of the stream or for more than 64 bits.</summary>
    private static ulong? Number(Stream from)
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            if (from.ReadByte() is not (>= 0 and var next))
                return null;
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }
        return null;
    }

    private static bool Skip(Stream archive, long bytes)
    {
        if (archive.CanSeek)
        {
            if (bytes > archive.Length - archive.Position)
                return false;
            archive.Position += bytes;
            return true;
        }
        var buffer = new byte[64 << 10];
        while (bytes > 0)
        {
            int read = archive.Read(buffer, 0, (int)Math.Min(bytes, buffer.Length));
            if (read == 0)
                return false;
            bytes -= read;
        }
        return true;
    }
}
