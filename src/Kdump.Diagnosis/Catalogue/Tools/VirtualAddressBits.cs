using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// makedumpfile's long report (--message-level 31) on arm64: the number of address bits that it assumes, and the one in the dump's
/// notes. If they differ, makedumpfile is too old for the kernel (arch/arm64.c; Linux 5.4 turned the address space over).
/// </summary>
public sealed class VirtualAddressBits : LineParser
{
    private long noted;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["NUMBER(VA_BITS)=", "va_bits "];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (c.SkipPast("NUMBER(VA_BITS)=") && c.Number(out long bits))
        {
            noted = bits;
            return true;
        }
        c = new TextCursor(line.Text);
        if (!c.SkipPast("va_bits ") || !c.SkipSpaces() || !c.Skip(":") || !c.SkipSpaces() || !c.Number(out bits) || noted == 0 ||
            bits == noted)
            return false;
        facts.Add(new ToolSaid(line.ToSource(), MakedumpfileMessages.Bits, [$"{bits}", $"{noted}"]));
        return true;
    }

    public override void End(Facts facts) => noted = 0;
}
