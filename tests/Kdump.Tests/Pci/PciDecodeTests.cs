using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Pci;

public sealed class PciDecodeTests
{
    private static Facts Read(string text, params LineParser[] parsers)
    {
        var facts = new Facts { Boot = new Boot("log", 0) };
        long number = 0;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            foreach (LineParser parser in parsers)
                parser.Line(new TextLine("log", ++number, line), facts);
        }
        foreach (LineParser parser in parsers)
            parser.End(facts);
        return facts;
    }

    [Fact]
    public void A_packet_header_tells_who_asked_for_which_address()
    {
        Tlp tlp = Tlp.Decode(0x60000025, 0x040006ff, 0x61ac11d1, 0x86c00110)!;
        Assert.Equal(("64-bit memory write", 37, 0x61ac11d186c00110UL, "0000:04:00.0"),
            (tlp.Kind, tlp.Length, tlp.Target!.Value, tlp.Requester!.Value.ToString()));
        Tlp completion = Tlp.Decode(0x0a000001, 0x01002000, 0x02000000, 0)!;
        Assert.Equal(("completion", "0000:02:00.0", "0000:01:00.0", "unsupported request"),
            (completion.Kind, completion.Requester.ToString(), completion.Completer.ToString(), completion.Completion));
        Assert.Null(Tlp.Decode(0, 0, 0, 0));
        Assert.Null(Tlp.Decode(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue));
    }

    [Theory]
    [InlineData("dmar: DMAR:[DMA Write] Request device [04:00.0] fault addr 80edd1000 \nDMAR:[fault reason 05] PTE Write access is not set",
        5, "04:00.0", true)]
    [InlineData("DMAR: [DMA Read] Request device [00:12.0] fault addr 0 [fault reason 12] non-zero reserved fields in PTE", 12, "00:12.0",
        false)]
    [InlineData(
        "DMAR: [DMA Write] Request device [00:02.0] PASID ffffffff fault addr fffffffef8004000 [fault reason 07] Next page table ptr is " +
        "invalid", 7, "00:02.0", true)]
    [InlineData("DMAR: [DMA Read NO_PASID] Request device [0x00:0x02.0] fault addr 0x70ad5000 [fault reason 0x0c] x", 12, "00:02.0", false)]
    [InlineData(
        "DMAR: [DMA Read NO_PASID] Request device [03:00.0] fault addr 0x100000 [fault reason 0x71] SM: Present bit in first-level " +
        "paging entry is clear", 0x71, "03:00.0", false)]
    public void Fault_reasons_are_decimal_before_5_13_and_hexadecimal_since(string log, int reason, string device, bool write)
    {
        DmarFault fault = Assert.Single(Read(log, new Dmar()).Of<DmarFault>());
        Assert.Equal((reason, "0000:" + device, write, (uint?)null), (fault.Reason, fault.Device.ToString(), fault.Write, fault.Pasid));
    }

    [Fact]
    public void Flags_of_an_AMD_page_fault_are_said_in_words()
    {
        AmdViEvent e = Assert.Single(
            Read("[    1.500000] AMD-Vi: Event logged [\n[    1.600000] IO_PAGE_FAULT device=05:00.0 domain=0x0012 " +
            "address=0x00000000ff6101b0 flags=0x0070]", new AmdVi()).Of<AmdViEvent>());
        Assert.Equal(("present, write, permission", true, 0x12u), (e.FlagWords, e.Split, e.Domain!.Value));
    }

    [Theory]
    [InlineData(
        "pcieport 0000:00:1c.2: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=00e2(Receiver ID)\npcieport 0000:00:1c.2:   " +
        "device [8086:a112] error status/mask=00000001/00002000\npcieport 0000:00:1c.2:    [ 0] Receiver Error", "corrected", 1u)]
    [InlineData(
        "[    5.100000] ixgbe 0000:04:00.0: AER: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Transaction Layer, (Receiver " +
        "ID)\n[    5.200000] ixgbe 0000:04:00.0: AER:    [18] MalfTLP                (First)", "fatal", 1u << 18)]
    public void Old_and_new_wordings_of_AER_are_one_fact(string log, string severity, uint reasons)
    {
        AerError error = Assert.Single(Read(log, new Aer()).Of<AerError>());
        Assert.Equal((severity, reasons), (error.Severity, error.Reasons));
    }

    [Fact]
    public void A_masked_bit_is_no_reason()
    {
        AerError e = Assert.Single(Read(
            "nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)\nnvme " +
            "0000:01:00.0:   device [144d:a808] error status/mask=00104000/00100000", new Aer()).Of<AerError>());
        Assert.Equal(["CmpltTO"], AerBits.Names(e.Reasons, correctable: false));
    }

    [Fact]
    public void Virtual_functions_of_a_recovered_card_are_named_by_routing_id()
    {
        string output = Run.KdtOn("""
            04:00.0 Ethernet controller: Intel Corporation 82599ES (rev 01)
                Capabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
                    IOVCtl: Enable+ Migration- Interrupt- MSE+ ARIHierarchy+
                    Initial VFs: 64, Total VFs: 64, Number of VFs: 2, Function Dependency Link: 00
                    VF offset: 128, stride: 2, Device ID: 10ed
                Kernel driver in use: ixgbe
            [22484.225163] ixgbe 0000:04:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Completer ID)
            [22484.355750] pcieport 0000:00:1c.0: AER: broadcast slot_reset message
            [22484.795586] pcieport 0000:00:1c.0: AER: device recovery successful
            """, "explain", "-").Output;
        Assert.Contains("vf-not-recovered", output);
        Assert.Contains("0000:04:10.0, 0000:04:10.2", output);
    }

    [Fact]
    public void A_card_without_active_virtual_functions_recovers_for_good()
    {
        string output = Run.KdtOn("""
            04:00.0 Ethernet controller: Intel Corporation 82599ES (rev 01)
                Capabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
                    IOVCtl: Enable- Migration- Interrupt- MSE- ARIHierarchy-
                    Initial VFs: 64, Total VFs: 64, Number of VFs: 0, Function Dependency Link: 00
            [22484.225163] ixgbe 0000:04:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Completer ID)
            [22484.795586] pcieport 0000:00:1c.0: AER: device recovery successful
            """, "explain", "-").Output;
        Assert.DoesNotContain("vf-not-recovered", output);
    }

    [Fact]
    public void Bridges_in_one_group_explain_a_probe_that_fails_for_memory()
    {
        string output = Run.KdtOn("""
            booted with iommu=pt intel_iommu=on
            [   19.665858] iommu: Adding device 0000:00:1c.0 to group 17
            [   19.671296] iommu: Adding device 0000:00:1c.5 to group 17
            [   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12
            """, "explain", "-").Output;
        Assert.Contains("group 17 shared by 00:1c.0 and 00:1c.5", output);
        Assert.Contains("iommu-group-failed", output);
        Assert.Matches("(?s)acs-missing.*iommu-group-failed.*driver-probe-failed", output);
    }

    [Fact]
    public void The_failed_domain_itself_is_better_evidence_than_inference()
    {
        string output = Run.KdtOn("""
            [   19.700000] pci 0000:02:00.0: DMAR: Failed to get a private domain.
            [   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12
            """, "explain", "-").Output;
        Assert.Contains("[iommu-group-failed, 95 %]", output);
    }

    [Fact]
    public void A_probe_that_fails_for_memory_without_an_IOMMU_is_not_the_IOMMUs()
    {
        string output = Run.KdtOn("[   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12\n", "explain", "-").Output;
        Assert.DoesNotContain("iommu-group-failed", output);
    }

    [Theory]
    [InlineData("Endpoint", true)]
    [InlineData("Root Port (Slot+)", false)]
    public void A_card_with_fewer_lanes_is_degraded_and_a_port_is_not(string type, bool degraded)
    {
        string output =
            Run.KdtOn(
            $"04:00.0 Ethernet controller: X\n\tCapabilities: [a0] Express (v2) {type}, MSI 00\n\t\tLnkCap: Port #0, Speed 5GT/s, Width " +
            $"x8, ASPM L0s\n\t\tLnkSta: Speed 5GT/s (ok), Width x4 (downgraded)\n", "pci", "-").Output;
        Assert.Equal(degraded, output.Contains("pcie-link-degraded", StringComparison.Ordinal));
    }

    [Fact]
    public void The_default_IOMMU_alone_is_no_finding()
    {
        Assert.DoesNotContain("iommu-enabled-by-default",
            Run.KdtOn("CONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n", "explain", "-").Output);
        string crash = Run.KdtOn("""
            04:00.0 Ethernet controller [0200]: Mellanox Technologies MT27500 Family [ConnectX-3] [15b3:1003]
            CONFIG_INTEL_IOMMU_DEFAULT_ON=y
            [    5.100000] DMAR: [DMA Write NO_PASID] Request device [04:00.0] fault addr 0x80edd1000 [fault reason 0x05] PTE Write access is not set
            """, "explain", "-").Output;
        Assert.Contains("iommu-enabled-by-default", crash);
        Assert.Contains("intel_iommu=off", crash);
    }

    [Fact]
    public void Config_options_that_matter_for_DMA_come_first()
    {
        string a = Path.GetTempFileName(), b = Path.GetTempFileName();
        try
        {
            File.WriteAllText(a,
                "# Linux/x86 6.5.13 Kernel Configuration\n# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\nCONFIG_SND=m\nCONFIG_MLX4_CORE=m\n");
            File.WriteAllText(b,
                "# Linux/x86 6.8.4 Kernel Configuration\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\nCONFIG_SND=y\nCONFIG_MLX4_CORE=y\n");
            string output = Run.Kdt("kconfig", "diff", a, b).Output;
            Assert.StartsWith("CONFIG_INTEL_IOMMU_DEFAULT_ON: n -> y  [iommu]", output);
            Assert.Contains("intel_iommu=off", output);
            Assert.Contains("2 more differences", output);
        }
        finally
        {
            File.Delete(a);
            File.Delete(b);
        }
    }

    [Fact]
    public void Two_machines_are_compared_by_the_role_of_their_parts()
    {
        string a = Path.GetTempFileName(), b = Path.GetTempFileName();
        try
        {
            const string Bridge = "00:1c.5 PCI bridge [0604]: Intel Corporation Root Port [8086:a115]\n\tCapabilities: [100 v1] Advanced " +
                "Error Reporting\n";
            File.WriteAllText(a, Bridge + "\tCapabilities: [140 v1] Access Control Services\n\t\tACSCap: SrcValid+\n04:00.0 Ethernet " +
                "controller [0200]: Mellanox [15b3:1015]\n");
            File.WriteAllText(b, Bridge.Replace("00:1c.5", "00:1d.0", StringComparison.Ordinal) + "81:00.0 Ethernet controller [0200]: " +
                "Mellanox [15b3:1015]\n");
            string output = Run.Kdt("host", "diff", a, b).Output;
            Assert.Contains("[acs] 0000:00:1c.5 / 0000:00:1d.0", output);
            Assert.Contains("ACS -> no ACS", output);
            Assert.DoesNotContain("[device] Ethernet", output);
            Assert.Contains("not compared: IOMMU groups", output);
        }
        finally
        {
            File.Delete(a);
            File.Delete(b);
        }
    }
}
