using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

public sealed class VirtualFunctionsTests
{
    // A card and a disk in QEMU, kernel 6.12 (tests/lab, scenario 23).
    private const string Boot = """
        [    1.228896] pci 0000:01:00.0: [8086:10c9] type 00 class 0x020000 PCIe Endpoint
        [    1.228896] pci 0000:01:00.0: BAR 0 [mem 0xfe400000-0xfe41ffff]
        [    1.236896] pci 0000:01:00.0: VF BAR 0 [mem 0x00000000-0x0001ffff 64bit pref]: contains BAR 0 for 8 VFs
        [    1.240832] pci 0000:02:00.0: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
        [    1.240896] pci 0000:02:00.0: BAR 0 [mem 0xfe200000-0xfe203fff 64bit]
        [    1.240896] pci 0000:02:00.0: VF BAR 0 [mem 0x00000000-0x00007fff 64bit]: contains BAR 0 for 2 VFs
        [    3.354797] Run /init as init process

        """;

    private static string[] Named(string text) =>
        Explained.Facts(text).Of<VirtualFunction>().Select(v => $"{v.Address} of {v.Pf}").ToArray();

    [Fact]
    public void Functions_found_after_a_driver_made_them_are_its_own() =>
        Assert.Equal(["0000:01:10.0 of 0000:01:00.0", "0000:01:10.2 of 0000:01:00.0"], Named("""
        [    8.191383] igb 0000:01:00.0: 2 VFs allocated
        [    9.281643] pci 0000:01:10.0: [8086:10ca] type 00 class 0x020000 PCIe Endpoint
        [    9.316214] igb 0000:01:00.0: something else
        [    9.357386] pci 0000:01:10.2: [8086:10ca] type 00 class 0x020000 PCIe Endpoint
        [    9.387188] pci 0000:01:10.4: [8086:10ca] type 00 class 0x020000 PCIe Endpoint
        """));

    [Fact]
    public void A_driver_that_says_nothing_leaves_them_to_the_card_with_room_for_them() =>
        Assert.Equal(["0000:02:00.1 of 0000:02:00.0", "0000:02:00.2 of 0000:02:00.0"], Named(Boot + """
        [    9.498094] pci 0000:02:00.1: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
        [    9.500967] nvme nvme1: pci function 0000:02:00.1
        [    9.519103] pci 0000:02:00.2: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
        """));

    [Fact]
    public void A_driver_that_says_it_afterwards_claims_no_functions_of_the_next_card() =>
        Assert.Equal(["0000:01:10.0 of 0000:01:00.0", "0000:02:00.1 of 0000:02:00.0"], Named(Boot + """
        [    7.252752] pci 0000:01:10.0: [8086:10ca] type 00 class 0x020000
        [    7.861777] igb 0000:01:00.0: 1 VFs allocated
        [    8.973552] pci 0000:02:00.1: [1b36:0010] type 00 class 0x010802
        """));

    [Fact]
    public void A_card_that_is_plugged_in_has_BARs_of_its_own() => Assert.Empty(Named(Boot + """
        [   99.498094] pci 0000:02:00.1: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
        [   99.498094] pci 0000:02:00.1: BAR 0 [mem 0xfe200000-0xfe203fff 64bit]
        [  100.000000] pci 0000:01:00.1: [10de:0010] type 00 class 0x030000
        """));

    [Theory]
    [InlineData("ixgbe 0000:04:00.0: SR-IOV enabled with 4 VFs", 4)]
    [InlineData("i40e 0000:3b:00.0: Allocating 8 VFs.", 8)]
    [InlineData("ice 0000:17:00.0: Enabling 16 VFs", 16)]
    [InlineData("mlx4_core 0000:04:00.0: Enabling SR-IOV with 2 VFs", 2)]
    [InlineData("mlx5_core 0000:03:00.0: E-Switch: Enable: mode(LEGACY), nvfs(2), necvfs(0), active vports(3)", 2)]
    [InlineData("xe 0000:00:02.0: [drm] PF: Enabled 3 VFs", 3)]
    [InlineData("i915 0000:00:02.0: Disabled 7 VFs", 0)]
    [InlineData("igb 0000:01:00.0: IOV Disabled", 0)]
    public void Every_driver_says_it_in_its_own_words(string line, int count) =>
        Assert.Equal(count, Assert.Single(Explained.Facts($"[    8.191383] {line}\n").Of<VirtualFunctionCount>()).Active);

    [Theory]
    [InlineData("pci 0000:01:00.0: VF BAR 0 [mem 0x00000000-0x0001ffff 64bit pref]: contains BAR 0 for 8 VFs")]
    [InlineData("ixgbe 0000:04:00.0: Failed to enable PCI sriov: -12, 4 VFs")]
    [InlineData("i915 0000:00:02.0: [drm] *ERROR* Failed to enable 2 VFs (-ENOMEM)")]
    [InlineData("mlx4_core 0000:04:00.0: Requested more than 8 VFs")]
    public void What_was_refused_or_only_could_be_is_no_state(string line) =>
        Assert.Empty(Explained.Facts($"[    8.191383] {line}\n").Of<VirtualFunctionCount>());

    [Fact]
    public void Sysfs_says_it_as_grep_and_ls_print_it()
    {
        Facts facts = Explained.Facts("""
            /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs:2
            /sys/bus/pci/devices/0000:01:00.0/sriov_offset:128
            /sys/bus/pci/devices/0000:01:00.0/sriov_stride:2
            lrwxrwxrwx    1 0        0                0 Nov 21 15:01 /sys/bus/pci/devices/0000:01:00.0/virtfn1 -> ../0000:01:10.2
            """);
        Assert.Equal(2, Assert.Single(facts.Of<VirtualFunctionCount>()).Active);
        Assert.Equal([128, null], facts.Of<VirtualFunctionPlace>().Select(p => p.Offset));
        Assert.Equal("0000:01:10.2", Assert.Single(facts.Of<VirtualFunction>()).Address.ToString());
    }

    [Fact]
    public void Another_boot_starts_without_them() => Assert.Empty(Named(
        "[    8.191383] igb 0000:01:00.0: 2 VFs allocated\n" + Explained.FirstBoot + "[    9.281643] pci 0000:01:10.0: [8086:10ca] type " +
            "00 class 0x020000\n"));
}
