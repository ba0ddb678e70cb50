using System.Buffers.Binary;
using System.Text;

namespace Kdump.Sources.Images;

/// <summary>
/// A binary index of depmod (modules.dep.bin): a tree of characters, whose values are the lines of the text form. Big endian; the format
/// is that of libkmod/libkmod-index.c, version 2.1. kmod and udev read the text form only where this one cannot be used.
/// </summary>
internal static class KmodIndex
{
    private const uint Magic = 0xB007F457, Prefix = 0x8000_0000, Values = 0x4000_0000, Children = 0x2000_0000, Offset = 0x0FFF_FFFF;
    private const int Head = 12, MaxDepth = 256;

    /// <summary>All values; null if it is no index of a known version, or one that is damaged.</summary>
    public static IReadOnlyList<string>? Read(ReadOnlySpan<byte> file)
    {
        List<string> values = [];
        // A major version that is newer is refused by kmod, too.
        if (file.Length < Head || U32(file, 0) != Magic || U32(file, 4) >> 16 != 2)
            return null;
        int left = file.Length;
        return Walk(file, U32(file, 8), MaxDepth, ref left, values) ? values : null;
    }

    /// <param name="left">Nodes that may still be visited: an index has fewer than bytes, a circle has no end.</param>
    private static bool Walk(ReadOnlySpan<byte> file, uint node, int depth, ref int left, List<string> values)
    {
        int at = (int)(node & Offset);
        if (at == 0)
            return true;
        if (--left < 0 || depth == 0 || at >= file.Length)
            return false;
        if ((node & Prefix) != 0 && Text(file, ref at) is null)
            return false;
        Span<uint> children = stackalloc uint[128];
        int count = 0;
        if ((node & Children) != 0)
        {
            if (at + 2 > file.Length || file[at] > file[at + 1] || file[at + 1] >= 128)
                return false;
            count = file[at + 1] - file[at] + 1;
            at += 2;
            if (file.Length - at < count * 4)
                return false;
            for (int i = 0; i < count; i++, at += 4)
                children[i] = U32(file, at);
        }
        if ((node & Values) != 0)
        {
            if (file.Length - at < 4)
                return false;
            uint wanted = U32(file, at);
            at += 4;
            for (uint i = 0; i < wanted; i++)
            {
                // Four bytes of priority before each.
                at += 4;
                if (at >= file.Length || Text(file, ref at) is not { } value)
                    return false;
                values.Add(value);
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (!Walk(file, children[i], depth - 1, ref left, values))
                return false;
        }
        return true;
    }

    private static string? Text(ReadOnlySpan<byte> file, ref int at)
    {
        int end = file[at..].IndexOf((byte)0);
        if (end < 0)
            return null;
        string text = Encoding.UTF8.GetString(file.Slice(at, end));
        at += end + 1;
        return text;
    }

    private static uint U32(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
}
