using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

public sealed class DmidecodeTests
{
    private const string Slots = """
        # dmidecode 3.4
        Handle 0x1100, DMI type 17, 84 bytes
        Memory Device
        	Array Handle: 0x1000
        	Size: 32 GB
        	Locator: A1
        	Bank Locator: P0_Node0_Channel0_Dimm0
        	Part Number: M393A4K40CB2-CTD

        Handle 0x1101, DMI type 17, 84 bytes
        Memory Device
        	Array Handle: 0x1000
        	Size: 32 GB
        	Locator: A2
        	Bank Locator: P0_Node0_Channel1_Dimm0

        Handle 0x1102, DMI type 17, 84 bytes
        Memory Device
        	Size: No Module Installed
        	Locator: A3
        	Bank Locator: P0_Node0_Channel2_Dimm0

        """;

    private const string Ranges = """
        Handle 0x1400, DMI type 20, 35 bytes
        Memory Device Mapped Address
        	Starting Address: 0x00000000000
        	Ending Address: 0x007FFFFFFFF
        	Range Size: 32 GB
        	Physical Device Handle: 0x1100
        	Interleave Position: Unknown

        Handle 0x1401, DMI type 20, 35 bytes
        Memory Device Mapped Address
        	Starting Address: 0x00800000000
        	Ending Address: 0x00FFFFFFFFF
        	Physical Device Handle: 0x1101

        """;

    // A corrected error of a memory controller on channel 1, address 0x912345040.
    private const string Record = """
        mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 7: 8c00004000010091
        mce: [Hardware Error]: TSC 0 ADDR 912345040 MISC 86
        mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1700000000 SOCKET 0 APIC 2 microcode 1

        """;

    [Fact]
    public void Slots_and_their_addresses_are_read()
    {
        Facts facts = Explained.Facts(Slots + Ranges);
        Assert.Equal(["A1", "A2", "A3"], facts.Of<MemoryDevice>().Select(d => d.Locator));
        Assert.Equal("", facts.Of<MemoryDevice>()[2].Size);
        Assert.Equal([("0x1100", 0x0UL), ("0x1101", 0x800000000UL)], facts.Of<MemoryDeviceRange>().Select(r => (r.Device, r.First)));
    }

    [Fact]
    public void An_address_that_one_device_has_alone_names_the_slot() =>
        Assert.Contains("SMBIOS maps address 0x912345040 to one DIMM: A2 (P0_Node0_Channel1_Dimm0).", Why(Slots + Ranges + Record),
            StringComparison.Ordinal);

    [Fact]
    public void Devices_that_take_turns_are_named_together_and_none_is_blamed() =>
        Assert.Contains(
            "to 2 DIMMs that take turns: A1 (P0_Node0_Channel0_Dimm0), A2 (P0_Node0_Channel1_Dimm0); which of them, its table does " +
            "not tell",
            Why(Slots + Ranges.Replace("0x007FFFFFFFF", "0x00FFFFFFFFF", StringComparison.Ordinal)
                .Replace("0x00800000000", "0x00000000000", StringComparison.Ordinal) + Record), StringComparison.Ordinal);

    [Fact]
    public void Without_ranges_the_channel_by_its_number_narrows_it_down() =>
        Assert.Contains("By their SMBIOS names on channel 1: A2 (P0_Node0_Channel1_Dimm0)", Why(Slots + Record), StringComparison.Ordinal);

    [Fact]
    public void Letters_say_nothing_about_channels() =>
        Assert.Contains("Which of the 2 DIMMs it is, SMBIOS does not tell",
            Why(Slots.Replace("P0_Node0_Channel", "BANK ", StringComparison.Ordinal) + Record), StringComparison.Ordinal);

    private static string Why(string text) => Assert.Single(Explained.Findings("mce-corrected", text)).Why;
}
