using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Types;

/// <summary>Finds the kernel's BTF: between the symbols that enclose it, otherwise by searching the image for its header.</summary>
internal static class BtfSearch
{
    /// <summary>Maximum size of BTF in bytes; that of the largest kernels is below 10 MB.</summary>
    private const long MaxBtf = 128 << 20;

    /// <exception cref="InputException">The range cannot be read completely, or is not BTF.</exception>
    public static Btf Between(KernelMemory memory, VirtualAddress start, VirtualAddress end)
    {
        long length = unchecked((long)(end.Value - start.Value));
        if (length is < 24 or > MaxBtf)
            throw new InputException(memory.Name, "__stop_BTF", -1, $"{length} bytes are no length of BTF");
        byte[] data = GC.AllocateUninitializedArray<byte>((int)length);
        memory.ReadTable(start, data, "BTF");
        return Btf.Parse(data, $"{memory.Name} BTF");
    }

    /// <summary>
    /// Searches without symbols for a header: the magic, version 1, no flags, a header of 24 bytes, types from 0, strings right after
    /// them.
    /// </summary>
    /// <exception cref="InputException">No BTF was found.</exception>
    public static Btf Scan(KernelMemory memory, VirtualAddress start)
    {
        long length = memory.Image.LengthFrom(start);
        ReadOnlySpan<byte> pattern = [0x9F, 0xEB, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0];
        int outside = 0;
        bool lacking = false;
        for (long at = 0; at < length && outside < ImageRoom.MaxOutside; at += 1 << 20)
        {
            MemoryBlock window = memory.ReadBlock(start + at, (int)Math.Min((1 << 20) + 32, length - at));
            outside = window.Outside ? outside + 1 : 0;
            lacking |= Lacks(window);
            for (int from = 0; ;)
            {
                int hit = window.Bytes[from..].IndexOf(pattern);
                if (hit < 0 || from + hit + 24 > window.Length)
                    break;
                from += hit + 1;
                ReadOnlySpan<byte> header = window.Bytes[(from - 1)..];
                uint types = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]),
                    stringsAt = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
                uint strings = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
                if (types != stringsAt || types < 4096 || strings < 4096 || 24L + types + strings > MaxBtf)
                    continue;
                byte[] data = new byte[24 + types + strings];
                if (!memory.TryRead(start + (at + from - 1), data))
                    continue;
                try
                {
                    return Btf.Parse(data, $"{memory.Name} BTF");
                }
                catch (InputException)
                {
                    // This is part of a file's BTF in memory; the kernel's own is complete.
                }
            }
        }
        throw new InputException(memory.Name, "__start_BTF", -1, lacking
            ? "neither kallsyms nor a search of those parts of the kernel image that the dump has finds BTF"
            : "neither kallsyms nor a search of the kernel image finds BTF (CONFIG_DEBUG_INFO_BTF=n?)");
    }

    /// <summary>True if the dump lacks a page of it; pages that are not mapped belong to no image.</summary>
    private static bool Lacks(MemoryBlock window)
    {
        for (int at = 0; !window.Whole && at < window.Length; at += KernelMemory.BlockPage)
            if (window.State(at, 1) is not (MemoryState.Present or MemoryState.Unmapped))
                return true;
        return false;
    }
}
