using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Builders;

/// <summary>A RAR 4 archive of stored files (technote.txt of WinRAR 4): no free program writes the format, and a machine with rar is
/// rare.</summary>
public static class RarBuilder
{
    public static byte[] Of(params (string Name, string Text)[] files)
    {
        var all = new MemoryStream();
        all.Write("Rar!\x1a\x07\0"u8);
        all.Write(Header(0x73, 0, new byte[6]));
        foreach ((string name, string text) in files)
        {
            byte[] content = Encoding.UTF8.GetBytes(text), written = Encoding.ASCII.GetBytes(name), body = new byte[25 + written.Length];
            BinaryPrimitives.WriteInt32LittleEndian(body, content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), content.Length);
            body[8] = 3;
            Crc32 crc = default;
            crc.Add(content);
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(9), crc.Value);
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(13), 0x5a21_0000);
            body[17] = 20;
            body[18] = 0x30;
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(19), (ushort)written.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(21), 0x81a4);
            written.CopyTo(body, 25);
            all.Write(Header(0x74, 0x8000, body));
            all.Write(content);
        }
        all.Write(Header(0x7b, 0x4000, []));
        return all.ToArray();
    }

    /// <summary>A RAR 5 archive of one stored file.</summary>
    public static byte[] Five(string name, string text, bool checksum, bool wrong)
    {
        byte[] content = Encoding.UTF8.GetBytes(text), written = Encoding.ASCII.GetBytes(name);
        Crc32 crc = default;
        crc.Add(content);
        byte[] sum = checksum ? BitConverter.GetBytes(wrong ? ~crc.Value : crc.Value) : [];
        byte[] size = [(byte)(content.Length & 127 | 128), (byte)(content.Length >> 7)];
        return
        [
            .. "Rar!\x1a\x07\x01\0"u8, .. HeaderOfFive([1, 0, 0]),
            .. HeaderOfFive([2, 2, .. size, (byte)(checksum ? 4 : 0), .. size, 0, .. sum, 0, 1, (byte)written.Length, .. written]),
            .. content, .. HeaderOfFive([5, 0, 0]),
        ];
    }

    private static byte[] HeaderOfFive(byte[] body)
    {
        byte[] sized = [(byte)body.Length, .. body];
        Crc32 crc = default;
        crc.Add(sized);
        return [.. BitConverter.GetBytes(crc.Value), .. sized];
    }

    private static byte[] Header(byte type, ushort flags, byte[] body)
    {
        var header = new byte[7 + body.Length];
        header[2] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(3), flags);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(5), (ushort)header.Length);
        body.CopyTo(header, 7);
        Crc32 crc = default;
        crc.Add(header.AsSpan(2));
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(crc.Value & 0xffff));
        return header;
    }
}
