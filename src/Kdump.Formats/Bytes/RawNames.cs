using System.Runtime.InteropServices;
using System.Text;

namespace Kdump.Formats.Bytes;

/// <summary>
/// Names in a folder that are not UTF-8. To Linux a name is a sequence of bytes. .NET replaces bytes that it cannot decode by a mark, and
/// cannot open such a file; <see cref="RawPaths"/> can.
/// </summary>
public static partial class RawNames
{
    /// <summary>The character by which .NET replaces bytes that are not UTF-8.</summary>
    public const char Mark = '\ufffd';

    /// <summary>struct dirent of 64-bit glibc and musl: d_ino, d_off, d_reclen, d_type, d_name.</summary>
    private const int TypeOffset = 18, NameOffset = 19;

    /// <summary>DT_LNK.</summary>
    private const byte Link = 10;

    /// <summary>The names in a folder, with <c>\xNN</c> for each byte that is not UTF-8, sorted by their bytes.</summary>
    public static IReadOnlyList<(string Name, bool IsLink)> Of(string folder)
    {
        var names = new List<(string Name, bool IsLink)>();
        IntPtr open = opendir(folder);
        if (open == IntPtr.Zero)
            return names;
        try
        {
            for (IntPtr entry = readdir(open); entry != IntPtr.Zero; entry = readdir(open))
            {
                if (Escaped(BytesAt(IntPtr.Add(entry, NameOffset))) is { } name)
                    names.Add((name, Marshal.ReadByte(entry, TypeOffset) == Link));
            }
        }
        finally
        {
            _ = closedir(open);
        }
        names.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return names;
    }

    /// <summary>The name with <c>\xNN</c> for each byte that is not UTF-8; null if all of it is UTF-8.</summary>
    public static string? Escaped(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        bool any = false;
        while (!name.IsEmpty)
        {
            bool good = Rune.DecodeFromUtf8(name, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            any |= !good;
            for (int i = 0; !good && i < used; i++)
                text.Append("\\x").Append(name[i].ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            if (good)
                text.Append(rune.ToString());
            name = name[used..];
        }
        return any ? text.ToString() : null;
    }

    private static byte[] BytesAt(IntPtr text)
    {
        int length = 0;
        while (Marshal.ReadByte(text, length) != 0)
            length++;
        var bytes = new byte[length];
        Marshal.Copy(text, bytes, 0, length);
        return bytes;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr opendir(string folder);

    [LibraryImport("libc")]
    private static partial IntPtr readdir(IntPtr open);

    [LibraryImport("libc")]
    private static partial int closedir(IntPtr open);
}
