using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.MachineChecks;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// The slot behind a memory error, as far as SMBIOS knows: address ranges of devices (type 20) decide, where firmware fills them in and
/// one device has the address alone. Channels of a record meet slot names only where these name a channel by number: what
/// <c>DIMM_B1</c> means differs from board to board.
/// </summary>
public static class DimmPlace
{
    private const ulong PageMask = 0xfff;

    /// <summary>Every channel, in a compound code.</summary>
    private const ulong NoChannel = 0xf;

    /// <summary>A sentence, or null where no dmidecode is given or the error is not about memory.</summary>
    public static string? Words(MceEvent e, Facts facts)
    {
        MemoryDevice[] slots = facts.Of<MemoryDevice>().Where(d => d.Size.Length > 0).DistinctBy(d => d.Handle).ToArray();
        if (e.Kind != MceKind.Memory || slots.Length == 0)
            return null;
        if (slots is [var only])
            return $"The machine has one DIMM: {Name(only)}.";
        MemoryDeviceRange[] ranges = facts.Of<MemoryDeviceRange>().ToArray();
        if (e.Record.Addr is { } address && e.Record.AddressMode is null or 2)
        {
            ulong at = address & ~PageMask;
            MemoryDevice[] there = ranges.Where(r => at >= r.First && at <= r.Last)
                .Select(r => slots.FirstOrDefault(s => s.Handle == r.Device)).OfType<MemoryDevice>().Distinct().ToArray();
            if (there is [var one])
                return $"SMBIOS maps address 0x{address:x} to one DIMM: {Name(one)}.";
            if (there.Length > 1)
                return $"SMBIOS maps address 0x{address:x} to {Counted.Of(there.Length, "DIMM")} that take turns: " +
                    $"{string.Join(", ", there.Take(8).Select(Name))}; which of them, its table does not tell.";
        }
        ulong channel = (e.Record.Status ?? NoChannel) & 0xf;
        if (!e.Record.IsAmd && channel != NoChannel)
        {
            MemoryDevice[] named = slots.Where(s => ChannelOf(s) == (int)channel).ToArray();
            if (named.Length > 0 && named.Length < slots.Length)
                return $"By their SMBIOS names on channel {channel}: " +
                    $"{string.Join(", ", named.Take(8).Select(Name))} (of any processor and memory controller).";
        }
        return ranges.Length == 0
            ? $"Which of the {slots.Length} DIMMs it is, SMBIOS does not tell (no mapped address of devices, type 20)."
            : $"Which of the {slots.Length} DIMMs it is, SMBIOS does not tell.";
    }

    private static string Name(MemoryDevice d) => d.Bank.Length > 0 && d.Bank != "Not Specified" ? $"{d.Locator} ({d.Bank})" : d.Locator;

    /// <summary>The number behind "channel" or "chan" in a slot's names: <c>P0_Node0_Channel1_Dimm0</c>, <c>CPU1_MC0_CHAN2</c>.</summary>
    private static int? ChannelOf(MemoryDevice d)
    {
        foreach (string text in new[] { d.Bank, d.Locator })
        {
            int at = text.IndexOf("chan", StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                continue;
            string behind = text[(at + 4)..];
            behind = behind.StartsWith("nel", StringComparison.OrdinalIgnoreCase) ? behind[3..] : behind;
            string digits = new(behind.TrimStart(' ', '_', '-', ':').TakeWhile(char.IsAsciiDigit).ToArray());
            if (digits.Length is 1 or 2 && int.TryParse(digits, out int number))
                return number;
        }
        return null;
    }
}
