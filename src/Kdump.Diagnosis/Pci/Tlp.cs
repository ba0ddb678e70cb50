namespace Kdump.Diagnosis.Pci;

/// <summary>
/// The header of a PCI Express packet, four words as AER logs them: PCI Express Base Specification 2.2. It tells who asked for what,
/// which no tool decodes.
/// </summary>
/// <param name="Kind">memory read, memory write, completion …</param>
/// <param name="Requester">Who sent it, or for a completion who had asked; its segment is not in the packet.</param>
/// <param name="Target">The address of a memory or I/O request.</param>
/// <param name="Length">Data words of 32 bits.</param>
public sealed record Tlp(string Kind, PciAddress? Requester, ulong? Target, int Length, PciAddress? Completer = null,
    string? Completion = null)
{
    /// <summary>Message codes: PCI Express Base Specification, table "Message Code".</summary>
    private static readonly CodeTable Messages = new("""
        00 Unlock
        01 ATS Invalidate Request
        02 ATS Invalidate Completion
        04 ATS Page Request
        05 ATS Page Request Group Response
        10 LTR (latency tolerance)
        12 OBFF (buffer flush)
        14 PM_Active_State_Nak
        18 PM_PME
        19 PME_Turn_Off
        1b PME_TO_Ack
        20-23 Assert_INTx
        24-27 Deassert_INTx
        30 ERR_COR
        31 ERR_NONFATAL
        33 ERR_FATAL
        50 Set_Slot_Power_Limit
        52 PTM Request
        53 PTM Response
        7e-7f vendor-defined
        """);

    /// <summary>The code of a message; a message has no address.</summary>
    public int? Message { get; init; }

    /// <summary>FetchAdd, Swap or CAS: only ports that say so complete or route them (Device Capabilities 2, AtomicOp bits).</summary>
    public bool Atomic => Kind.StartsWith("atomic", StringComparison.Ordinal);

    /// <summary>A request for precision time measurement, or its answer.</summary>
    public bool Ptm => Message is 0x52 or 0x53;

    /// <summary>It carries data: a write, or a completion with data.</summary>
    public bool HasData => Kind.Contains("write", StringComparison.Ordinal) || Kind.Contains("with data", StringComparison.Ordinal);

    private static readonly string[] CompletionStatus = ["successful", "unsupported request", "retry (CRS)", "reserved", "completer abort"];

    /// <summary>Null when the words cannot be a header (all zero, or all ones because the device was gone).</summary>
    public static Tlp? Decode(uint a, uint b, uint c, uint d)
    {
        if ((a | b | c | d) == 0 || (a & b & c & d) == uint.MaxValue)
            return null;
        uint format = a >> 29, type = (a >> 24) & 0x1f;
        int length = (a & 0x3ff) == 0 ? 1024 : (int)(a & 0x3ff);
        bool wide = (format & 1) != 0, data = (format & 2) != 0;
        PciAddress who = PciAddress.FromRequesterId(0, (int)(b >> 16));
        if (format > 3)
            return format == 4 ? new("packet with a prefix", null, null, length)
                : new($"packet of unknown format {format}", null, null, length);
        ulong target = wide ? ((ulong)c << 32) | (d & ~3u) : c & ~3u;
        return type switch
        {
            0 or 1 => new($"{(wide ? "64" : "32")}-bit {(type == 1 ? "locked " : "")}memory {(data ? "write" : "read")}", who, target,
                length),
            2 => new($"I/O {(data ? "write" : "read")}", who, target, length),
            4 or 5 =>
                new($"configuration {(data ? "write" : "read")} of type {type - 4} to {PciAddress.FromRequesterId(0, (int)(c >> 16))}", who,
                null, length),
            0xa or 0xb => new($"completion{(data ? " with data" : "")}", PciAddress.FromRequesterId(0, (int)(c >> 16)), null, length, who,
                CompletionStatus.ElementAtOrDefault((int)(b >> 13 & 7)) ?? "reserved status"),
            0xc or 0xd or 0xe => new($"atomic operation ({(wide ? "64" : "32")}-bit address)", who, target, length),
            >= 0x10 and <= 0x17 => new(MessageName(b & 0xff), who, null, length) { Message = (int)(b & 0xff) },
            _ => new($"packet of unknown type 0x{type:x}", who, null, length),
        };
    }

    /// <summary>The packet in one sentence.</summary>
    public override string ToString() =>
        Kind + (Completer is { } by ? $" from {by.Short} ({Completion})" : "") +
            (Requester is { } r ? $"{(Completer is null ? " from " : " for ")}{r.Short}" : "") +
        (Target is { } t ? $" to address 0x{t:x}" : "") + (Message is not null ? "" : $", {Counted.Of(Length, "word")}");

    private static string MessageName(uint code) => $"message 0x{code:x2}{(Messages[code] is { } name ? $" ({name})" : "")}";

}
