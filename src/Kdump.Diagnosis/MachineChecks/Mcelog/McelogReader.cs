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
            data = McelogForms.CpuLine(record, s, out taken);
        else if (s.StartsWith("STATUS", StringComparison.Ordinal))
            data = Take(ref scan, "STATUS ", 16, out v, ref taken) && Set(() => record.Status = v, 8);
        else if (s.StartsWith("MCGSTA", StringComparison.Ordinal))
            data = Take(ref scan, "MCGSTATUS ", 16, out v, ref taken) && Set(() => record.McgStatus = v, 32);
        else if (s.StartsWith("RIP", StringComparison.Ordinal))
            data = McelogForms.Rip(record, s, out taken);
        else if (s.StartsWith("TSC", StringComparison.Ordinal))
            data = Take(ref scan, "TSC ", 16, out v, ref taken) && Set(() => record.Tsc = v, 48);
        else if (s.StartsWith("ADDR", StringComparison.Ordinal))
            data = Take(ref scan, "ADDR ", 16, out v, ref taken) && Set(() => record.Addr = v, 24);
        else if (s.StartsWith("MISC", StringComparison.Ordinal))
            data = Take(ref scan, "MISC ", 16, out v, ref taken) && Set(() => record.Misc = v, 16);
        else if (s.StartsWith("PROCESSOR", StringComparison.Ordinal))
            data = McelogForms.Processor(record, s, out taken);
        else if (s.StartsWith("TIME", StringComparison.Ordinal))
        {
            data = Take(ref scan, "TIME ", 10, out v, ref taken) && Set(() => record.Time = v, 56);
            taken += McelogForms.Date(s[taken..]);
        }
        else if (s.StartsWith("MCGCAP", StringComparison.Ordinal))
            data = Take(ref scan, "MCGCAP ", 16, out v, ref taken) && Set(() => record.McgCap = v, McelogRecord.CapEnd);
        else if (s.StartsWith("APICID", StringComparison.Ordinal))
            data = Take(ref scan, "APICID ", 16, out v, ref taken) && Set(() => record.Apic = unchecked((uint)v), McelogRecord.ApicEnd);
        else if (s.StartsWith("SOCKETID", StringComparison.Ordinal))
            data = Take(ref scan, "SOCKETID ", 10, out v, ref taken) &&
                Set(() => record.Socket = unchecked((uint)v), McelogRecord.SocketEnd);
        else if (s.StartsWith("CPUID", StringComparison.Ordinal))
            data = McelogForms.VendorLine(record, s);
        else if (s.Contains("HARDWARE ERROR", StringComparison.Ordinal))
            record.Banner = true;
        else if (s.StartsWith("(XEN)", StringComparison.Ordinal))
            data = McelogForms.Xen(record, s);
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

    private static bool IsKnownWords(string s) =>
        s.StartsWith("MCA:", StringComparison.Ordinal) || s.StartsWith("MCi_MISC register valid", StringComparison.Ordinal) ||
        (s.Length > 10 && s.StartsWith("MC", StringComparison.Ordinal) && string.CompareOrdinal(s, 3, " status", 0, 7) == 0) ||
        s.StartsWith("Unsupported new Family", StringComparison.Ordinal) || s == "Kernel does not support page offline interface";
}
