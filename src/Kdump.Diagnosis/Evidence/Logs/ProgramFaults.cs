using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A program of user space crashed: arch/x86/mm/fault.c show_signal_msg, traps.c; systemd-coredump.</summary>
/// <param name="Object">File of the code that ran: program or library; empty where the line names none.</param>
/// <param name="Offset">Of the instruction in that mapping, where it can be worked out.</param>
/// <param name="Kind"><c>segfault</c>, <c>general protection fault</c>, <c>invalid opcode</c> …</param>
/// <param name="Error">The error code of a page fault, or null.</param>
/// <param name="Cpu">Null before 6.1.</param>
public sealed record ProgramFault(Source Source, string Program, string Object, ulong? Offset, string Kind, int? Error, ulong Address,
    int? Cpu)
    : Fact(Source)
{
    /// <summary>The line tells the access in words: <see cref="Error"/> is made of them.</summary>
    public bool InWords { get; init; }

    /// <summary>Null where the line does not tell it.</summary>
    public int? Pid { get; init; }
}

/// <summary>Reads the lines that the kernel and systemd print about crashed programs.</summary>
public sealed class ProgramFaults : LineParser
{
    private const int MaxFaults = 1024;

    private static readonly (string Words, string Kind)[] Kinds =
    [
        ("]: segfault at ", "segfault"), ("] general protection ", "general protection fault"), ("] trap invalid opcode ",
            "invalid opcode"),
        ("] trap divide error ", "divide error"), ("] trap int3 ", "breakpoint"), ("] trap stack segment ", "stack segment"),
        ("]: unhandled signal ", "unhandled signal"), ("]: unhandled ", "unhandled exception"), ("]: segfault (", "segfault"),
        ("]: bus error", "bus error"), ("]: bad frame in ", "bad signal frame"), ("] bad frame in ", "bad signal frame"),
        ("]: undefined instruction: ", "illegal instruction"),
    ];

    private const string Trap = "Alignment trap: ", Fatal = "potentially unexpected fatal signal ",
        Undefined = ": undefined instruction: pc=";

    /// <summary>ia64 and parisc, alpha, sh, and mips and others with the pid behind.</summary>
    private static readonly string[] Unaligned = ["): unaligned access to 0x", "): unaligned trap at ", "Unaligned userspace access in \""];

    private const string Sending = ": sending SIGSEGV to ", Command = "do_page_fault() command='", Arm = ": unhandled page fault (";

    /// <summary>The last fault of a program on mips: its next line names the file.</summary>
    private ProgramFault? open;

    private int count;

