using System.Globalization;
using System.Text;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>The fields of a machine check in a line, by their names, in any order and however many.</summary>
internal static class MceFields
{
    /// <summary>Reads every field of the line; 0 when the line is not one of fields only.</summary>
    public static int Read(ReadOnlySpan<char> text, MachineCheck into)
    {
        int fields = 0;
        var c = new TextCursor(text);
        while (c.SkipSpaces())
        {
            TextCursor before = c;
            ReadOnlySpan<char> name = c.Word();
            if (!Field(name, ref c, into))
            {
                // Words after the first field are a later kernel's; a line with words before it is no record.
                if (fields > 0 && !before.Rest.Contains("Machine Check", StringComparison.Ordinal))
                    continue;
                return Head(before.Rest, into) ? fields + 1 : fields;
            }
            fields++;
        }
        return fields;
    }

    /// <summary>What a decoder printed under a record: edac_mce_amd's lines, and the parts of its fields.</summary>
    public static bool ReadEdac(ReadOnlySpan<char> text, MachineCheck into)
    {
        var c = new TextCursor(text);
        if (c.Skip("Error Addr: ") || c.Skip("PPIN: ") || c.Skip("IPID: "))
        {
            if (!c.Hex(out ulong value))
                return false;
            if (text[0] == 'E')
                into.Addr ??= value;
            else if (text[0] == 'P')
                into.Ppin ??= value;
            else
            {
                into.Ipid ??= value;
                if (c.SkipPast("Syndrome: ") && c.Hex(out ulong syndrome))
                    into.Synd ??= syndrome;
            }
            return true;
        }
        // 3.4 to 4.5: "MC4_ADDR: 0x0000000f075b2410".
        if (text.StartsWith("MC", StringComparison.Ordinal) && c.SkipPast("_ADDR: "))
        {
            if (!c.Hex(out ulong address))
                return false;
            into.Addr ??= address;
            return true;
        }
        if (c.Skip("FRU Text: "))
        {
            into.FruText ??= c.Rest.Trim().ToString();
            return true;
        }
        // Until 3.2 "Northbridge Error (node 4): DRAM ECC error detected on the NB."; later "MC4 Error (node 4): …".
        if ((c.Skip("Northbridge Error") || c.Skip("MC4 Error")) && c.SkipPast("(node ") && c.Number(out long node) &&
            node is >= 0 and < 256)
        {
            into.Via ??= "edac_mce_amd";
            into.Northbridge = (int)node;
            return true;
        }
        return text.Contains(" Ext. Error Code: ", StringComparison.Ordinal) ||
            text.StartsWith("cache level: ", StringComparison.Ordinal) ||
            (text.StartsWith("MC", StringComparison.Ordinal) && text.Contains(" Error", StringComparison.Ordinal) && text.Length > 3 &&
                char.IsAsciiDigit(text[2]));
    }

    /// <summary><c>MC4 Error (node 1): DRAM ECC error detected on the NB.</c></summary>
    public static bool IsNode(ReadOnlySpan<char> text) => text.StartsWith("MC4 Error (node ", StringComparison.Ordinal) ||
        text.StartsWith("Northbridge Error (node ", StringComparison.Ordinal);

    /// <summary>True if both have the same field, so that they are two records.</summary>
    public static bool Clash(MachineCheck a, MachineCheck b) =>
        (a.Status is not null && b.Status is not null) || (a.Tsc is not null && b.Tsc is not null) ||
            (a.Addr is not null && b.Addr is not null) ||
        (a.Misc is not null && b.Misc is not null) || (a.Id is not null && b.Id is not null && a.Id != b.Id) ||
            (a.Ip is not null && b.Ip is not null) ||
        (a.Time is not null && b.Time is not null) || (a.Bank is not null && b.Bank is not null) ||
            (a.Socket is not null && b.Socket is not null);

