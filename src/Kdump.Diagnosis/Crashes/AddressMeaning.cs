using System.Buffers.Binary;
using System.Numerics;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Recognises what a bad pointer was before: NULL and its members, error numbers, poison of the allocators and lists
/// (include/linux/poison.h), text, one flipped bit. Judged by the number alone; any other address has no meaning here.
/// </summary>
public static class AddressMeaning
{
    /// <summary>
    /// Nothing is mapped below this address; the kernel itself calls a fault there a NULL dereference (arch/x86/mm/fault.c
    /// show_fault_oops).
    /// </summary>
    public const ulong FirstPage = 4096;

    /// <summary>
    /// Programs may not map memory below this address (vm.mmap_min_addr), so an address there is a member of a large structure.
    /// </summary>
    private const ulong NothingMapped = 0x10000;

    /// <summary>The last 4095 addresses are error numbers (include/linux/err.h MAX_ERRNO).</summary>
    private const ulong MaxErrno = 4095;

    /// <summary>Members rarely have a larger offset in their structure.</summary>
    private const ulong LargestBelow = 0x800;

    /// <summary>Added to list and timer poison on 64-bit machines (CONFIG_ILLEGAL_POINTER_VALUE).</summary>
    private const ulong PoisonDelta = 0xdead_0000_0000_0000;

    /// <summary>The same of 64-bit PowerPC (arch/powerpc/Kconfig ILLEGAL_POINTER_VALUE).</summary>
    private const ulong PoisonOfPower = 0x5dea_dbee_f000_0000;

    /// <summary>KASAN's shadow of address 0 on x86-64: a fault here means that KASAN checked an address near NULL.</summary>
    private const ulong KasanShadow = 0xdfff_fc00_0000_0000;

    /// <summary>
    /// KASAN_SHADOW_OFFSET by the bits of an address, arch/arm64/Kconfig: a shadow byte covers 8 bytes, with software tags 16.
    /// </summary>
    private static readonly (ulong Offset, int Scale)[] Arm64Shadows =
    [
        (0xdfff_8000_0000_0000, 3), (0xdfff_c000_0000_0000, 3), (0xdfff_fe00_0000_0000, 3), (0xdfff_ffc0_0000_0000, 3),
        (0xefff_8000_0000_0000, 4), (0xefff_c000_0000_0000, 4), (0xefff_fe00_0000_0000, 4), (0xefff_ffc0_0000_0000, 4),
    ];

    /// <summary>
    /// The address near NULL that this is the shadow of, the first of the 8 or 16 bytes that the shadow byte covers; null for none.
    /// </summary>
    private static ulong? OfShadow(ulong address)
    {
        foreach ((ulong offset, int scale) in Arm64Shadows)
        {
            if (address >= offset && address - offset < NothingMapped >> scale)
                return address - offset << scale;
        }
        return null;
    }

    /// <summary>An odd offset is hardly a member's: only bytes have one, and they are rare beside pointers and counters.</summary>
    private static bool IsOdd(ulong address) => (address & 1) != 0;

    public static bool IsShadow(ulong address) => address >> 44 == KasanShadow >> 44;

    /// <param name="wide">The kernel is a 64-bit one.</param>
    /// <param name="fourLevels">The kernel is certainly x86-64 with 48-bit addresses: elsewhere the upper bits may be tags, or part
    /// of the address.</param>
    public static (string Meaning, string Says)? Of(ulong address, bool wide, bool fourLevels = false)
    {
        if (address < NothingMapped)
            return address == 0 ? ("null", "the pointer was NULL")
                : ("null-member",
                $"0x{address:x} bytes from NULL: " +
                    $"the pointer to a structure was NULL{(IsOdd(address) ? " or a small number such as 1" : "")}, " +
                    "and this is the place of a member in it");
        // Multiples of a pointer's size are as well the place of a list entry before NULL.
        if (wide && ErrorName(address, wide) is { } either && address % 8 == 0 && ulong.MaxValue - address < 0x100)
            return ("error-number", $"either the error {either} was used as a pointer, or it is " +
                $"{Counted.Of(ulong.MaxValue - address + 1, "byte")} below NULL: " +
                "the pointer to a structure was calculated back from a member that was NULL (container_of, an empty list)");
        if (ErrorName(address, wide) is { } error)
            return ("error-number",
                $"this is {error}: a function's error was used as a pointer (or a slightly lower one, with a member's place added)");
        if (wide && address > ulong.MaxValue - LargestBelow)
            return ("below-null",
                $"0x{ulong.MaxValue - address + 1:x} below zero, and no error number: " +
                    "the pointer to a structure was calculated back from a pointer to its member " +
                    "(container_of, list_entry) that was NULL or nearly so; or an error number had a member's place added");
        if (Poison(address, wide) is { } poison)
            return poison;
        if (OldListPoison(address) is { } old)
            return old;
        if (!wide)
            return Text(address, 4) is { } word
                ? ("text", $"as bytes in memory these are the letters \"{word}\": the pointer was overwritten with text") : null;
        if (address is >= PoisonDelta and < PoisonDelta + FirstPage)
            return ListPoison((int)(address - PoisonDelta));
        if (address is >= PoisonOfPower and < PoisonOfPower + FirstPage)
            return ListPoison((int)(address - PoisonOfPower));
        if (OfShadow(address) is { } real)
            return ("null-member", $"this is where KASAN keeps what it knows of 0x{real:x}, so the pointer was NULL" +
                (real == 0 ? "" : $" and 0x{real:x} is the place of a member in the structure"));
        if (IsShadow(address))
            return null;
        if (Text(address, 8) is { } text)
            return ("text", $"as bytes in memory this is the text \"{text}\": a string was written over the pointer");
        return fourLevels ? FlippedBit(address) : null;
    }

