using System.Text;

namespace Kdump.Kernel.Structs;

/// <summary>The letters of taint_flags[] in kernel/panic.c, from bit 0: letter if set, letter if clear.</summary>
public static class TaintFlags
{
    private const string Set = "PFSRMBUDAWCIOELKXTNJ";

    /// <summary>
    /// Taint bits that can be set for a single module: proprietary, forced, staging, out of tree, unsigned, live patch, auxiliary, struct
    /// randomisation, test.
    /// </summary>
    private const ulong OfModules = 1UL << 0 | 1UL << 1 | 1UL << 10 | 1UL << 12 | 1UL << 13 | 1UL << 15 | 1UL << 16 | 1UL << 17 | 1UL << 18;

    public static string Letters(ulong mask) => Letters(mask, ulong.MaxValue);

    public static string ModuleLetters(ulong mask) => Letters(mask, OfModules);

    private static string Letters(ulong mask, ulong wanted)
    {
        StringBuilder letters = new();
        for (int bit = 0; bit < Set.Length; bit++)
            if ((mask & wanted & (1UL << bit)) != 0)
                letters.Append(Set[bit]);
        return letters.ToString();
    }
}
