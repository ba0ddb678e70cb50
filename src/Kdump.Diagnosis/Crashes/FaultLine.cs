namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The line that says where a CPU was: <c>RIP: 0010:f+0x1/0x2</c>, <c>RIP: 0010:[&lt;address&gt;]  [&lt;address&gt;] f+…</c> until 4.9,
/// <c>IP: f+…</c>, <c>EIP: f+…</c>, <c>pc : f+…</c> and <c>PC is at f+…</c> on arm, <c>NIP [address] f+…</c> on powerpc, <c>epc : f+…</c>
/// on riscv (before 5.12
/// <c>epc: address ra : …</c>), <c>epc   : address f+…</c> on mips, <c>ERA: address f+…</c> on loongarch, <c>Krnl PSW : mask address
/// (f+…)</c> on s390, <c>TPC: &lt;f+…&gt;</c> on sparc, <c>IAOQ[0]: f+…</c> on parisc, <c>pc: address: f+…</c> in xmon,
/// <c>PC: [&lt;address&gt;] f+…</c> on m68k.
/// </summary>
internal static class FaultLine
{
    private static readonly string[] Marks =
        ["IP:", "IP is at ", "IP ", "pc :", "pc:", "PC is at ", "pc is at ", "ip is at ", "epc   :",
            "ERA: ", "Krnl PSW : ", "TPC: <", "IAOQ[0]: ", "PC: [<"];

    /// <summary>
    /// True when the line says where; <paramref name="frame"/> is null where that was no known function (user space, a wild jump).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> line, out StackFrame? frame)
    {
        frame = null;
        if (OfDebugger(line, out frame))
            return true;
        foreach (string mark in Marks)
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0 || at > 120 || (at > 0 && mark[0] is 'p' or 'P' && line[at - 1] is not (' ' or 'e')))
                continue;
            // m68k: PC: [<00237454>] rb_erase+0x1c/0x346
            if (Place(line[(at + mark.Length - (mark[^1] == '<' && mark[0] == 'P' ? 2 : 0))..], mark == "pc :", out frame))
                return true;
        }
        return false;
    }

    /// <summary>crash(8): <c>exception RIP: f+91</c>, the offset in decimal digits.</summary>
    private static bool OfDebugger(ReadOnlySpan<char> line, out StackFrame? frame)
    {
        frame = null;
        int at = line.IndexOf(TraceStart.Debugger, StringComparison.Ordinal);
        if (at < 0)
            return false;
        ReadOnlySpan<char> name = line[(at + TraceStart.Debugger.Length)..];
        int plus = name.IndexOf('+');
        if (plus <= 0 || name[..plus].Contains(' '))
            return false;
        frame = new(name[..plus].ToString(), -1, -1, null, Reliable: true);
        return true;
    }

    /// <summary>A name to the end of the line, perhaps with the beginning of its offset.</summary>
    private static string CutName(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd();
        int plus = text.IndexOf('+');
        ReadOnlySpan<char> name = plus < 0 ? text : text[..plus], rest = plus < 0 ? default : text[plus..];
        if (rest is not ("" or "+" or "+0" or "+0x") || !name.Contains('_') && plus < 0 || name.IsEmpty || char.IsAsciiDigit(name[0]))
            return "";
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return "";
        }
        return name.ToString();
    }

    /// <param name="plain">Behind the mark may stand a name alone, as where somebody left the offsets out.</param>
    private static bool Place(ReadOnlySpan<char> text, bool plain, out StackFrame? frame)
    {
        frame = null;
        text = text.TrimStart(' ');
        // The code segment: 0010 the kernel, 0033 and 0023 user space.
        int colon = text[..Math.Min(6, text.Length)].IndexOf(':');
        bool segment = colon > 0 && FrameLine.IsHex(text[..colon]);
        if (segment)
            text = text[(colon + 1)..].TrimStart(' ');
        // mips: epc   : 804010f0 f+0x68/0x3f8; s390 puts a mask before the address, and the function in brackets.
        bool bare = false, afterColon = false;
        for (int i = 0; i < 2 && text.IndexOf(' ') is 8 or 16 && FrameLine.IsHex(text[..text.IndexOf(' ')]); i++)
        {
            bare = true;
            text = text[text.IndexOf(' ')..].TrimStart(" (");
        }
        // xmon: pc: c000000000391600: f+0x2e0/0x340
        if (!bare && text.IndexOf(':') is 8 or 16 && FrameLine.IsHex(text[..text.IndexOf(':')]))
        {
            afterColon = true;
            text = text[(text.IndexOf(':') + 1)..].TrimStart(' ');
        }
        if (bare && text.StartsWith("ra : ", StringComparison.Ordinal))
            return true;
        bool address = false;
        for (int i = 0; i < 2; i++)
        {
            if (text.IsEmpty || text[0] != '[' || text.IndexOf(']') is not (> 3 and < 30 and var close))
                break;
            address = true;
            text = text[(close + 1)..].TrimStart(' ');
        }
        if (text.StartsWith("0x", StringComparison.Ordinal) || text.StartsWith("(null)", StringComparison.Ordinal))
            return true;
        if (FrameLine.Symbol(ref text, out ReadOnlySpan<char> name, out long offset, out long size))
        {
            string? module = null;
            ReadOnlySpan<char> rest = text.TrimStart(' ');
            if (rest.Length > 2 && rest[0] == '[' && rest.IndexOf(']') is > 1 and var end)
                module = rest[1..end].ToString().Split(' ')[0];
            frame = new(name.ToString(), offset, size, module, Reliable: true);
            return true;
        }
        // The paste ends in the middle of it: "pc: d0000000047f6ff8: reclaim_pages", "epc   : 80347d38 ioread32+0".
        if ((bare || afterColon || plain) && CutName(text) is { Length: > 3 } cut)
        {
            frame = new(cut, -1, -1, null, Reliable: true);
            return true;
        }
        // scripts/decode_stacktrace.sh: RIP: 0010:f (file.c:12 file.c:34)
        if (FrameLine.Decoded(text, reliable: true, out StackFrame decoded))
        {
            frame = decoded;
            return true;
        }
        return segment && address;
    }
}
