using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Texts below a report's first line that its title needs.</summary>
internal static class Details
{
    /// <summary>How many lines of registers may stand above a stack's heading, and how many frames below it are looked at.</summary>
    private const int Near = 8;

    private static readonly string[] Accesses = ["Read of size ", "Write of size ", "Read at addr ", "Write at addr "];

    /// <summary>KASAN: whether it was a read or a write, some lines below the heading.</summary>
    public static bool Access(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            foreach (string access in Accesses)
            {
                int at = lines[i].Text.IndexOf(access, StringComparison.Ordinal);
                int value = at + access.Length;
                if (at >= 0 && value < lines[i].Text.Length && char.IsAsciiHexDigit(lines[i].Text[value]))
                {
                    taken.Add(access[..access.IndexOf(' ')]);
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>
    /// Registers with a place in code, a stack, and the end mark directly after it; on x86 the functions that print the warning are
    /// on the stack too.
    /// </summary>
    public static bool EndOfWarning(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool place = false, stack = false;
        for (int i = from + 1; i < lines.Count && i < from + 120; i++)
        {
            string text = lines[i].Text;
            if (stack && text.Contains("---[ end trace", StringComparison.Ordinal))
                return place;
            if (stack && (text.Contains("Modules linked in", StringComparison.Ordinal) ||
                text.StartsWith("Code: ", StringComparison.Ordinal) ||
                text.Contains("Comm: ", StringComparison.Ordinal) || Array.Exists(Traps, t => text.Contains(t, StringComparison.Ordinal))))
                return false;
            place |= !stack && FaultLine.TryParse(text, out _);
            stack |= TraceStart.IsCall(text);
        }
        return false;
    }

    /// <summary>The heading of a stack within the next lines; -1 for none.</summary>
    private static int CallBelow(IReadOnlyList<ReportLine> lines, int from)
    {
        for (int i = from + 1; i < lines.Count && i <= from + Near; i++)
        {
            if (TraceStart.IsCall(lines[i].Text))
                return i;
        }
        return -1;
    }

    /// <summary>The check of a stack alone, for a form that begins some lines above its heading.</summary>
    public static Func<IReadOnlyList<ReportLine>, int, List<string>, bool> AtCall(
        Func<IReadOnlyList<ReportLine>, int, List<string>, bool> detail) => (lines, from, taken) =>
            CallBelow(lines, from) is >= 0 and var call && detail(lines, call, taken);

    /// <summary>Within the next lines a stack begins, and at least three frames of it follow; no other place is named before.</summary>
    public static bool StackFollows(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        const int Least = 3, Whole = 100;
        // With its end mark it is told by other forms.
        for (int i = from + 1; i < lines.Count && i < from + Whole; i++)
        {
            if (lines[i].Text.Contains("---[ end ", StringComparison.Ordinal))
                return false;
        }
        int call = CallBelow(lines, from);
        for (int i = from + 1; i <= call; i++)
        {
            if (FaultLine.TryParse(lines[i].Text, out _) || lines[i].Text.Contains("Kernel panic", StringComparison.Ordinal))
                return false;
        }
        int frames = 0;
        for (int i = call + 1; call >= 0 && i < lines.Count && i <= call + Near; i++)
            frames += FrameLine.TryParse(lines[i].Text, out StackFrame frame, out _) && frame.Reliable ? 1 : 0;
        return frames >= Least;
    }

    /// <summary><c>PC is at …</c>, <c>Stack: (0xde83bfb0 to 0xde83c000)</c>, <c>Code: …</c>: arch/arm/kernel/traps.c __die().</summary>
    public static bool EndOfArmOops(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool place = false, stack = false;
        for (int i = from + 1; i < lines.Count && i < from + 60; i++)
        {
            string text = lines[i].Text;
            if (stack && text.StartsWith("Code: ", StringComparison.Ordinal))
                return true;
            place |= text.StartsWith("PC is at ", StringComparison.Ordinal);
            stack |= place && text.StartsWith("Stack: (0x", StringComparison.Ordinal);
        }
        return false;
    }

    /// <summary><c>pc : …</c>, <c>Call trace:</c>, <c>Code: …</c>: arch/arm64/kernel/traps.c __die().</summary>
    public static bool EndOfArm64Oops(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool place = false, stack = false;
        for (int i = from + 1; i < lines.Count && i < from + 90; i++)
        {
            string text = lines[i].Text;
            if (stack && text.StartsWith("Code: ", StringComparison.Ordinal))
                return true;
            if (stack && (text.Contains("Comm: ", StringComparison.Ordinal) || text.Contains("---[ end trace", StringComparison.Ordinal)))
                return false;
            place |= text.StartsWith("pc : ", StringComparison.Ordinal);
            stack |= place && text.StartsWith("Call trace:", StringComparison.Ordinal);
        }
        return false;
    }

    /// <summary>A place in the kernel, by the code segment of x86-64 or of a Xen guest.</summary>
    private static bool IsPlace(string text) => OfX86(text) || text.StartsWith("RIP: e030:", StringComparison.Ordinal);

    /// <summary>Only x86-64 prints such a line.</summary>
    public static bool OfX86(string text) => text.StartsWith("RIP: 0010:", StringComparison.Ordinal);

    /// <summary>A place in code of the kernel, and the instruction of WARN and BUG there.</summary>
    public static bool FailedCheck(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool place = false;
        for (int i = from + 1; i < lines.Count && i < from + 16; i++)
        {
            string text = lines[i].Text;
            if (place && text.StartsWith("Code: ", StringComparison.Ordinal))
                return text.Contains("<0f> 0b", StringComparison.Ordinal);
            if (TraceStart.IsCall(text) || text.StartsWith("RIP: 0033", StringComparison.Ordinal))
                return false;
            place |= IsPlace(text);
        }
        return false;
    }

    /// <summary>A stack with a trap in it, or with what only a crash prints behind a stack.</summary>
    public static bool EndOfOops(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool frames = false;
        for (int i = from + 1; i < lines.Count && i < from + 80; i++)
        {
            string text = lines[i].Text;
            bool frame = FrameLine.TryParse(text, out StackFrame parsed, out _);
            frames |= frame && parsed.Reliable;
            if (frame && Array.Exists(Ends, e => parsed.Name.StartsWith(e, StringComparison.Ordinal)))
                return true;
            if (frames && (text.StartsWith("Instruction dump:", StringComparison.Ordinal) ||
                text.StartsWith("CR2: ", StringComparison.Ordinal) ||
                text.StartsWith("Code: ", StringComparison.Ordinal)))
                return true;
            if (text.Contains("Comm: ", StringComparison.Ordinal) || text.Contains("Call Trace:", StringComparison.Ordinal))
                return false;
        }
        return false;
    }

    /// <summary>A stack that begins above a fault's own functions: which fault, by those; something must stand below them.</summary>
    public static bool BelowGeneralProtection(IReadOnlyList<ReportLine> lines, int from, List<string> taken) =>
        Below(lines, from, "general_protection+0x");

    public static bool BelowPageFault(IReadOnlyList<ReportLine> lines, int from, List<string> taken) =>
        Below(lines, from, "page_fault_oops+0x") || Below(lines, from, "exc_page_fault+0x") || Below(lines, from, "do_page_fault+0x");

    public static bool BelowTrap(IReadOnlyList<ReportLine> lines, int from, List<string> taken) => Below(lines, from, "+0x");

    private static bool Below(IReadOnlyList<ReportLine> lines, int from, string name)
    {
        const int Near = 6, Longest = 30;
        bool trap = false;
        for (int i = from; i < lines.Count && i < from + Longest; i++)
        {
            string text = lines[i].Text;
            if (trap && (FaultLine.TryParse(text, out _) || (Proven(text) && !lines[i].Guess)))
                return true;
            trap |= i < from + Near && Proven(text) && !lines[i].Guess && text.Contains(name, StringComparison.Ordinal);
        }
        return false;
    }

    /// <summary>A frame that the unwinder confirmed.</summary>
    public static bool Proven(string line) => FrameLine.TryParse(line, out StackFrame frame, out _) && frame.Reliable;

    /// <summary>
    /// x86's registers behind a lost first line. Each report prints CR2, mostly of an older fault of a program; only a value next to NULL
    /// is the kernel's own. <c>&lt;0f&gt; 0b</c> is the instruction of BUG and WARN.
    /// </summary>
    public static bool FaultNearNull(IReadOnlyList<ReportLine> lines, int from, List<string> taken) => Fault(lines, from, near: true);

    /// <summary>A kernel address in CR2 that a register also holds is the address that was just used.</summary>
    public static bool FaultOfRegister(IReadOnlyList<ReportLine> lines, int from, List<string> taken) => Fault(lines, from, near: false);

    private static bool Fault(IReadOnlyList<ReportLine> lines, int from, bool near)
    {
        bool code = false, stack = false;
        for (int i = from + 1; i < lines.Count && i < from + 20; i++)
        {
            string text = lines[i].Text;
            code |= text.StartsWith("Code: ", StringComparison.Ordinal) && !text.Contains("<0f> 0b", StringComparison.Ordinal) &&
                text.Contains('<');
            // Until 5.0 early code runs with a stack segment of 0.
            stack |= text.StartsWith("RSP: 0018:", StringComparison.Ordinal) || text.StartsWith("RSP: 0000:", StringComparison.Ordinal);
            if (text.StartsWith("RIP: ", StringComparison.Ordinal))
                return false;
            if (text.StartsWith("CR2: 000000000000", StringComparison.Ordinal) && text.Length > 21 && text[20] is not ' ')
                return near && code && stack && text.AsSpan(5, 16).IndexOfAnyExcept('0', ' ') >= 0;
            if (text.StartsWith("CR2: ffff", StringComparison.Ordinal) && text.Length >= 21)
                return !near && code && stack && InRegister(lines, from + 1, i, text.AsSpan(5, 16));
        }
        return false;
    }

    private static bool InRegister(IReadOnlyList<ReportLine> lines, int from, int end, ReadOnlySpan<char> value)
    {
        for (int i = from; i < end; i++)
        {
            string text = lines[i].Text;
            if (text.StartsWith('R') && !text.StartsWith("RIP", StringComparison.Ordinal) && text.AsSpan().Contains(value,
                StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static readonly string[] Ends = ["oops_end", "general_protection", "page_fault", "do_page_fault", "__die", "die"];

    /// <summary>The task as die() prints it: arch/x86/kernel/dumpstack.c until 3.14, arch/arm/kernel/traps.c __die().</summary>
    public static bool ProcessOfOops(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count && i < from + 40; i++)
        {
            string text = lines[i].Text;
            if (text.StartsWith("Process ", StringComparison.Ordinal) && text.Contains(" (pid: ", StringComparison.Ordinal) &&
                (text.Contains(", threadinfo ", StringComparison.Ordinal) || text.Contains(", ti=", StringComparison.Ordinal) ||
                text.Contains(", stack limit = ", StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    /// <summary>
    /// <c>RIP  [&lt;address&gt;] f+…</c> behind the code, <c>RIP: f+… RSP: …</c> from 4.10 to 4.17, and the end mark.
    /// </summary>
    public static bool PlaceAgain(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool place = false;
        for (int i = from + 1; i < lines.Count && i < from + 8; i++)
        {
            place |= lines[i].Text.StartsWith("RIP  [<", StringComparison.Ordinal) ||
                lines[i].Text.StartsWith("EIP: [<", StringComparison.Ordinal) ||
                (lines[i].Text.StartsWith("RIP: ", StringComparison.Ordinal) && lines[i].Text.Contains(" RSP: ", StringComparison.Ordinal));
            if (place && lines[i].Text.Contains("---[ end trace", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Since 4.18 x86 prints the place and the registers of an oops once more behind the end mark (oops_end(), "executive summary"); a
    /// warning ends with the mark.
    /// </summary>
    public static bool PlaceBehindMark(IReadOnlyList<ReportLine> lines, int from, List<string> taken) =>
        BehindMark(lines, from) is not null;

    /// <summary>The same, and the instruction of BUG is what the code stopped at.</summary>
    public static bool CheckBehindMark(IReadOnlyList<ReportLine> lines, int from, List<string> taken) =>
        BehindMark(lines, from) is { } place && lines.Skip(place + 1).Take(2).Any(l =>
            l.Text.StartsWith("Code: ", StringComparison.Ordinal) && l.Text.Contains("<0f> 0b", StringComparison.Ordinal));

    /// <summary>Where the line with the place stands.</summary>
    private static int? BehindMark(IReadOnlyList<ReportLine> lines, int from)
    {
        for (int i = from + 1; i < lines.Count && i < from + 4; i++)
        {
            if (IsPlace(lines[i].Text))
                return i;
        }
        return null;
    }

    /// <summary>Functions on the stack of an oops.</summary>
    private static readonly string[] Traps = ["page_fault", "exc_general_protection", "oops_end", "__die", "do_mem_abort", "die+0x"];

    /// <summary>The name behind <c>last function: </c>.</summary>
    public static bool LastFunction(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            if (Shape.Find(lines[i].Text, "last function: {w}", taken) >= 0)
                return true;
        }
        return false;
    }

    /// <summary>Rust's panic prints its message below the place.</summary>
    public static bool NextLine(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        if (from + 1 >= lines.Count || lines[from + 1].Text.Length == 0)
            return false;
        taken.Add(lines[from + 1].Text);
        return true;
    }

    /// <summary>True if the lines below hold these texts in this order.</summary>
    public static Func<IReadOnlyList<ReportLine>, int, List<string>, bool> Lines(params string[] texts) => (lines, from, _) =>
    {
        int next = 0;
        for (int i = from + 1; i < lines.Count && next < texts.Length; i++)
        {
            if (lines[i].Text.Contains(texts[next], StringComparison.Ordinal))
                next++;
        }
        return next == texts.Length;
    };

    /// <summary>
    /// The rest of a first line that was printed in two steps: <c>NULL pointer dereference at 0000000000000050</c>, or only these words.
    /// </summary>
    public static Func<IReadOnlyList<ReportLine>, int, List<string>, bool> RestOfFirst(string words) => (lines, from, _) =>
    {
        for (int i = from + 1; i < lines.Count && i <= from + Near; i++)
        {
            ReadOnlySpan<char> text = lines[i].Text.AsSpan().Trim();
            if (text.StartsWith(words, StringComparison.Ordinal))
                return text.Length == words.Length || text[words.Length..].StartsWith(" at ", StringComparison.Ordinal);
        }
        return false;
    };

    /// <summary>A source file and line: <c>net/core/dev.c:123</c>.</summary>
    public static bool Place(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            if (HasPlace(lines[i].Text))
                return true;
        }
        return false;
    }

    public static bool HasPlace(string line) => PlaceIn(line) is not null;

    public static string? PlaceIn(string line)
    {
        for (int colon = line.IndexOf(':'); colon >= 0; colon = line.IndexOf(':', colon + 1))
        {
            if (colon + 1 >= line.Length || !char.IsAsciiDigit(line[colon + 1]))
                continue;
            int start = colon;
            while (start > 0 && (char.IsAsciiLetterOrDigit(line[start - 1]) || line[start - 1] is '/' or '_' or '-' or '.'))
                start--;
            int dot = line.LastIndexOf('.', colon - 1 < 0 ? 0 : colon - 1);
            if (dot > start && dot + 1 < colon && line.AsSpan((dot + 1)..colon).IndexOfAnyExceptInRange('a', 'z') < 0)
            {
                int end = colon + 1;
                while (end < line.Length && char.IsAsciiDigit(line[end]))
                    end++;
                return line[start..end];
            }
        }
        return null;
    }
}