    /// <summary>A signal was printed without the name of its task; the task's line that follows has it.</summary>
    private (Source Source, string Kind, long Line)? unnamed;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = [.. Kinds.Select(k => k.Words), " dumped core",
        Sending, Command, Arm, "epc = ", Trap, Fatal, Undefined, " Comm: ", .. Unaligned];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (open is not null && File(line, facts))
            return true;
        if (OfOtherMachines(line, facts) || Misaligned(line, facts) || Signalled(line, facts))
            return true;
        foreach ((string words, string kind) in Kinds)
        {
            int at = text.IndexOf(words, StringComparison.Ordinal);
            if (at > 0)
                return Fault(line, at, words, kind, facts);
        }
        var c = new TextCursor(text);
        if (c.SkipPast("Process ") && c.Number(out _) && c.Skip(" (") && c.Before(") of user ", out ReadOnlySpan<char> name) &&
            c.SkipPast(" dumped core") && count++ < MaxFaults)
        {
            facts.Add(new ProgramFault(line.ToSource(), name.ToString(), "", null, "core dump", null, 0, null));
            return true;
        }
        return false;
    }

    public override void End(Facts facts)
    {
        Close(facts);
        count = 0;
        unnamed = null;
    }

    private void Close(Facts facts)
    {
        if (open is not null)
            facts.Add(open);
        open = null;
    }

    /// <summary>
    /// <c>do_page_fault(): sending SIGSEGV to eperd for invalid read access from 634d63e0</c> (mips, loongarch), with the process's number
    /// until 3.17; <c>do_page_fault() command='a' type=15 address=0x10 in libc.so[…]</c> (parisc); <c>a: unhandled page fault (11) at
    /// 0x10, code 0x017</c> (arm).
    /// </summary>
    private bool OfOtherMachines(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (c.SkipPast(Sending) && c.Before(" for invalid ", out ReadOnlySpan<char> name))
        {
            Close(facts);
            if (name.LastIndexOf('(') is > 0 and var number)
                name = name[..number];
            if (name.IsEmpty || name.Length > 64 || count++ >= MaxFaults)
                return false;
            ReadOnlySpan<char> rest = line.Text[(line.Text.IndexOf(" for invalid ", StringComparison.Ordinal) + 13)..];
            var a = new TextCursor(rest);
            bool known = (a.SkipPast(" from ") || Again(rest, " to ", out a)) && a.Hex(out _);
            a = new TextCursor(rest);
            ulong address = 0;
            if (known && (a.SkipPast(" from ") || Again(rest, " to ", out a)))
                a.Hex(out address);
            int? code;
            if (known)
                code = rest.StartsWith("write", StringComparison.Ordinal) ? 6 : 4;
            else
                code = null;
            open = new ProgramFault(line.ToSource(), name.ToString(), "", null, "segfault", code, address, null) { InWords = true };
            return true;
        }
        c = new TextCursor(line.Text);
        if (c.SkipPast(Command) && c.Before("' type=", out name) && name.Length is > 0 and <= 64 && count < MaxFaults)
            return Add(line, name, "segfault", facts);
        int at = line.Text.IndexOf(Arm, StringComparison.Ordinal);
        if (at <= 0 || count >= MaxFaults)
            return false;
        name = line.Text[..at];
        if (name.LastIndexOf("] ", StringComparison.Ordinal) is >= 0 and var stamp)
            name = name[(stamp + 2)..];
        if (name.LastIndexOf(": ", StringComparison.Ordinal) is >= 0 and var tag)
            name = name[(tag + 2)..];
        return name.Length is > 0 and <= 16 && Add(line, name, "unhandled exception", facts);
    }

    /// <summary>
    /// <c>Alignment trap: find (30083) PC=0x0005b610 Instr=0xe58c5004 Address=0x001eab46 FSR 0x801</c> (arm, of a program:
    /// arch/arm/mm/alignment.c),
    /// <c>Alignment trap: not handling instruction edc10b00 at [&lt;0005b378&gt;]</c> (of whom, its address tells),
    /// <c>a(12): unaligned access to 0x…, ip=0x…</c> (ia64, parisc), <c>Unaligned userspace access in "a" pid=12</c> (sh).
    /// </summary>
    private bool Misaligned(in TextLine line, Facts facts)
    {
        const string Kind = "access to an address that is not aligned";
        ReadOnlySpan<char> text = line.Text;
        var c = new TextCursor(text);
        if (c.SkipPast(Trap) && c.Before(" (", out ReadOnlySpan<char> name) && c.Number(out _) && c.Skip(") PC=0x"))
            return Told(line, name, c.Hex(out ulong pc) ? pc : null, facts);
        foreach (string words in Unaligned)
        {
            int at = text.IndexOf(words, StringComparison.Ordinal);
            if (at < 0)
                continue;
            if (words[^1] == '"')
            {
                c = new TextCursor(text[(at + words.Length)..]);
                return c.Before("\"", out name) && Told(line, name, null, facts);
            }
            int open = text[..at].LastIndexOf('(');
            return open > 0 && Told(line, text[(text[..open].LastIndexOfAny(' ', ']') + 1)..open], null, facts);
        }
        return false;

        bool Told(in TextLine told, ReadOnlySpan<char> program, ulong? place, Facts into)
        {
            if (program.Length is 0 or > 64 || count++ >= MaxFaults)
                return false;
            into.Add(new ProgramFault(told.ToSource(), program.ToString(), "", place, Kind, null, 0, null));
            return true;
        }
    }

    /// <summary><c>potentially unexpected fatal signal 5.</c> (print_fatal_signal() of kernel/signal.c), and the task's line behind
    /// it.</summary>
    private bool Signalled(in TextLine line, Facts facts)
    {
        const int Near = 4;
        var c = new TextCursor(line.Text);
        if (c.SkipPast(Fatal) && c.Number(out long number) && number is > 0 and < 65)
        {
            unnamed = (line.ToSource(), $"signal {number}{NameOf((int)number)}", line.Number);
            return true;
        }
        int at = line.Text.IndexOf(Undefined, StringComparison.Ordinal);
        if (at > 0 && count < MaxFaults)
        {
            ReadOnlySpan<char> head = line.Text[..at];
            int blank = head.LastIndexOf(' ');
            // arm: name (pid)
            ReadOnlySpan<char> program = head[(blank + 1)..];
            if (program.StartsWith("(", StringComparison.Ordinal) && blank > 0)
                program = head[(head[..blank].LastIndexOf(' ') + 1)..blank];
            if (program.IndexOf('[') is > 0 and var open)
                program = program[..open];
            return program.Length is > 0 and <= 16 && Add(line, program, "illegal instruction", facts);
        }
        if (unnamed is not { } told || line.Number > told.Line + Near)
            return false;
        c = new TextCursor(line.Text);
        if (!c.SkipPast(" Comm: "))
            return false;
        ReadOnlySpan<char> rest = line.Text[(line.Text.IndexOf(" Comm: ", StringComparison.Ordinal) + " Comm: ".Length)..];
        int end = rest.IndexOf(" Tainted:", StringComparison.Ordinal) is > 0 and var tainted ? tainted
            : rest.IndexOf(" Not tainted", StringComparison.Ordinal);
        unnamed = null;
        if (end is <= 0 or > 64 || count++ >= MaxFaults)
            return false;
        facts.Add(new ProgramFault(told.Source, rest[..end].ToString(), "", null, told.Kind, null, 0, null));
        return true;
    }

    private static string NameOf(int signal) => signal switch
    {
        4 => ", SIGILL: illegal instruction",
        5 => ", SIGTRAP: a breakpoint or a check of the program's own",
        6 => ", SIGABRT: it ended itself",
        7 => ", SIGBUS",
        8 => ", SIGFPE",
        11 => ", SIGSEGV",
        31 => ", SIGSYS: a system call that is not allowed",
        _ => "",
    };

    private bool Add(in TextLine line, ReadOnlySpan<char> name, string kind, Facts facts)
    {
        count++;
        var c = new TextCursor(line.Text);
        string file = c.SkipPast(" in ") && c.Before("[", out ReadOnlySpan<char> named) && !named.Contains(' ') ? named.ToString() : "";
        facts.Add(new ProgramFault(line.ToSource(), name.ToString(), file, null, kind, null, 0, null));
        return true;
    }

    /// <summary><c>epc = 77dd6b88 in libc.so[77d57000+aa000]</c></summary>
    private bool File(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.SkipPast("epc") || !c.SkipPast("= ") || !c.Hex(out ulong place) || !c.Skip(" in ") ||
            !c.Before("[", out ReadOnlySpan<char> file) || file.Contains(' ') || file.Length > 128)
            return false;
        open = open! with { Object = file.ToString(), Offset = c.Hex(out ulong begin) && begin <= place ? place - begin : null };
        Close(facts);
        return true;
    }

    private bool Fault(in TextLine line, int at, string words, string kind, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        int open = text[..at].LastIndexOf('[');
        if (open <= 0 || !int.TryParse(text[(open + 1)..at], out int pid) || count >= MaxFaults)
            return false;
        int start = open;
        // A program's name may hold blanks; it begins behind the last "] " or ": " or "traps: ".
        for (int i = open - 1; i >= 0 && i >= open - 40; i--)
        {
            if (i == 0 || (text[i - 1] == ' ' && i >= 2 && text[i - 2] is ']' or ':'))
            {
                start = i;
                break;
            }
        }
        string program = text[start..open].Trim().ToString();
        if (program.Length == 0)
            return false;
        var c = new TextCursor(text[(at + words.Length)..]);
        ulong address = 0;
        if (kind == "unhandled signal" && c.Number(out long signal) && signal is > 0 and < 65)
            kind = $"signal {signal}{NameOf((int)signal)}";
        c = new TextCursor(text[(at + words.Length)..]);
        if (kind == "segfault")
            c.Hex(out address);
        ulong? ip = null;
        var i2 = new TextCursor(text[at..]);
        if ((i2.SkipPast(" ip ") || Again(text[at..], " ip:", out i2) || Again(text[at..], " rip ", out i2)) && i2.Hex(out ulong value))
            ip = value;
        var e = new TextCursor(text[at..]);
        // show_signal_msg() and do_trap() print the processor's error code in hexadecimal digits, without 0x.
        int? error = (e.SkipPast(" error ") || Again(text[at..], " error:", out e)) && e.Hex(out ulong code)
            ? (int)Math.Min(code, 65535) : null;
        var o = new TextCursor(text[at..]);
        string file = "";
        ulong? offset = null;
        if (o.SkipPast(" in ") && o.Before("[", out ReadOnlySpan<char> named) && !named.Contains(' '))
        {
            file = named.ToString();
            // [offset,base+size] since 6.4, [base+size] before.
            bool first = o.Hex(out ulong from);
            if (first && o.Skip(","))
                offset = from;
            else if (first && ip is { } at2 && at2 >= from)
                offset = at2 - from;
        }
        var p = new TextCursor(text[at..]);
        int? cpu = p.SkipPast("likely on CPU ") && p.Number(out long n) ? (int)Math.Clamp(n, 0, 65535) : null;
        count++;
        facts.Add(new ProgramFault(line.ToSource(), program, file, offset, kind, error, address, cpu) { Pid = pid });
        return true;
    }

    private static bool Again(ReadOnlySpan<char> text, string literal, out TextCursor cursor)
    {
        cursor = new TextCursor(text);
        return cursor.SkipPast(literal);
    }
}
