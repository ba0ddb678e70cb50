using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>What a report of the hypervisor Xen is about.</summary>
public enum XenTrouble
{
    /// <summary>Xen itself stopped.</summary>
    Panic,

    /// <summary>Xen itself printed its registers; why is not in these lines.</summary>
    Registers,

    /// <summary>Xen ended a guest.</summary>
    Guest,

    /// <summary>A guest had a triple fault, and Xen did with it what it is told to do then.</summary>
    TripleFault,

    /// <summary>dom0, or the domain that has the hardware, stopped, and Xen restarts the machine.</summary>
    HardwareDomain,
}

/// <summary>A crash in the words of Xen's own console (<c>(XEN) …</c>), not of a kernel.</summary>
/// <param name="Domain">The guest, or the guest whose vCPU was current; null where no line names one.</param>
/// <param name="Function">Where the CPU was, without the file; null for a guest and where Xen has no symbols.</param>
/// <param name="File">The file in front of the function: <c>credit2.c</c>.</param>
public sealed record XenCrash(Source Source, XenTrouble Trouble, int? Cpu, int? Domain, int? Vcpu, string? Function, string? File,
    string? Version) : Fact(Source)
{
    /// <summary>
    /// The line that gives the reason: <c>FATAL PAGE FAULT</c>, <c>Xen BUG at sched.c:123</c>, <c>domain_crash called from …</c>
    /// </summary>
    public Source? Reason { get; init; }

    /// <summary>The address of the access that failed: <c>Faulting linear address:</c>; else what cr2 holds.</summary>
    public ulong? Address { get; init; }

    /// <summary>Where the CPU was: the number behind <c>RIP:</c>; null for a guest.</summary>
    public ulong? Rip { get; init; }

    /// <summary>Only cr2 has it, which may be an older fault's.</summary>
    public bool OfCr2 { get; init; }

    /// <summary>Entry of the last level of the page walk that Xen printed before.</summary>
    public ulong? PageEntry { get; init; }

    /// <summary>What Xen did after a triple fault: Xen's number for it, 1 is a reboot; null where no line tells.</summary>
    public int? Action { get; init; }

    /// <summary>The functions below, innermost first.</summary>
    public IReadOnlyList<string> Callers { get; init; } = [];
}

/// <summary>
/// Xen's console: show_execution_state(), panic() and domain_crash() (xen/arch/x86/traps.c, xen/common/domain.c,
/// xen/drivers/char/console.c). Dumps that an operator's key asked for and warnings are no crash.
/// </summary>
public sealed class XenConsole : LineParser
{
    private const string Tag = "(XEN) ", Head = "----[ Xen-", Panic = "Panic on CPU ",
        CrashedOn = ") crashed on cpu#", Crashed = " crashed: ",
        Triple = "Triple fault", Invoking = " - invoking HVM ", Action = "shutdown action ";

    /// <summary>Registers that somebody asked for, and warnings.</summary>
    private static readonly string[] Asked = ["*** Dumping ", "Xen WARN at "];
    private const int MaxCallers = 12, MaxReports = 64, MaxLines = 256;

    private static readonly string[] Reasons =
    [
        "FATAL PAGE FAULT", "FATAL TRAP", "GENERAL PROTECTION FAULT", "DOUBLE FAULT", "Early fatal page fault", "Xen BUG at ",
        "Assertion '", "UNHANDLED EXCEPTION", "Watchdog timer detects that CPU", "FATAL MACHINE CHECK",
        "Unexpected Trap", "Unexpected hypervisor",
    ];

    private static readonly string[] OfGuest =
        ["domain_crash called from ", "domain_crash_sync called from ", "Failed vm entry", "vmentry failure"];

    private Source? source, reason, pending;
    private ulong? address, cr2, pageEntry, rip;
    private bool tagged, harmless, panic, guest, wantsReason;
    private int? cpu, domain, vcpu, context, contextVcpu;
    private string? function, file, version;
    private readonly List<string> callers = [];
    private int reports, lines;

    public override string Kind => "Xen's console";

    // The tag may have been learnt as what all lines have in common: then it is in the raw line only.
    public override IReadOnlyList<string> Signs { get; } =
    [
        Tag, Head, Panic, CrashedOn, Crashed, Triple, "L1[0x", "L2[0x", "L3[0x", "L4[0x", .. OfGuest, .. Reasons, .. Asked,
    ];

