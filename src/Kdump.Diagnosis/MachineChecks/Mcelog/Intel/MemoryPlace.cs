using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// The place of an error in the memory behind a channel: MISC of a memory controller bank. Ice Lake and Sapphire Rapids have the
/// same fields at different bits; bank and bank group take two bits each, and the group has a third one elsewhere.
/// </summary>
internal sealed record MemoryPlace(int Bank, int Group, int GroupTop, int Device, string?[] EccModes)
{
    public static readonly MemoryPlace IceLake = new(Bank: 42, Group: 40, GroupTop: 44, Device: 46,
        ["SDDC memory mode", "SDDC", null, null, "ADDDC memory mode", "ADDDC", null, null, "DDRT read"]);

    /// <summary>mcelog takes the row from bits 39:19 here as well, although bank and bank group stand in 41:37.</summary>
    public static readonly MemoryPlace SapphireRapids = new(Bank: 39, Group: 37, GroupTop: 41, Device: 43,
        ["SDDC 2LM memory mode", "SDDC", "SDDC+1 2LM memory mode", "SDDC+1", "ADDDC 2LM memory mode", "ADDDC", "ADDDC+1 2LM memory mode",
            "ADDDC+1", "DDRT read"]);

    public void Write(ulong status, ulong misc, bool highBandwidth, DecodedText text)
    {
        ulong group = DecodedText.Field(misc, Group, Group + 1) | (DecodedText.Field(misc, GroupTop, GroupTop) << 2);
        text.Line(
            $"bank: 0x{DecodedText.Field(misc, Bank, Bank + 1):x} bankgroup: " +
            $"0x{group:x} row: 0x{DecodedText.Field(misc, 19, 39):x} column: 0x{DecodedText.Field(misc, 9, 18) << 2:x}");
        bool transient = misc >> 63 != 0;
        if (!transient && (status & MciStatus.Uc) == 0)
            text.Line(
                "failed device: " +
                $"{(highBandwidth ? $"0x{DecodedText.Field(misc, 51, 55):x}," : "")}0x{DecodedText.Field(misc, Device, Device + 5):x}");
        text.Line($"rank: 0x{DecodedText.Field(misc, 56, 58):x} subrank: 0x{DecodedText.Field(misc, 52, 55):x}");
        ulong mode = DecodedText.Field(misc, 59, 62);
        if (!highBandwidth)
            text.Line($"ecc mode: {EccModes.ElementAtOrDefault((int)mode) ?? "unknown"}");
        else if (mode is 1 or 9)
            text.Line(mode == 1 ? "HBM 64B read" : "HBM 32B read");
        if (transient)
            text.Line("transient");
    }
}
