namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The register that holds the caller: <c>LR is at f+0xd8/0x1448 [cifs]</c> and <c>lr : f+…</c> of arm and arm64, <c>ra : f+…</c> of
/// riscv, <c>ra    : address f+…</c> of mips and loongarch, <c>LR [address] f+…</c> of powerpc.
/// </summary>
internal static class LinkRegister
{
    /// <summary>The first of the lines that is one; null without.</summary>
    public static ReportLine? In(IEnumerable<ReportLine> lines)
    {
        foreach (ReportLine line in lines)
        {
            if (!SymbolOf(line.Text).IsEmpty)
                return line;
        }
        return null;
    }

    /// <summary>The line from the symbol on; empty if it is no such line.</summary>
    public static ReadOnlySpan<char> SymbolOf(string line)
    {
        const string Arm = "LR is at ", Arm64 = "lr : ";
        if (line.IndexOf(Arm, StringComparison.Ordinal) is >= 0 and var mark)
            return line.AsSpan(mark + Arm.Length);
        if (line.StartsWith(Arm64, StringComparison.Ordinal))
            return line.AsSpan(Arm64.Length);
        ReadOnlySpan<char> register = line.AsSpan().TrimStart(' ');
        return register.StartsWith("ra ", StringComparison.Ordinal) || register.StartsWith("ra:", StringComparison.Ordinal) ||
            register.StartsWith("LR [", StringComparison.Ordinal) ? BehindAddress(register) : default;
    }

    /// <summary><c>ra    : 868c21f0 f+0x1c4/0x330</c>, <c>LR [c008000001c82f60] f+…</c>: from the function on.</summary>
    private static ReadOnlySpan<char> BehindAddress(ReadOnlySpan<char> register)
    {
        ReadOnlySpan<char> rest = register[2..].TrimStart(" :[");
        int end = rest.IndexOfAny(' ', ']');
        return end is >= 8 and <= 16 && rest[..end].IndexOfAnyExcept("0123456789abcdef") < 0 ? rest[(end + 1)..] : rest;
    }
}