    public override bool Busy => source is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        int at = line.Text.IndexOf(Tag, StringComparison.Ordinal);
        bool tag = line.Raw.Contains(Tag, StringComparison.Ordinal);
        if (!tag && (source is null ? !line.Text.Contains(Head, StringComparison.Ordinal) : tagged))
            return false;
        tagged |= tag;
        ReadOnlySpan<char> text = at < 0 ? line.Kernel.Message : line.Text[(at + Tag.Length)..];
        // A time of Xen's own: "[    5.040906] ", "[2024-02-01 12:00:00] ".
        if (text is ['[', ..] && text.IndexOf("] ", StringComparison.Ordinal) is > 2 and < 40 and var close &&
            char.IsAsciiDigit(text[close - 1]))
            text = text[(close + 2)..];
        ReadOnlySpan<char> bare = text.Trim();
        if (Waits && ++lines > MaxLines)
            Yield(facts);
        return Tripled(bare, line, facts) || Before(bare, line, facts) || Opens(bare, line, facts) || Inside(bare, line, facts);
    }

    public override void End(Facts facts)
    {
        Yield(facts);
        reports = 0;
    }

    /// <summary>Something was said that belongs to a report, begun or to come.</summary>
    private bool Waits => source is not null || pending is not null || pageEntry is not null || harmless;

    /// <summary><c>d1v0 Triple fault - invoking HVM shutdown action 1</c>: all of it in one line, no registers follow.</summary>
    private bool Tripled(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int at = text.IndexOf(Triple, StringComparison.Ordinal);
        if (at < 0 || !text[at..].Contains(Invoking, StringComparison.Ordinal))
            return false;
        var c = new TextCursor(text);
        int id = 0, on = 0;
        bool known = c.Skip("d") && Small(ref c, out id) && c.Skip("v") && Small(ref c, out on);
        int? action = c.SkipPast(Action) && Small(ref c, out int number) ? number : null;
        if (reports++ < MaxReports)
            facts.Add(new XenCrash(line.ToSource(), XenTrouble.TripleFault, null, known ? id : null, known ? on : null, null, null, null)
            {
                Reason = line.ToSource(), Action = action,
            });
        return true;
    }

    /// <summary>A number of a domain or a CPU; what is longer is none.</summary>
    private static bool Small(ref TextCursor c, out int value)
    {
        bool fits = c.Number(out long number) && number is >= 0 and <= int.MaxValue;
        value = fits ? (int)number : 0;
        return fits;
    }

    /// <summary>What Xen says before it prints registers.</summary>
    private bool Before(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        if (text.StartsWith(Asked[0], StringComparison.Ordinal) || text.StartsWith(Asked[1], StringComparison.Ordinal))
        {
            Yield(facts);
            harmless = true;
            return true;
        }
        if (source is null && text is ['L', >= '1' and <= '5', '[', ..] &&
            text.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var equals)
        {
            pageEntry = Hex(text[(equals + 3)..]);
            return true;
        }
        foreach (string word in OfGuest)
        {
            if (!text.Contains(word, StringComparison.Ordinal))
                continue;
            if (source is not null || harmless)
                Yield(facts);
            (reason, guest) = (reason ?? line.ToSource(), true);
            pending ??= reason;
            Vcpu(text);
            return true;
        }
        return false;
    }

    private bool Opens(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        // "Domain 3 (vcpu#0) crashed on cpu#3:"
        var c = new TextCursor(text);
        if (c.Skip("Domain ") && Small(ref c, out int id) && c.Skip(" (vcpu#") && Small(ref c, out int v) && c.Skip(CrashedOn) &&
            Small(ref c, out int on))
        {
            if (source is not null || harmless)
                Yield(facts);
            (source, domain, vcpu, cpu, guest) = (line.ToSource(), id, v, on, true);
            return true;
        }
        if (text.StartsWith(Head, StringComparison.Ordinal))
        {
            // Behind "Domain 3 … crashed" and "Xen BUG at …" stand the registers of the same report.
            // A guest that Xen ended has its own line "Domain … crashed" in front of its registers.
            if (version is not null || (source is null && pending is not null))
                Yield(facts);
            source ??= line.ToSource();
            version = text[Head.Length..] is var rest && rest.IndexOf(' ') is > 0 and var end ? rest[..end].ToString() : null;
            return true;
        }
        if (text.StartsWith(Panic, StringComparison.Ordinal))
        {
            EndOther(facts);
            source ??= line.ToSource();
            (panic, wantsReason) = (true, true);
            c = new TextCursor(text[Panic.Length..]);
            cpu = Small(ref c, out int number) ? number : cpu;
            return true;
        }
        c = new TextCursor(text);
        if ((c.Skip("Hardware Dom") || c.Skip("Domain ")) && Small(ref c, out id) && c.Skip(Crashed))
        {
            Yield(facts);
            if (reports++ < MaxReports)
                facts.Add(new XenCrash(line.ToSource(), XenTrouble.HardwareDomain, null, id, null, null, null, null));
            return true;
        }
        foreach (string word in Reasons)
        {
            if (!text.Contains(word, StringComparison.Ordinal) || text.StartsWith("Xen WARN", StringComparison.Ordinal))
                continue;
            EndOther(facts);
            reason ??= line.ToSource();
            panic = true;
            wantsReason = false;
            source ??= line.ToSource();
            return true;
        }
        return false;
    }

    /// <summary>Xen's own end begins: registers that somebody asked for and what was said of a guest are not of it.</summary>
    private void EndOther(Facts facts)
    {
        if (harmless || pending is not null || domain is not null)
            Yield(facts);
    }

    /// <summary>A line of the registers, the stack or the reason.</summary>
    private bool Inside(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        if (source is null)
            return false;
        var c = new TextCursor(text);
        if (c.Skip("CPU:"))
            cpu ??= int.TryParse(c.Rest.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
        else if (text.StartsWith("RIP: ", StringComparison.Ordinal) || text.StartsWith("PC: ", StringComparison.Ordinal))
        {
            int bracket = text.IndexOf("[<", StringComparison.Ordinal);
            rip ??= bracket < 0 ? null : Hex(text[(bracket + 2)..]);
            Place(text, own: true);
        }
        else if (text.IndexOf("CONTEXT: ", StringComparison.Ordinal) is >= 0 and var says)
            Context(text[(says + "CONTEXT: ".Length)..]);
        else if (text.IndexOf("cr2: ", StringComparison.Ordinal) is >= 0 and var second)
            cr2 = Hex(text[(second + 5)..]);
        else if (c.Skip("Faulting linear address: "))
            address = Hex(c.Rest);
        else if (text.StartsWith("[<", StringComparison.Ordinal))
            Place(text, own: false);
        else if (wantsReason && text.Length > 3 && text.IndexOfAnyExcept('*') >= 0)
            (reason, wantsReason) = (reason ?? line.ToSource(), false);
        else if (text.StartsWith("Reboot in ", StringComparison.Ordinal) ||
            text.StartsWith("Manual reset required", StringComparison.Ordinal))
            Yield(facts);
        return true;
    }

    /// <summary>
    /// <c>e008:[&lt;ffff82d04023a355&gt;] credit2.c#csched2_free_domdata+0x65/0xd0</c>, or <c>R</c> and <c>F</c> in front.
    /// </summary>
    private void Place(ReadOnlySpan<char> text, bool own)
    {
        int plus = text.IndexOf("+0x", StringComparison.Ordinal);
        if (plus <= 0 || callers.Count >= MaxCallers)
            return;
        ReadOnlySpan<char> name = text[..plus];
        name = name[(name.LastIndexOf(' ') + 1)..];
        int hash = name.IndexOf('#');
        string called = name[(hash + 1)..].ToString();
        if (!own)
            callers.Add(called);
        else if (function is null)
            (function, file) = (called, hash > 0 ? name[..hash].ToString() : null);
    }

    /// <summary><c>hypervisor (d0v0)</c>, <c>pv guest (d3v0)</c>, <c>hvm guest (d5v1)</c>, <c>hypervisor</c></summary>
    private void Context(ReadOnlySpan<char> text)
    {
        guest |= text.Contains(" guest", StringComparison.Ordinal) && !panic;
        int open = text.IndexOf("(d", StringComparison.Ordinal);
        Vcpu(open < 0 ? default : text[(open + 1)..]);
    }

    /// <summary><c>d5v0</c></summary>
    private void Vcpu(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        if (c.Skip("d") && Small(ref c, out int id) && c.Skip("v") && Small(ref c, out int v))
            (context, contextVcpu) = (id, v);
    }

    private static ulong? Hex(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && end < 16 && char.IsAsciiHexDigit(text[end]))
            end++;
        return end > 0 && ulong.TryParse(text[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value : null;
    }

    private void Yield(Facts facts)
    {
        if (guest)
            source ??= pending;
        if (source is { } first && !harmless && reports++ < MaxReports)
        {
            XenTrouble trouble = panic ? XenTrouble.Panic : XenTrouble.Registers;
            if (guest && !panic)
                trouble = XenTrouble.Guest;
            facts.Add(new XenCrash(first, trouble, cpu, domain ?? context, vcpu ?? contextVcpu,
                trouble == XenTrouble.Guest ? null : function, trouble == XenTrouble.Guest ? null : file, version)
            {
                Reason = reason, Address = address ?? cr2, OfCr2 = address is null, PageEntry = pageEntry, Callers = [.. callers],
                Rip = trouble == XenTrouble.Guest ? null : rip,
            });
        }
        (source, reason, pending, address, cr2, pageEntry, rip) = (null, null, null, null, null, null, null);
        (tagged, harmless, panic, guest, wantsReason) = (false, false, false, false, false);
        (cpu, domain, vcpu, context, contextVcpu, function, file, version) = (null, null, null, null, null, null, null, null);
        callers.Clear();
        lines = 0;
    }
}
