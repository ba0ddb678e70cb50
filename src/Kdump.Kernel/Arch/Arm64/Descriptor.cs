namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Describes an entry of a page table: the attributes of Arm ARM D8.3 and Linux's own bits (arch/arm64/include/asm/pgtable-prot.h).
/// </summary>
internal static class Descriptor
{
    private const ulong ReadOnly = 1 << 7, User = 1 << 6, WriteBit = 1UL << 51;

    public static string InWords(ulong entry, TableFormat format, int shift)
    {
        if (entry == 0)
            return "empty";
        if (!format.IsValid(entry, shift))
            return "not valid";
        if (!format.IsLeaf(entry, shift))
            return "TABLE";
        List<string> flags = [shift == format.PageShift ? "PAGE" : "BLOCK",
            (entry & ReadOnly) switch
            {
                0 => "RW",
                _ when (entry & WriteBit) != 0 => "RO WRITE",
                _ => "RO",
            }, (entry & User) != 0 ? "USER" : "KERNEL"];
        flags.Add((entry >> 8 & 3, format.Lpa2) switch { (_, true) or (3, _) => "SHARED", (2, _) => "OUTER-SHARED", _ => "NOT-SHARED" });
        foreach ((int bit, string name) in (ReadOnlySpan<(int, string)>)
            [(10, "AF"), (11, "NG"), (50, "GP"), (52, "CONT"), (53, "PXN"), (54, "UXN"), (55, "DIRTY"), (56, "SPECIAL")])
            if ((entry >> bit & 1) != 0 && (bit != 50 || !format.Lpa2))
                flags.Add(name);
        flags.Add($"attr {entry >> 2 & 7}");
        return string.Join(' ', flags);
    }
}
