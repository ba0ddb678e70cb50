namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// Lines of more than one field, as mcelog's scanf formats take them apart: what fits is kept even where the line ends early. Each answers
/// whether it counts as data, and how much of the line it took (0: the rest is left aside).
/// </summary>
internal static class McelogForms
{
    public static bool CpuLine(McelogRecord record, string s, out int taken)
    {
        taken = 0;
        var c = new ScanText(s);
        if (!c.Literal("CPU ") || !c.Number(10, out ulong cpu))
        {
            record.Missing = true;
            return false;
        }
        // The set that mcelog skips holds the letters c to x, and so eats the first digits of a status that starts with one of them.
        if (c.Literal(": Machine Check") && c.Set(ch => ch is ' ' or ':' or 'E' or (>= 'c' and <= 'x')) && c.Number(16, out ulong mcg, 16))
        {
            record.McgStatus = mcg;
            record.Fill(32);
            record.Cpu = unchecked((byte)cpu);
            if (!c.Literal(" Bank ") || !c.Number(10, out ulong bank))
            {
                record.Missing = true;
                return true;
            }
            record.Bank = unchecked((byte)bank);
            record.Fill(McelogRecord.BankEnd);
            if (!c.Literal(": ") || !c.Number(16, out ulong status, 16))
            {
                record.Missing = true;
                return true;
            }
            record.Status = status;
            record.Fill(8);
            taken = c.At;
            return true;
        }
        record.Cpu = unchecked((byte)cpu);
        var plain = new ScanText(s);
        plain.Literal("CPU ");
        plain.Number(10, out _);
        var named = plain;
        if ((named.Literal(" BANK ") && named.Number(10, out ulong b)) || Again(ref named, plain, out b))
        {
            record.Bank = unchecked((byte)b);
            record.Fill(McelogRecord.BankEnd);
            taken = named.At;
        }
        else
            record.Missing = true;
        return true;
    }

    private static bool Again(ref ScanText scan, ScanText from, out ulong value)
    {
        scan = from;
        scan.Blanks();
        return scan.Number(10, out value);
    }

    public static bool Rip(McelogRecord record, string s, out int taken)
    {
        taken = 0;
        int skipped = s.StartsWith("RIP !INEXACT!", StringComparison.Ordinal) ? 13 : 3;
        var c = new ScanText(s.AsSpan(skipped));
        if (!c.Number(16, out ulong cs, 2))
        {
            record.Cs = 0;
            record.Missing = true;
            return false;
        }
        record.Cs = unchecked((byte)cs);
        if (!c.Literal(":<") || !c.Number(16, out ulong ip, 16))
        {
            record.Missing = true;
            return true;
        }
        record.Ip = ip;
        record.Fill(40);
        if (c.Literal("> {") && c.Word(99, out string symbol))
        {
            record.Symbol = symbol;
            // The word took the closing bracket with it, so the format never fits to its end and the rest of the line is left aside.
            if (c.Literal("}"))
                taken = skipped + c.At;
        }
        return true;
    }

    public static bool Processor(McelogRecord record, string s, out int taken)
    {
        taken = 0;
        var c = new ScanText(s);
        if (!c.Literal("PROCESSOR ") || !c.Number(10, out ulong vendor) || !c.Literal(":") || !c.Number(16, out ulong id))
        {
            record.Missing = true;
            // One of two fields counts as data all the same.
            var again = new ScanText(s);
            return again.Literal("PROCESSOR ") && again.Number(10, out _);
        }
        record.CpuVendor = unchecked((byte)vendor);
        record.CpuId = unchecked((uint)id);
        record.Fill(McelogRecord.CpuIdEnd);
        taken = c.At;
        return true;
    }

    public static bool VendorLine(McelogRecord record, string s)
    {
        var c = new ScanText(s);
        bool vendor = c.Literal("CPUID Vendor ") & c.Word(30, out string name);
        ulong family = 0, model = 0;
        bool fam = vendor && c.Literal(" Family ") && c.Number(10, out family);
        if (!fam || !c.Literal(" Model ") || !c.Number(10, out model))
        {
            record.Missing = true;
            return vendor;
        }
        record.CpuVendor = name switch { "Intel" => 0u, "Cyrix" => 1u, "AMD" => 2u, "UMC" => 3u, "Centaur" => 5u, "Transmeta" => 7u,
            "NSC" => 8u, _ => Leading(name) };
        uint f = unchecked((uint)family), m = unchecked((uint)model);
        record.CpuId = ((m & 0xf) << 4) | (Math.Min(f, 15u) << 8) | (f >= 15 ? ((f - 15) & 0xff) << 20 : 0u) | (f is 6 or 15
            ? ((m >> 4) & 0xf) << 16 : 0u);
        record.Fill(McelogRecord.CpuIdEnd);
        return true;
    }

    private static uint Leading(string name)
    {
        var c = new ScanText(name);
        return c.Number(10, out ulong number) ? unchecked((byte)number) : 0u;
    }

    public static bool Xen(McelogRecord record, string s)
    {
        if (s.Contains("The hardware reports a non fatal, correctable incident occurred", StringComparison.Ordinal))
        {
            int at = s.IndexOf("CPU", StringComparison.Ordinal);
            var w = new ScanText(at < 0 ? "" : s[at..]);
            if (at >= 0 && w.Literal("CPU ") && w.Number(10, out ulong cpu))
            {
                record.Cpu = unchecked((byte)cpu);
                record.Fill(McelogRecord.CpuEnd);
            }
            return false;
        }
        var c = new ScanText(s);
        if (!c.Literal("(XEN) Bank ") || !c.Number(10, out ulong bank))
            return false;
        record.Bank = unchecked((byte)bank);
        record.Fill(McelogRecord.BankEnd);
        if (c.Literal(": ") && c.Number(16, out ulong status))
        {
            record.Status = status;
            record.Fill(8);
            if (c.Literal(" at ") && c.Number(16, out ulong addr))
            {
                record.Addr = addr;
                record.Fill(24);
            }
        }
        return true;
    }

    /// <summary>The characters of <c>Sat Dec  3 19:08:50 2016</c> behind a TIME field.</summary>
    public static int Date(string s)
    {
        var c = new ScanText(s);
        if (!c.Word(10, out string day) || !c.Word(10, out string month) || !c.Number(10, out ulong date) ||
            !c.Number(10, out ulong hour) || !c.Literal(":") ||
            !c.Number(10, out ulong minute) || !c.Literal(":") || !c.Number(10, out ulong second) || !c.Number(10, out ulong year))
            return 0;
        return IsShort(day) && IsShort(month) && date is >= 1 and <= 31 && hour <= 24 && minute <= 59 && second <= 59 && year >= 1900 ? c.At
            : 0;
    }

    private static bool IsShort(string name) =>
        name.Length == 3 && char.IsAsciiLetterUpper(name[0]) && char.IsAsciiLetterLower(name[1]) && char.IsAsciiLetterLower(name[2]);
}
