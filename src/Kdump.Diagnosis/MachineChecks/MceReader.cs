using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>
/// Finds machine checks in lines of any origin: console and dmesg of all kernels (print_mce in arch/x86/kernel/cpu/mce/core.c), with
/// any prefix; journal and syslog; mcelog's raw form and its decoded text; EDAC's; edac_mce_amd's. Lines of two CPUs may be mixed: what
/// follows two heads in a row is given to each in turn, and the caller ids that kernels since 5.0 can print decide where there are any.
/// </summary>
public sealed class MceReader(Action<MachineCheck> emit)
{
    /// <summary>The most records that wait for more lines at once: one for each CPU of the largest machines.</summary>
    private const int MaxOpen = 1024;

    private readonly List<MachineCheck> open = [];

    /// <summary>An open record may have had lines behind its head. A log may have a thousand heads without any.</summary>
    private bool continued;

    /// <summary>True when the line is part of a machine check.</summary>
    public bool Line(in TextLine line)
    {
        ReadOnlySpan<char> text = Strip(line.Text, out double? time, out string? caller, out bool stamped, out string? via);
        if (text.Length < 5)
            return false;
        if ((text.StartsWith("CPU:", StringComparison.Ordinal) || text.StartsWith("MC", StringComparison.Ordinal)) &&
            text.Contains("_STATUS[", StringComparison.Ordinal))
            return EdacHead(text, line, time);
        if (OldMceForms.Heads(text) is { } announced)
        {
            Announce(announced, time, line);
            return true;
        }
        if (OldMceForms.IsManagementLog(text))
            return ManagementLog(text, line);
        var part = new MachineCheck { Caller = caller, LogTime = time, Via = via };
        int fields = MceFields.Read(text, part);
        if (fields == 0 && heading is not null && OldMceForms.Bank(text) is { } at)
            fields = MceFields.Read(text[at..], part);
        if (fields == 0)
            return Extra(text, line);
        if (part is { Cpu: not null, McgStatus: not null, Bank: null, Status: null })
        {
            Announce(part, time, line);
            return true;
        }
        if (heading is not null && part is { Cpu: null, Bank: not null, Status: not null })
        {
            (part.Cpu, part.McgStatus, part.Via) = (heading.Cpu, heading.McgStatus, heading.Via);
            foreach (Source source in heading.Sources)
                part.Add(source);
            headed = true;
        }
        bool head = part.Cpu is not null && (part.Bank is not null || part.Status is not null);
        if (head && !headed)
            Settle();
        if (!head && (!stamped && !Plausible(part)))
            return false;
        if (head)
            Open(part);
        else if (!Continue(part))
        {
            if (part.Status is null && part.Misc is null)
                return false;
            Open(part);
        }
        open[lastTouched].Add(line.ToSource());
        return true;
    }

    private int lastTouched;

    /// <summary>
    /// <c>CPU 0: Machine Check Exception: 7</c> alone on its line, as kernels before 2.6.30 and Xen print it: the banks stand on the lines
    /// that follow, and may be missing.
    /// </summary>
    private MachineCheck? heading;

    private bool headed;

    private void Announce(MachineCheck head, double? time, in TextLine line)
    {
        Settle();
        head.LogTime = time;
        head.Add(line.ToSource());
        (heading, headed) = (head, false);
    }

    /// <summary>A heading without any bank below it is an event, too.</summary>
    private void Settle()
    {
        if (heading is { McgStatus: > 0 } && !headed)
            emit(heading);
        heading = null;
    }

    private bool ManagementLog(ReadOnlySpan<char> text, in TextLine line)
    {
        var record = new MachineCheck();
        if (!OldMceForms.Read(text, record))
            return false;
        record.Add(line.ToSource());
        emit(record);
        return true;
    }

    public void End()
    {
        Settle();
        foreach (MachineCheck record in open)
            Close(record);
        open.Clear();
        continued = false;
    }

