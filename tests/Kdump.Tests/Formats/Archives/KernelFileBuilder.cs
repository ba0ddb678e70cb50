using System.Buffers.Binary;
using System.Text;

namespace Kdump.Tests.Formats.Archives;

/// <summary>Kernels' files by their documented headers, without a kernel: Documentation/arch/arm64/booting.rst, x86/boot.rst,
/// linux/pe.h.</summary>
internal static class KernelFileBuilder
{
    public const ushort Arm64 = 0xaa64, X8664 = 0x8664, RiscV64 = 0x5064, LoongArch64 = 0x6264;

    /// <param name="pages">0 unspecified, 1 of 4 KB, 2 of 16 KB, 3 of 64 KB.</param>
    public static byte[] Image(int pages, bool big = false)
    {
        byte[] image = Pe(Arm64, 0x2000);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(8), 0);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(16), 0x2000000);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(24), (ulong)(pages << 1 | (big ? 1 : 0) | 8));
        "ARM\x64"u8.CopyTo(image.AsSpan(56));
        return image;
    }

    public static byte[] Zboot(ushort machine, string packing, byte[] payload)
    {
        byte[] image = [.. Pe(machine, 0x1000), .. payload];
        "zimg"u8.CopyTo(image.AsSpan(4));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(8), 0x1000);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(12), (uint)payload.Length);
        Encoding.ASCII.GetBytes(packing).CopyTo(image, 24);
        return image;
    }

    /// <summary>A PE file with the magic that Linux' own have.</summary>
    public static byte[] Pe(ushort machine, int size, bool linux = true)
    {
        var image = new byte[size];
        "MZ"u8.CopyTo(image);
        if (linux)
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(56), 0x818223cd);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(60), 0x40);
        "PE\0\0"u8.CopyTo(image.AsSpan(0x40));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x44), machine);
        return image;
    }

    public static byte[] BzImage(string release)
    {
        byte[] image = Pe(X8664, 0x1000);
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x20f);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20e), 0x700);
        image[0x236] = 1;
        Encoding.ASCII.GetBytes(release + " (root@build) #1 SMP\0").CopyTo(image, 0x900);
        return image;
    }

    /// <summary>A unified kernel image: the stub's header, a table of sections, their contents.</summary>
    public static byte[] Unified(ushort machine, params (string Name, byte[] Content)[] sections)
    {
        byte[] head = Pe(machine, 0x1000, linux: false);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(0x46), (ushort)sections.Length);
        var bytes = new List<byte>(head);
        for (int i = 0; i < sections.Length; i++)
        {
            int row = 0x58 + (i * 40);
            (string name, byte[] content) = sections[i];
            Span<byte> to = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)[row..];
            Encoding.ASCII.GetBytes(name).CopyTo(to);
            BinaryPrimitives.WriteInt32LittleEndian(to[8..], content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(to[16..], content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(to[20..], bytes.Count);
            bytes.AddRange(content);
            while (bytes.Count % 512 != 0)
                bytes.Add(0);
        }
        return [.. bytes];
    }
}
