namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// Reads text exactly as <c>mcelog --ascii</c> does, faults included: a record ends at the first words that are not known, unknown
/// lines pass through, a field that cannot be read is "missing". For everything but comparing, use <see cref="MceReader"/>.
/// </summary>
internal sealed class McelogReader(Action<McelogRecord> emit, Action<string> pass, bool raw)
{
    private McelogRecord record = new();
    private bool any;

    /// <summary>One line with its end.</summary>
    public void Line(string line)
    {
        int at = 0;
        for (;;)
        {
            at = SkipPrefixes(line, at);
            string start = line[at..];
            if (Field(start, out int taken, out bool data))
            {
                any |= data;
                if (taken == 0)
                    return;
                at += taken;
                continue;
            }
            bool words = start.AsSpan().TrimStart(" \t\r\n\v\f").Length > 0;
            if (words && any)
                Flush();
            if (!raw)
                pass(start);
            return;
        }
    }

    public void End()
    {
        if (any)
            Flush();
    }

    private void Flush()
    {
        emit(record);
        record = new();
        any = false;
    }

    private static int SkipPrefixes(string s, int at)
    {
        int mcelog = s.IndexOf("mcelog: ", at, StringComparison.Ordinal);
        if (mcelog >= 0)
            at = mcelog + "mcelog: ".Length;
        at = Blanks(s, at);
        at = Bracket(s, at, '<', '>');
        at = Blanks(s, at);
        at = Bracket(s, at, '[', ']');
        at = Blanks(s, at);
        if (string.CompareOrdinal(s, at, "mce: [Hardware Error]:", 0, 22) == 0)
            at += 22;
        return Blanks(s, at);
    }

    private static int Blanks(string s, int at)
    {
        while (at < s.Length && ScanText.IsSpace(s[at]))
            at++;
        return at;
    }

    private static int Bracket(string s, int at, char open, char close)
    {
        if (at >= s.Length || s[at] != open)
            return at;
        int end = s.IndexOf(close, at);
        return end < 0 ? s.Length : end + 1;
    }

    /// <summary>False: these words are no field. <paramref name="taken"/> 0: the rest of the line is left aside.</summary>
    private bool Field(string s, out int taken, out bool data)
    {
        taken = 0;
        data = false;
        var scan = new ScanText(s);
        ulong v;
        if (s.StartsWith("CPU ", StringComparison.Ordinal))
            data = CpuLine(s, out taken);
        else if (s.StartsWith("STATUS", StringComparison.Ordinal))
            data = Take(ref scan, "STATUS ", 16, out v, ref taken) && Set(() => record.Status = v, 8);
        else if (s.StartsWith("MCGSTA", StringComparison.Ordinal))
            data = Take(ref scan, "MCGSTATUS ", 16, out v, ref taken) && Set(() => record.McgStatus = v, 32);
        else if (s.StartsWith("RIP", StringComparison.Ordinal))
            data = Rip(s, out taken);
        else if (s.StartsWith("TSC", StringComparison.Ordinal))
            data = Take(ref scan, "TSC ", 16, out v, ref taken) && Set(() => record.Tsc = v, 48);
        else if (s.StartsWith("ADDR", StringComparison.Ordinal))
            data = Take(ref scan, "ADDR ", 16, out v, ref taken) && Set(() => record.Addr = v, 24);
        else if (s.StartsWith("MISC", StringComparison.Ordinal))
            data = Take(ref scan, "MISC ", 16, out v, ref taken) && Set(() => record.Misc = v, 16);
        else if (s.StartsWith("PROCESSOR", StringComparison.Ordinal))
            data = Processor(s, out taken);
        else if (s.StartsWith("TIME", StringComparison.Ordinal))
        {
            data = Take(ref scan, "TIME ", 10, out v, ref taken) && Set(() => record.Time = v, 56);
            taken += Date(s[taken..]);
        }
        else if (s.StartsWith("MCGCAP", StringComparison.Ordinal))
            data = Take(ref scan, "MCGCAP ", 16, out v, ref taken) && Set(() => record.McgCap = v, McelogRecord.CapEnd);
        else if (s.StartsWith("APICID", StringComparison.Ordinal))
            data = Take(ref scan, "APICID ", 16, out v, ref taken) && Set(() => record.Apic = unchecked((uint)v), McelogRecord.ApicEnd);
        else if (s.StartsWith("SOCKETID", StringComparison.Ordinal))
            data = Take(ref scan, "SOCKETID ", 10, out v, ref taken) && Set(() => record.Socket = unchecked((uint)v), McelogRecord.SocketEnd);
        else if (s.StartsWith("CPUID", StringComparison.Ordinal))
            data = VendorLine(s);
        else if (s.Contains("HARDWARE ERROR", StringComparison.Ordinal))
            record.Banner = true;
        else if (s.StartsWith("(XEN)", StringComparison.Ordinal))
            data = Xen(s);
        else if (!IsKnownWords(s))
            return false;
        return true;
    }

