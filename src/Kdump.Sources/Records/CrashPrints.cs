using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>
/// Reads the lines that identify one crash in two texts, even if one lacks its beginning, its end or the kernel's times: lines of
/// registers with several addresses in them (show_regs() of each architecture; these addresses differ at each boot), and the last
/// words of a report with their moment.
/// </summary>
internal sealed class CrashPrints : LineParser
{
    /// <summary>Digits of a 64-bit register and of a 32-bit one.</summary>
    private const int Long = 16, Short = 8;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs =>
    [
        "RSP: ", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: ", "EAX: ", "ESI: ", "sp : ", "pc : ", "x29: ", "x28: ", "x27: ", "x26: ",
            "x25: ",
        "x24: ", "x23: ", "x22: ", "x21: ", "x20: ", "x19: ", "r10: ", "r7 : ", "r3 : ", "GPR0", "GPR1", "GPR2", "Krnl GPRS", "epc : ",
            " s2 : ",
        " t0 : ", " a0 : ", "Kernel panic - not syncing", "---[ end ", "</TASK>",
    ];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Kernel.Message.Trim();
        if (IsRegisters(text))
            facts.Add(new CrashPrint(line.ToSource(), ContentHash.OfText(text.ToString()), Strong: true) { Names = NamesOf(text) });
        else if (line.Kernel.Time is { } && (text.StartsWith("Kernel panic - ", StringComparison.Ordinal) ||
            text.StartsWith("---[ end ", StringComparison.Ordinal) ||
            text is "</TASK>"))
            facts.Add(new CrashPrint(line.ToSource(), ContentHash.OfText(text.ToString()), Strong: false));
        // Other parsers use these lines as well.
        return false;
    }

    /// <summary>The names of the registers of a line, if each has all digits of its value.</summary>
    private static string? NamesOf(ReadOnlySpan<char> text)
    {
        var names = new System.Text.StringBuilder();
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> word = text[range];
            if (word.IsEmpty)
                continue;
            int colon = word.LastIndexOf(':');
            ReadOnlySpan<char> value = word[(colon + 1)..];
            if (value.EndsWith(")", StringComparison.Ordinal))
                value = value[..Math.Max(0, value.IndexOf('('))];
            if (value.Length is Long or Short && !value.ContainsAnyExcept("0123456789abcdef"))
                names.Append('=');
            else if (value.IsEmpty || colon < 0)
                names.Append(' ').Append(word);
            else
                return null;
        }
        return names.Length > 0 && names[^1] == '=' ? names.ToString() : null;
    }

    /// <summary>True for two or more values that look like addresses, each after the name of a register.</summary>
    private static bool IsRegisters(ReadOnlySpan<char> text)
    {
        int wide = 0, narrow = 0;
        ulong before = 0;
        int names = 0;
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> word = text[range];
            names += word.EndsWith(":", StringComparison.Ordinal) ? 1 : 0;
            // "RSP: 0018:ffffb5c3c0d3fe18", and of 32 bits on 64 "GS:ffff9f1f8fcc0000(0000)".
            word = word[(word.LastIndexOf(':') + 1)..];
            if (word.Length is not (Long or Short) || word.ContainsAnyExcept("0123456789abcdef") ||
                !ulong.TryParse(word, System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong value) || value == before)
                continue;
            uint high = (uint)(value >> 32);
            // Not small numbers, error numbers or addresses of the kernel's own text, which are the same at each boot without
            // KASLR.
            bool told = word.Length == Long ? high is not (0 or uint.MaxValue) : value is > 0x10000 and < 0xfffff000;
            before = told ? value : before;
            wide += told && word.Length == Long ? 1 : 0;
            narrow += told && word.Length == Short ? 1 : 0;
        }
        return names > 0 && (wide >= 2 || narrow >= 3);
    }
}
