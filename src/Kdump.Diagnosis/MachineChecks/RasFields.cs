using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>Registers of a machine check in the forms of rasdaemon's lines, of its database, and of the kernel's trace.</summary>
internal static class RasFields
{
    /// <summary><c>name= value</c> of the daemon (hexadecimal but for cpu and socket), <c>name=0xvalue</c> of the database.</summary>
    public static void Take(ReadOnlySpan<char> text, MachineCheck into)
    {
        into.Status ??= Hex(text, "status=");
        into.McgStatus ??= Hex(text, "mcgstatus=");
        into.McgCap ??= Hex(text, "mcgcap=");
        into.Addr ??= Hex(text, "addr=");
        into.Misc ??= Hex(text, "misc=");
        into.Synd ??= Hex(text, "synd=");
        into.Ipid ??= Hex(text, "ipid=");
        into.Tsc ??= Hex(text, "tsc=");
        into.Time ??= Hex(text, "walltime=");
        into.Ppin ??= Hex(text, "ppin=");
        into.Apic ??= (uint?)Small(Hex(text, "apicid="));
        into.Socket ??= (uint?)Small(Number(text, "socketid="));
        into.Cpu ??= (uint?)Small(Number(text, "cpu="));
        into.Cpu ??= CpuBehind(text);
        into.Bank ??= Bank(text);
        into.UnitName ??= UnitName(text);
        if (Small(Hex(text, "cpuid=")) is > 0 and var id)
            into.Id ??= new CpuId((uint)id);
        // Neither form has the vendor's number; families from 10h on are AMD's and Hygon's, except Intel's 12h and 13h.
        bool amd = text.Contains("cpu_type= AMD", StringComparison.Ordinal) ||
            text.Contains("Unified Memory Controller", StringComparison.Ordinal) || into.Id is { Family: >= 0x10 and not (0x12 or 0x13) };
        if (amd)
            into.Vendor ??= 2u;
        else if (into.Id is not null || text.Contains("cpu_type= Intel", StringComparison.Ordinal))
            into.Vendor ??= 0u;
        else
            into.Vendor ??= null;
    }

    /// <summary><c>error: Corrected error, no action required., CPU 2, bank Unified Memory Controller (bank=21), …</c></summary>
    private static uint? CpuBehind(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf(", CPU ", StringComparison.Ordinal);
        if (at < 0)
            return null;
        var c = new TextCursor(text[(at + ", CPU ".Length)..]);
        return c.Number(out long cpu) && c.Rest.StartsWith(",", StringComparison.Ordinal) && cpu is >= 0 and < 65536 ? (uint)cpu : null;
    }

    /// <summary><c>bank=0x0000000d</c>, <c>bank=1f</c> of an Intel journal line, <c>(bank=17)</c> behind a name.</summary>
    private static int? Bank(ReadOnlySpan<char> text)
    {
        int named = text.IndexOf("(bank=", StringComparison.Ordinal);
        ulong? bank = named >= 0 ? Number(text[named..], "bank=") : Hex(text, "bank=");
        return bank is <= 255 ? (int)bank : null;
    }

    /// <summary><c>bank Unified Memory Controller (bank=17)</c>, in the journal behind the time and its zone.</summary>
    private static string? UnitName(ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(" (bank=", StringComparison.Ordinal);
        if (end < 0)
            return null;
        ReadOnlySpan<char> before = text[..end];
        int bank = before.LastIndexOf("bank ", StringComparison.Ordinal);
        if (bank < 0)
        {
            var c = new TextCursor(before);
            c.Word();
            c.Word();
            c.Word();
            return c.SkipSpaces() ? c.Rest.ToString() : null;
        }
        return before[(bank + "bank ".Length)..].ToString();
    }

    /// <summary>The kernel's trace event: include/trace/events/mce.h.</summary>
    public static bool Traced(ReadOnlySpan<char> text, MachineCheck record)
    {
        var c = new TextCursor(text);
        if (!c.Skip("CPU: ") || !c.Number(out long cpu) || !c.SkipPast("MCGc/s: ") || !c.Hex(out ulong cap) || !c.Skip("/") ||
            !c.Hex(out ulong mcg) || !c.SkipPast("MC") || !c.Number(out long bank) || !c.Skip(": ") || !c.Hex(out ulong status))
            return false;
        (record.Cpu, record.McgCap, record.McgStatus, record.Bank, record.Status) =
            ((uint)(cpu & 0xffff), cap, mcg, (int)(bank & 0xff), status);
        if (c.SkipPast("IPID: ") && c.Hex(out ulong ipid) && ipid != 0)
            record.Ipid = ipid;
        if (c.SkipPast("/SYND: ") || c.SkipPast("ADDR/MISC: "))
        {
            record.Addr = c.Hex(out ulong addr) && addr != 0 ? addr : null;
            record.Misc = c.Skip("/") && c.Hex(out ulong misc) && misc != 0 ? misc : null;
            record.Synd = c.Skip("/") && c.Hex(out ulong synd) && synd != 0 ? synd : null;
        }
        if (c.SkipPast("TSC: ") && c.Hex(out ulong tsc))
            record.Tsc = tsc;
        if (c.SkipPast("PROCESSOR: ") && c.Number(out long vendor) && c.Skip(":") && c.Hex(out ulong id) && id <= uint.MaxValue &&
            vendor is >= 0 and < 256)
            (record.Vendor, record.Id) = ((uint)vendor, new CpuId((uint)id));
        if (c.SkipPast("TIME: ") && c.Number(out long time) && time > 0)
            record.Time = (ulong)time;
        if (c.SkipPast("SOCKET: ") && c.Number(out long socket) && socket is >= 0 and < 4096)
            record.Socket = (uint)socket;
        if (c.SkipPast("APIC: ") && c.Hex(out ulong apic) && apic <= uint.MaxValue)
            record.Apic = (uint)apic;
        return true;
    }

    private static ulong? Hex(ReadOnlySpan<char> text, string name) =>
        Behind(text, name, out TextCursor c) && c.Hex(out ulong value) ? value : null;

    /// <summary>Decimal, or hexadecimal with 0x.</summary>
    private static ulong? Number(ReadOnlySpan<char> text, string name)
    {
        if (!Behind(text, name, out TextCursor c))
            return null;
        if (c.Rest.StartsWith("0x", StringComparison.Ordinal))
            return c.Hex(out ulong hex) ? hex : null;
        return c.Number(out long value) && value >= 0 ? (ulong)value : null;
    }

    private static ulong? Small(ulong? value) => value is <= uint.MaxValue ? value : null;

    /// <summary>True if the name stands alone: <c>status=</c> is no part of <c>mcgstatus=</c>.</summary>
    private static bool Behind(ReadOnlySpan<char> text, string name, out TextCursor value)
    {
        int from = 0;
        while (text[from..].IndexOf(name, StringComparison.Ordinal) is >= 0 and var at)
        {
            from += at;
            value = new TextCursor(text[(from + name.Length)..].TrimStart(' '));
            if (from == 0 || !(char.IsAsciiLetterOrDigit(text[from - 1]) || text[from - 1] == '_'))
                return true;
            from += name.Length;
        }
        value = default;
        return false;
    }
}
