using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Recognises the few A64 instructions that matter for stack frames and for control flow in a function (Arm ARM, C6).</summary>
internal static class Code
{
    public const int Bytes = 4;

    /// <summary>True for stp x29, x30, [sp, #n]! or [sp, #n].</summary>
    public static bool SavesFrame(uint i) => (i & 0xFFC0_7FFF) is 0xA980_7BFD or 0xA900_7BFD;

    /// <summary>True for ldp x29, x30, [sp], #n or [sp, #n].</summary>
    public static bool RestoresFrame(uint i) => (i & 0xFFC0_7FFF) is 0xA8C0_7BFD or 0xA940_7BFD;

    /// <summary>True for mov x29, sp or add x29, sp, #n.</summary>
    public static bool SetsFramePointer(uint i) => (i & 0xFFC0_03FF) == 0x9100_03FD;

    /// <summary>True for ret, retaa, retab.</summary>
    public static bool Returns(uint i) => (i & 0xFFFF_FC1F) == 0xD65F_0000 || i is 0xD65F_0BFF or 0xD65F_0FFF;

    /// <summary>True for bl, or blr with or without authentication.</summary>
    public static bool Calls(uint i) => i >> 26 == 0x25 || (i & 0xFEFF_F000) == 0xD63F_0000;

    /// <summary>True for br, with or without authentication; the target is not known.</summary>
    public static bool JumpsByRegister(uint i) => (i & 0xFEFF_F000) == 0xD61F_0000;

    /// <summary>Bytes from the instruction to the target of b or bl; null for any other instruction.</summary>
    public static long? Branch(uint i, bool call) => i >> 26 == (call ? 0x25u : 0x05u) ? Signed(i, 6, 6) : null;

    /// <summary>Bytes from the instruction to the target of b.cond, cbz, cbnz, tbz or tbnz; null for any other instruction.</summary>
    public static long? Condition(uint i)
    {
        if (i >> 24 is 0x54 || (i & 0x7E00_0000) == 0x3400_0000)
            return Signed(i, 8, 13);
        return (i & 0x7E00_0000) == 0x3600_0000 ? Signed(i, 13, 18) : null;
    }

    /// <summary>True if the instruction before an address is a call, or cannot be read.</summary>
    public static bool MayReturnTo(KernelMemory memory, ulong address) =>
        (address & 3) == 0 && (!memory.TryU32(new VirtualAddress(unchecked(address - Bytes)), out uint i) || Calls(i));

    /// <summary>True if the instruction before an address is a bl to the first instruction of a function.</summary>
    public static bool Called(KernelMemory memory, ulong address, ulong function) =>
        memory.TryU32(new VirtualAddress(unchecked(address - Bytes)), out uint i) && Branch(i, call: true) is { } way
            && unchecked(address - Bytes + (ulong)way) == function;

    /// <summary>An offset in bytes, from a signed field in units of instructions, which the two shifts isolate.</summary>
    private static long Signed(uint i, int left, int right) => unchecked((int)(i << left) >> right) * 4L;

    public static uint At(ReadOnlySpan<byte> code, int index) => BinaryPrimitives.ReadUInt32LittleEndian(code[(index * Bytes)..]);
}