    private bool Set(Action store, int end)
    {
        store();
        record.Fill(end);
        return true;
    }

    private bool Take(ref ScanText scan, string name, int radix, out ulong value, ref int taken)
    {
        value = 0;
        if (scan.Literal(name) && scan.Number(radix, out value))
        {
            taken = scan.At;
            return true;
        }
        record.Missing = true;
        return false;
    }

    private bool CpuLine(string s, out int taken)
    {
        taken = 0;
        var c = new ScanText(s);
        if (!c.Literal("CPU ") || !c.Number(10, out ulong cpu))
        {
            record.Missing = true;
            return false;
        }
        // The set that mcelog skips holds the letters c to x, and so eats the first digits of a status that starts with one of them.
        if (c.Literal(": Machine Check") && c.Set(ch => ch is ' ' or ':' or 'E' or '-' or (>= 'c' and <= 'x')) && c.Number(16, out ulong mcg, 16))
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

    private bool Rip(string s, out int taken)
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

    private bool Processor(string s, out int taken)
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

    private bool VendorLine(string s)
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
        record.CpuVendor = name switch { "Intel" => 0u, "Cyrix" => 1u, "AMD" => 2u, "UMC" => 3u, "Centaur" => 5u, "Transmeta" => 7u, "NSC" => 8u, _ => Leading(name) };
        uint f = unchecked((uint)family), m = unchecked((uint)model);
        record.CpuId = ((m & 0xf) << 4) | (Math.Min(f, 15u) << 8) | (f >= 15 ? ((f - 15) & 0xff) << 20 : 0u) | (f is 6 or 15 ? ((m >> 4) & 0xf) << 16 : 0u);
        record.Fill(McelogRecord.CpuIdEnd);
        return true;
    }

    private static uint Leading(string name)
    {
        var c = new ScanText(name);
        return c.Number(10, out ulong number) ? unchecked((byte)number) : 0u;
    }

    private bool Xen(string s)
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
    private static int Date(string s)
    {
        var c = new ScanText(s);
        if (!c.Word(10, out string day) || !c.Word(10, out string month) || !c.Number(10, out ulong date) || !c.Number(10, out ulong hour) || !c.Literal(":") ||
            !c.Number(10, out ulong minute) || !c.Literal(":") || !c.Number(10, out ulong second) || !c.Number(10, out ulong year))
            return 0;
        return IsShort(day) && IsShort(month) && date is >= 1 and <= 31 && hour <= 24 && minute <= 59 && second <= 59 && year >= 1900 ? c.At : 0;
    }

    private static bool IsShort(string name) => name.Length == 3 && char.IsAsciiLetterUpper(name[0]) && char.IsAsciiLetterLower(name[1]) && char.IsAsciiLetterLower(name[2]);

    private static bool IsKnownWords(string s) =>
        s.StartsWith("MCA:", StringComparison.Ordinal) || s.StartsWith("MCi_MISC register valid", StringComparison.Ordinal) ||
        (s.Length > 10 && s.StartsWith("MC", StringComparison.Ordinal) && string.CompareOrdinal(s, 3, " status", 0, 7) == 0) ||
        s.StartsWith("Unsupported new Family", StringComparison.Ordinal) || s == "Kernel does not support page offline interface";
}