    public static void Merge(MachineCheck to, MachineCheck from)
    {
        to.Cpu ??= from.Cpu;
        to.Bank ??= from.Bank;
        to.Status ??= from.Status;
        to.McgStatus ??= from.McgStatus;
        to.McgCap ??= from.McgCap;
        to.Addr ??= from.Addr;
        to.Misc ??= from.Misc;
        to.Tsc ??= from.Tsc;
        to.Time ??= from.Time;
        to.Ppin ??= from.Ppin;
        to.Synd ??= from.Synd;
        to.Synd1 ??= from.Synd1;
        to.Synd2 ??= from.Synd2;
        to.Ipid ??= from.Ipid;
        to.Ip ??= from.Ip;
        to.Cs ??= from.Cs;
        to.Symbol ??= from.Symbol;
        to.Vendor ??= from.Vendor;
        to.Id ??= from.Id;
        to.Socket ??= from.Socket;
        to.Apic ??= from.Apic;
        to.Microcode ??= from.Microcode;
        to.FruText ??= from.FruText;
        to.KernelForm |= from.KernelForm;
    }

    /// <summary><c>CPU 6: Machine Check Exception: 4 Bank 5: be00…</c>, <c>CPU 6 BANK 5</c>, <c>CPU 6 5</c>, <c>Bank 5: …</c></summary>
    private static bool Head(ReadOnlySpan<char> text, MachineCheck into)
    {
        var c = new TextCursor(text);
        bool spaced = c.Rest.StartsWith("CPU ", StringComparison.Ordinal);
        if (c.Skip("CPU"))
        {
            c.Skip("#");
            c.SkipSpaces();
            if (!c.Number(out long cpu) || cpu is < 0 or > 65536)
                return false;
            into.Cpu = (uint)cpu;
        }
        if (c.Skip(": "))
        {
            if (!c.Skip("Machine Check"))
                return false;
            // "Machine Check Exception: 4", "Machine Check: 0", "Machine Check Event: 0"
            if (!c.SkipPast(": ") || !c.SkipSpaces() || !c.Hex(out ulong global))
                return false;
            into.McgStatus = global;
        }
        else if (into.Cpu is not null && !spaced)
            return false;
        c.SkipSpaces();
        if (c.Empty)
            return into.McgStatus is not null;
        bool named = c.Skip("Bank ") || c.Skip("BANK ");
        if (!c.Number(out long bank) || bank is < -1 or > 0xffff_ffffL || (!named && (into.McgStatus is not null || into.Cpu is null)))
            return false;
        into.Bank = bank is 0xffff_ffffL ? -1 : (int)Math.Min(bank, 4096);
        if (c.Skip(": ") && c.SkipSpaces() && c.Hex(out ulong status))
        {
            into.Status = status;
            // Kernels up to 2.6.29 and Xen: "Bank 3: b40000000000083b[0000000000000001] at 000000fdfc000cfc"
            if (c.Skip("[") && c.SkipSpaces() && c.Hex(out ulong misc) && c.Skip("]"))
                into.Misc = misc;
            if (c.Skip(" at ") && c.SkipSpaces() && c.Hex(out ulong address))
                into.Addr = address;
        }
        int more = c.Rest.IsEmpty ? 0 : Read(c.Rest, into);
        // "CPU 3 5" alone is a head; "CPU 3 5 things happened" is a sentence.
        return named || more > 0 || c.Rest.Trim().IsEmpty;
    }