    private void Open(MachineCheck record)
    {
        // A record that has had lines behind its head is done when the next head comes; one that had none may still get them.
        for (int i = continued ? open.Count - 1 : -1; i >= 0; i--)
        {
            if (open[i].Continued && open[i].Caller == record.Caller)
            {
                Close(open[i]);
                open.RemoveAt(i);
            }
        }
        continued = continued && open.Exists(r => r.Continued);
        if (open.Count == MaxOpen)
        {
            Close(open[0]);
            open.RemoveAt(0);
        }
        open.Add(record);
        lastTouched = open.Count - 1;
    }

    private void Close(MachineCheck record)
    {
        if (record.HasStatus || (record.Cpu is not null && record.Bank is not null))
            emit(record);
    }

    /// <summary>
    /// Gives the fields to the open record that lacks them, and among several to the one whose status says that they exist.
    /// </summary>
    private bool Continue(MachineCheck part)
    {
        int best = -1, bestMisfit = int.MaxValue;
        for (int i = 0; i < open.Count; i++)
        {
            if (open[i].Caller != part.Caller || MceFields.Clash(open[i], part))
                continue;
            int misfit = Misfit(open[i].Status, part);
            if (misfit < bestMisfit)
                (best, bestMisfit) = (i, misfit);
        }
        if (best < 0)
            return false;
        MceFields.Merge(open[best], part);
        open[best].Continued = continued = true;
        lastTouched = best;
        return true;
    }

    private static int Misfit(ulong? status, MachineCheck part)
    {
        if (part.Tsc is null || status is not { } s)
            return 0;
        return (((s & MciStatus.AddrV) != 0) != part.Addr is > 0 ? 1 : 0) + (((s & MciStatus.MiscV) != 0) != part.Misc is > 0 ? 1 : 0);
    }

    /// <summary>For fields without a prefix that says who wrote them: true only for what hardly any other text holds.</summary>
    private bool Plausible(MachineCheck part) =>
        open.Count > 0 || part.Status is > 0xffff_ffff || (part.Vendor is not null && part.Id is not null) ||
        (part.Misc is not null && part.Status is null);

    /// <summary>Lines that belong to an open record but hold no fields.</summary>
    private bool Extra(ReadOnlySpan<char> text, in TextLine line)
    {
        MachineCheck? last = open.Count == 0 ? null : open[Math.Min(lastTouched, open.Count - 1)];
        // From 3.4 to 3.10 the node stands above the head of its record, not below the one before.
        if ((last is null || said == last) && MceFields.IsNode(text))
        {
            var next = new MachineCheck();
            MceFields.ReadEdac(text, next);
            next.Add(line.ToSource());
            ahead = next;
            return true;
        }
        if (last is null || !MceFields.ReadEdac(text, last))
            return false;
        if (text.StartsWith("cache level: ", StringComparison.Ordinal))
            said = last;
        last.Add(line.ToSource());
        return true;
    }

    /// <summary>The record whose last line edac_mce_amd has printed.</summary>
    private MachineCheck? said;

    /// <summary>What edac_mce_amd printed for the record that comes next.</summary>
    private MachineCheck? ahead;

    /// <summary>
    /// <c>CPU:2 (17:1:1) MC0_STATUS[Over|CE|…]: 0xd020000000000150</c>; until 3.2 the bank alone: <c>MC4_STATUS[…]: 0x…</c>.
    /// </summary>
    private bool EdacHead(ReadOnlySpan<char> text, in TextLine line, double? time)
    {
        bool numbered = text[0] == 'C';
        long cpu = 0;
        var c = new TextCursor(numbered ? text["CPU:".Length..] : text);
        if (numbered && (!c.Number(out cpu) || cpu is < 0 or > 65536))
            return false;
        var record = new MachineCheck { Cpu = numbered ? (uint)cpu : null, Via = "edac_mce_amd", Vendor = 2, LogTime = time };
        c.SkipSpaces();
        if (c.Skip("(") && c.Hex(out ulong family) && c.Skip(":") && c.Hex(out ulong model) && c.Skip(":") && c.Hex(out ulong stepping) &&
            family < 0x100 && model < 0x100 && stepping < 16)
            record.Id = CpuIdOf((uint)family, (uint)model, (uint)stepping);
        if (!c.SkipPast("MC") || !c.Number(out long bank) || bank is < 0 or > 255 || !c.SkipPast("]: ") || !c.Hex(out ulong status))
            return false;
        record.Bank = (int)bank;
        record.Status = status;
        // The kernel itself may have printed the same record just before: this is its explanation, not a second error.
        if (open.FindLastIndex(r => r.Cpu == record.Cpu && r.Bank == record.Bank && r.Status == status) is >= 0 and var known)
        {
            lastTouched = known;
            open[known].Continued = continued = true;
            open[known].Id ??= record.Id;
            open[known].Vendor ??= 2;
        }
        else
        {
            Open(record);
            record.Continued = continued = true;
        }
        if (ahead is { } node && record.Bank == 4)
        {
            open[lastTouched].Northbridge ??= node.Northbridge;
            open[lastTouched].Add(node.Sources[0]);
        }
        ahead = null;
        open[lastTouched].Add(line.ToSource());
        return true;
    }

