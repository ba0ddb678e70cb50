using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>
/// Machine checks in words that no kernel of today prints: those of 2.4 and 2.6 (arch/i386/kernel/cpu/mcheck, mce.c up to 2.6.29), where a
/// head stands alone and banks follow, and the event log of HP's management controllers (IML), where all stands in one sentence.
/// </summary>
internal static class OldMceForms
{
    /// <summary>An error that polling found: no exception, so a global status of 0.</summary>
    public static MachineCheck? Heads(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        if (!c.SkipPast("correctable incident occurred on CPU ") || !c.Number(out long cpu) || cpu is < 0 or > 65536)
            return null;
        return new MachineCheck { Cpu = (uint)cpu, McgStatus = 0, Via = "polling of an old kernel" };
    }

    /// <summary>Where <c>Bank 1: f200000000000000</c> begins in a line with an unknown prefix.</summary>
    public static int? Bank(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf("Bank ", StringComparison.Ordinal);
        if (at < 0)
            return null;
        var c = new TextCursor(text[(at + "Bank ".Length)..]);
        return c.Number(out long bank) && bank is >= 0 and < 256 && c.Skip(": ") && c.SkipSpaces() && c.Hex(out _) ? at : null;
    }

    public static bool IsManagementLog(ReadOnlySpan<char> text) =>
        text.Contains("Machine Check Exception (", StringComparison.Ordinal) && text.Contains("Status 0x", StringComparison.Ordinal);

    /// <summary>
    /// <c>Uncorrectable Machine Check Exception (Board 0, Processor 1, APIC ID 0x00000010, Bank 0x00000005, Status 0xBA000000'00400405,
    /// …)</c>
    /// </summary>
    public static bool Read(ReadOnlySpan<char> text, MachineCheck into)
    {
        if (Value(text, "Bank ") is not { } bank || bank > 255 || Value(text, "Status ") is not { } status)
            return false;
        into.Bank = (int)bank;
        into.Status = status;
        into.Addr = (status & MciStatus.AddrV) != 0 ? Value(text, "Address ") : null;
        into.Misc = (status & MciStatus.MiscV) != 0 ? Value(text, "Misc ") : null;
        into.Apic = Value(text, "APIC ID ") is <= uint.MaxValue and var apic ? (uint)apic : null;
        var c = new TextCursor(text);
        into.Package = c.SkipPast("Processor ") && c.Number(out long processor) ? $"processor {processor}" : null;
        into.Via = "the management controller's log";
        return true;
    }

    /// <summary>The halves of a register are separated by an apostrophe.</summary>
    private static ulong? Value(ReadOnlySpan<char> text, string name)
    {
        var c = new TextCursor(text);
        if (!c.SkipPast(name) || !c.Hex(out ulong high))
            return null;
        if (c.Skip("'"))
            return c.Hex(out ulong low) && high <= uint.MaxValue && low <= uint.MaxValue ? (high << 32) | low : null;
        return high;
    }
}