    /// <summary><c>-12 (ENOMEM)</c>; null for what is no error number.</summary>
    public static string? ErrorName(ulong address, bool wide)
    {
        ulong negative = wide ? unchecked(0 - address) : unchecked((uint)(0 - (uint)address));
        return negative is > 0 and <= MaxErrno && Errno.Name((int)negative) is var name &&
            !name.StartsWith("errno ", StringComparison.Ordinal) ? $"-{negative} ({name})" : null;
    }

    /// <summary>STACKLEAK_POISON, include/linux/stackleak.h.</summary>
    private const ulong StackPoison = 0xffff_ffff_ffff_4111;

    /// <summary>Memory filled with one byte, plus the offset of a member.</summary>
    private static (string, string)? Poison(ulong address, bool wide)
    {
        ulong fill = wide ? 0x0101_0101_0101_0101UL : 0x0101_0101UL;
        if (wide && address >= StackPoison && address - StackPoison < 0x100)
            return ("uninitialised-memory",
                "ffffffffffff4111 is what STACKLEAK fills unused stack with: the pointer was read from a variable that was never set");
        if (unchecked((uint)address) == 0xdeadbeef && (!wide || address >> 32 is 0 or 0xdeadbeef))
            return ("list-poison", "0xdeadbeef is a mark that code leaves in what it has done with: the object was used after that");
        foreach ((byte value, string meaning, string says) in Fills)
        {
            ulong whole = fill * value;
            if (address >= whole && address - whole < FirstPage)
                return (meaning, says);
        }
        return null;
    }

    private static readonly (byte Value, string Meaning, string Says)[] Fills =
    [
        (0x6b, "freed-memory",
            "6b is what the slab allocator fills freed objects with: the pointer was read from an object after it was freed"),
        (0x5a, "uninitialised-memory", "5a is what the slab allocator fills new objects with: the pointer was never set"),
        (0x5b, "freed-memory", "5b is what jbd2 fills freed journal heads with: the pointer was read from one after it was freed"),
        (0xaa, "freed-memory", "aa is what the page allocator fills freed pages with: the pointer was read from a page after it was freed"),
        (0xbb, "outside-object", "bb is the slab allocator's red zone: the pointer was read from beside an object"),
        (0xcc, "outside-object",
            "cc fills red zones of the slab allocator, gaps of code and freed init memory: " +
            "the pointer was read from none of its own memory"),
    ];

    /// <summary>
    /// Until Linux 4.3 the marks were 00100100 and 00200200, added to the machine's illegal address where it has one
    /// (include/linux/poison.h).
    /// </summary>
    private static (string, string)? OldListPoison(ulong address)
    {
        const ulong First = 0x0010_0100, Second = 0x0020_0200, Members = 0x100;
        ulong low = address switch
        {
            >= PoisonDelta and < PoisonDelta + Second + Members => address - PoisonDelta,
            >= PoisonOfPower and < PoisonOfPower + Second + Members => address - PoisonOfPower,
            _ => address,
        };
        return low switch
        {
            >= First and < First + Members =>
                ("list-poison", "LIST_POISON1: the next pointer of an entry that had been taken off its list already"),
            >= Second and < Second + Members =>
                ("list-poison", "LIST_POISON2: the back pointer of an entry that had been taken off its list already"),
            _ => null,
        };
    }

    private static (string, string) ListPoison(int offset) => offset switch
    {
        >= 0x100 and < 0x122 => ("list-poison", "LIST_POISON1: the next pointer of an entry that had been taken off its list already"),
        0x122 or 0x12a => ("list-poison", "LIST_POISON2: the back pointer of an entry that had been taken off its list already"),
        0x200 or 0x208 => ("list-poison",
            "LIST_POISON2 (until 4.15): the back pointer of an entry that had been taken off its list already"),
        >= 0x300 and < 0x310 => ("list-poison", "TIMER_ENTRY_STATIC: a timer's list entry that is in no list"),
        _ => ("list-poison", $"0xdead000000000000 marks pointers of the kernel as invalid: it was used with 0x{offset:x} added"),
    };

    /// <summary>Eight printable bytes, mostly letters and digits; of a 32-bit pointer four letters and digits.</summary>
    private static string? Text(ulong address, int length)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, address);
        bytes = bytes[..length];
        int words = 0;
        foreach (byte b in bytes)
        {
            if (b is < 0x20 or > 0x7e)
                return null;
            words += char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)' ' or (byte)'/' or (byte)'.' or (byte)'-' ? 1 : 0;
        }
        return words >= Math.Min(6, length) ? System.Text.Encoding.ASCII.GetString(bytes) : null;
    }

    /// <summary>A kernel address has all bits from 47 up set; here exactly one of them is clear.</summary>
    private static (string, string)? FlippedBit(ulong address)
    {
        const int Lowest = 47;
        ulong wrong = ~address >> Lowest << Lowest;
        if (BitOperations.PopCount(wrong) != 1 || BitOperations.TrailingZeroCount(wrong) == Lowest)
            return null;
        ulong right = address | wrong;
        return ("flipped-bit",
            $"with bit {BitOperations.TrailingZeroCount(wrong)} set this would be the kernel address 0x{right:x}: " +
            "one bit was lost, by a fault of the memory or by code that clears bits");
    }
}