    private static bool Field(ReadOnlySpan<char> name, ref TextCursor c, MachineCheck r)
    {
        TextCursor start = c;
        if (name is "RIP")
            return Rip(ref c, r);
        if (name is "CPUID")
            return CpuIdLine(ref c, r);
        if (name is "PROCESSOR")
        {
            c.SkipSpaces();
            if (!c.Number(out long vendor) || vendor is < 0 or > 255 || !c.Skip(":") || !c.Hex(out ulong id) || id > uint.MaxValue)
                return false;
            r.Vendor = (uint)vendor;
            r.Id = new CpuId((uint)id);
            return true;
        }
        bool isDecimal = name is "TIME" or "SOCKET";
        if (!isDecimal && name is not (
            "STATUS" or "MCGSTATUS" or "TSC" or "ADDR" or "MISC" or "PPIN" or "SYND" or "SYND1" or "SYND2" or "IPID" or "MCGCAP" or
            "APIC" or "APICID" or "SOCKETID" or "microcode" or "MICROCODE"))
            return false;
        ReadOnlySpan<char> word = c.Word();
        ulong value;
        if (isDecimal ? !ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            : !HexWord.TryRead(word, out value))
        {
            c = start;
            return false;
        }
        switch (name)
        {
            case "STATUS": r.Status = value; break;
            case "MCGSTATUS": r.McgStatus = value; break;
            case "TSC": r.Tsc = value; break;
            case "ADDR": r.Addr = value; break;
            case "MISC": r.Misc = value; break;
            case "PPIN": r.Ppin = value; break;
            case "SYND": r.Synd = value; break;
            case "SYND1": r.Synd1 = value; break;
            case "SYND2": r.Synd2 = value; break;
            case "IPID": r.Ipid = value; break;
            case "MCGCAP": r.McgCap = value; break;
            case "TIME": r.Time = value; break;
            case "SOCKET":
                r.Socket = (uint)(value & uint.MaxValue);
                r.KernelForm = true;
                break;
            case "SOCKETID": r.Socket = (uint)(value & uint.MaxValue); break;
            case "APIC" or "APICID": r.Apic = (uint)(value & uint.MaxValue); break;
            default: r.Microcode = (uint)(value & uint.MaxValue); break;
        }
        if (name is "SYND1" or "SYND2")
            r.FruText = Fru(r.Synd1 ?? 0, r.Synd2 ?? 0);
        return true;
    }

    private static string? Fru(ulong low, ulong high)
    {
        var text = new StringBuilder();
        foreach (ulong half in (ReadOnlySpan<ulong>)[low, high])
        {
            for (int i = 0; i < 64; i += 8)
            {
                char c = (char)((half >> i) & 0xff);
                if (c == 0)
                    return text.Length > 2 ? text.ToString() : null;
                if (c is < ' ' or > '~')
                    return null;
                text.Append(c);
            }
        }
        return text.ToString();
    }

    private static bool Rip(ref TextCursor c, MachineCheck r)
    {
        c.SkipSpaces();
        c.Skip("!INEXACT!");
        c.SkipSpaces();
        if (!c.Hex(out ulong cs) || cs > 0xff || !c.Skip(":"))
            return false;
        c.Skip("<");
        if (!c.Hex(out ulong ip))
            return false;
        c.Skip(">");
        r.Cs = (byte)cs;
        r.Ip = ip;
        c.SkipSpaces();
        if (c.Skip("{") && c.Before("}", out ReadOnlySpan<char> symbol))
            r.Symbol = symbol.ToString();
        return true;
    }

    /// <summary><c>CPUID Vendor Intel Family 6 Model 44 Step 2</c>, mcelog's own output.</summary>
    private static bool CpuIdLine(ref TextCursor c, MachineCheck r)
    {
        c.SkipSpaces();
        if (!c.Skip("Vendor "))
            return false;
        ReadOnlySpan<char> vendor = c.Word();
        c.SkipSpaces();
        if (!c.Skip("Family ") || !c.Number(out long family) || !c.Skip(" Model ") || !c.Number(out long model) || family is < 0 or > 270 ||
            model is < 0 or > 255)
            return false;
        long step = 0;
        if (c.Skip(" Step ") && !c.Number(out step))
            step = 0;
        r.Vendor = vendor is "AMD" ? 2u : 0;
        r.Id = MceReader.CpuIdOf((uint)family, (uint)model, (uint)(step & 15));
        return true;
    }
}
