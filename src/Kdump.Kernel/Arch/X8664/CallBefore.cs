using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Checks whether the instruction before an address is a call: if it is, a word on a stack with that address may be a return address.
/// </summary>
internal static class CallBefore
{
    /// <summary>True for call rel32 to the first instruction of a function.</summary>
    public static bool To(KernelMemory memory, ulong function, ulong word)
    {
        Span<byte> call = stackalloc byte[5];
        return word >= X8664Memory.StartKernelMap && memory.TryRead(new VirtualAddress(word - 5), call) && call[0] == 0xE8
            && unchecked(word + (ulong)(long)BinaryPrimitives.ReadInt32LittleEndian(call[1..])) == function;
    }

    /// <summary>True for call rel32 or call r/m64.</summary>
    public static bool Any(KernelMemory memory, ulong address)
    {
        Span<byte> code = stackalloc byte[7];
        if (!memory.TryRead(new VirtualAddress(address - 7), code))
            return false;
        return code[2] == 0xE8 || IsCallModRm(code[5..]) || IsCallModRm(code[4..]) || IsCallModRm(code[1..]) || IsCallModRm(code);

        static bool IsCallModRm(ReadOnlySpan<byte> code) => code[0] == 0xFF && (code[1] >> 3 & 7) == 2;
    }
}