    internal static CpuId CpuIdOf(uint family, uint model, uint stepping) =>
        new((Math.Min(family, 15u) << 8) | (family > 15 ? (family - 15) << 20 : 0u) | ((model & 15) << 4) | (
            (model >> 4) << 16) | stepping);

    /// <summary>The text after all prefixes that transports, kernels and EDAC put before a record.</summary>
    private static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text, out double? time, out string? caller, out bool stamped,
        out string? via)
    {
        via = null;
        KernelLine kernel = KernelLine.Parse(text);
        time = kernel.Time;
        stamped = kernel.Stamped;
        caller = CallerIn(text);
        ReadOnlySpan<char> rest = kernel.Message;
        int hardware = rest.IndexOf("[Hardware Error]:", StringComparison.Ordinal);
        if (hardware >= 0)
        {
            if (time is null && rest[..hardware].LastIndexOf('[') is >= 0 and var stamp)
                time = KernelLine.Parse(rest[stamp..hardware]).Time;
            rest = rest[(hardware + "[Hardware Error]:".Length)..];
            stamped = true;
        }
        else if (rest.StartsWith("EDAC ", StringComparison.Ordinal) && rest.IndexOf(": ", StringComparison.Ordinal) is > 0 and < 40 and
            var colon)
        {
            rest = rest[(colon + 2)..];
            via = "EDAC";
            stamped = true;
        }
        else if (rest.IndexOf(": Machine Check", StringComparison.Ordinal) is > 0 and var check && rest[..check]
            .LastIndexOf("CPU ", StringComparison.Ordinal) is > 0 and var start)
            rest = rest[start..];
        rest = rest.TrimStart(" \t");
        // Xen stamps behind its tag: "(XEN) [  812.113] CPU17: Machine Check Exception: 5".
        if (rest.StartsWith("(XEN) [", StringComparison.Ordinal) && rest.IndexOf("] ", StringComparison.Ordinal) is > 6 and < 40 and
            var own)
        {
            time ??= KernelLine.Parse(rest["(XEN) ".Length..]).Time;
            rest = rest[(own + 2)..].TrimStart(" \t");
            stamped = true;
        }
        foreach (string tag in (ReadOnlySpan<string>)["mce: ", "MCE: ", "mcelog: ", "HARDWARE ERROR", "(XEN) "])
        {
            if (rest.StartsWith(tag, StringComparison.Ordinal))
                rest = rest[tag.Length..].TrimStart(" \t");
        }
        return rest.TrimEnd(" \t\r\n");
    }

    /// <summary><c>[ T123]</c> or <c>[   C3]</c> (CONFIG_PRINTK_CALLER): whose line it is.</summary>
    private static string? CallerIn(ReadOnlySpan<char> text)
    {
        int from = 0;
        while (text[from..].IndexOf('[') is >= 0 and var at)
        {
            from += at + 1;
            ReadOnlySpan<char> inside = text[from..].TrimStart(' ');
            int digits = 1;
            while (digits < inside.Length && char.IsAsciiDigit(inside[digits]))
                digits++;
            if (inside.Length > 2 && inside[0] is 'T' or 'C' && digits is > 1 and < 12 && digits < inside.Length && inside[digits] == ']')
                return inside[..digits].ToString();
            if (from > 80)
                break;
        }
        return null;
    }
}
