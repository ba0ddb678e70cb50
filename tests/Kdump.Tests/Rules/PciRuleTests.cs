using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class AerUncorrectableTests
{
    private const string WildWrite = """
        [  905.313480] pcieport 0000:00:02.0: AER: Multiple Uncorrected (Non-Fatal) error received: id=0010
        [  905.313536] pcieport 0000:00:02.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, id=0010(Requester ID)
        [  905.313834] pcieport 0000:00:02.0:   device [8086:3c04] error status/mask=00100000/00000000
        [  905.314143] pcieport 0000:00:02.0:    [20] Unsupported Request    (First)
        [  905.314362] pcieport 0000:00:02.0:   TLP Header: 60000025 040006ff 61ac11d1 86c00110
        [  907.842715] pcieport 0000:00:02.0: AER: Device recovery successful
        """;

    [Fact]
    public void The_packet_tells_which_device_wrote_where_nothing_is()
    {
        Finding f = Assert.Single(Explained.Findings("aer-uncorrectable", WildWrite));
        Assert.Contains("unsupported request", f.Title);
        Assert.Contains("64-bit memory write from 04:00.0", f.Why);
        Assert.Contains("target address 0x61ac11d186c00110 does not exist", f.Why);
        Assert.Contains("Recovery successful", f.Why);
    }

    [Fact]
    public void An_injected_error_blames_no_hardware()
    {
        Finding f = Assert.Single(Explained.Findings("aer-uncorrectable",
            "[  100.000000] pcieport 0000:00:1c.0: aer_inject: Injecting errors 00000000/00100000 into device 0000:00:02.0\n" + WildWrite));
        Assert.Contains("injected", f.Why);
        Assert.DoesNotContain("wild DMA", f.Why);
    }

    /// <summary>What became of the device decides, and an error that a test made says nothing of the hardware.</summary>
    [Theory]
    [InlineData("Fatal", "device recovery successful", true, Severity.Warning)]
    [InlineData("Fatal", "device recovery successful", false, Severity.Error)]
    [InlineData("Fatal", "device recovery failed", true, Severity.Critical)]
    [InlineData("Fatal", "device recovery failed", false, Severity.Critical)]
    [InlineData("Fatal", null, false, Severity.Critical)]
    [InlineData("Non-Fatal", "device recovery successful", true, Severity.Warning)]
    [InlineData("Non-Fatal", "device recovery successful", false, Severity.Warning)]
    [InlineData("Non-Fatal", "device recovery failed", false, Severity.Error)]
    [InlineData("Non-Fatal", null, true, Severity.Error)]
    public void The_severity_follows_what_happened(string kind, string? end, bool injected, Severity severity)
    {
        Finding f = Assert.Single(Explained.Findings("aer-uncorrectable",
            (injected ? "[   25.000000] pcieport 0000:00:04.0: aer_inject: Injecting errors 00000000/00008000 into device 0000:01:00.0\n"
                : "") +
            $"[   26.222101] igb 0000:01:00.0: PCIe Bus Error: severity=Uncorrectable ({kind}), type=Transaction Layer, (Completer ID)\n" +
            "[   26.222438] igb 0000:01:00.0:   device [8086:10c9] error status/mask=00008000/02400000\n" +
            (end is null ? "" : $"[   29.185577] pcieport 0000:00:04.0: AER: {end}\n")));
        Assert.Equal(severity, f.Severity);
        Assert.Equal(injected, !f.Fixes.Any(x => x.Text.StartsWith("Reseat the card", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_fatal_error_does_not_hide_another_one_of_the_same_device()
    {
        List<Finding> findings = Explained.Findings("aer-uncorrectable", """
            [   26.222101] igb 0000:01:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Completer ID)
            [   26.222438] igb 0000:01:00.0:   device [8086:10c9] error status/mask=00008000/02400000
            [   29.185577] pcieport 0000:00:04.0: AER: device recovery successful
            [   55.763593] igb 0000:01:00.0: AER: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Inaccessible, (Unregistered Agent ID)
            [   55.961960] pcieport 0000:00:04.0: AER: Root Port link has been reset (0)
            [   56.526901] pcieport 0000:00:04.0: AER: device recovery failed
            """);
        Assert.Equal(["0000:01:00.0", "0000:01:00.0/non-fatal"], findings.Select(f => f.Subject).Order());
        Assert.Contains("Recovery failed", findings.Single(f => f.Title.Contains("(fatal)")).Why);
        Finding other = findings.Single(f => f.Title.Contains("completer abort"));
        Assert.Contains("Recovery successful", other.Why);
        Assert.DoesNotContain("link has been reset", other.Why);
    }

    [Fact]
    public void A_driver_that_enables_AER_reports_no_error() =>
        Assert.Empty(Explained.Findings("aer-uncorrectable", "[    1.000000] pcieport 0000:00:02.0: AER: enabled with IRQ 24\n"));
}

public sealed class AerCorrectedTests
{
    [Fact]
    public void A_storm_of_receiver_errors_speaks_of_the_link()
    {
        Finding f = Assert.Single(Explained.Findings("aer-corrected", """
            [    3.499123] pcieport 0000:00:1d.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=00e8(Receiver ID)
            [    3.499124] pcieport 0000:00:1d.0:   device [8086:a29a] error status/mask=00000001/00002000
            [    3.499148] pcieport 0000:00:1d.0: AER: Multiple Corrected error received: id=00e8
            [    3.499183] pcieport 0000:00:1d.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=00e8(Receiver ID)
            """));
        Assert.Contains("signal integrity", f.Why);
        Assert.Equal(Severity.Warning, f.Severity);
    }

    [Fact]
    public void An_uncorrected_error_is_not_among_them() =>
        Assert.Empty(Explained.Findings("aer-corrected",
            "[    3.499123] pcieport 0000:00:1d.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Physical Layer, (Receiver ID)\n"));
}

public sealed class VfNotRecoveredTests
{
    private const string Card = """
        04:00.0 Ethernet controller: Intel Corporation 82599ES (rev 01)
            Capabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
                IOVCtl: Enable+ Migration-
                Initial VFs: 64, Total VFs: 64, Number of VFs: 1, Function Dependency Link: 00
                VF offset: 128, stride: 2, Device ID: 10ed

        """;

    [Fact]
    public void A_card_with_VFs_that_was_reset_leaves_them_behind()
    {
        Verdict verdict = Explained.Verdict(Card + """
            [22484.225163] ixgbe 0000:04:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Completer ID)
            [22484.355750] pcieport 0000:00:1c.0: AER: broadcast slot_reset message
            [22484.795586] pcieport 0000:00:1c.0: AER: device recovery successful
            """);
        Finding f = Assert.Single(verdict.Findings, f => f.Id == "vf-not-recovered");
        Assert.Contains("0000:04:10.0", f.Title);
        Assert.Contains("aer-uncorrectable:0000:04:00.0", f.CausedBy);
    }

    [Fact]
    public void A_console_alone_names_them_and_a_port_stands_for_what_is_behind_it()
    {
        const string Port = "[    1.507363] pci 0000:00:05.0: PCI bridge to [bus 01]\n[    8.191383] igb 0000:01:00.0: 2 VFs allocated\n" +
            "[    9.281643] pci 0000:01:10.0: [8086:10ca] type 00 class 0x020000\n[    9.357386] pci 0000:01:10.2: [8086:10ca] type 00 " +
                "class 0x020000\n";
        const string Error = "[   55.763593] pcieport 0000:00:05.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction " +
            "Layer, (Receiver ID)\n[   56.526901] pcieport 0000:00:05.0: AER: device recovery successful\n";
        Finding f = Assert.Single(Explained.Findings("vf-not-recovered", Port + Error));
        Assert.Contains("0000:01:00.0 (igb)", f.Title);
        Assert.Contains("0000:01:10.0, 0000:01:10.2", f.Title);
        Assert.Contains(f.Evidence, e => e.Text.Contains("2 VFs allocated"));
        Assert.Empty(Explained.Findings("vf-not-recovered", Error + Port));
        Assert.Empty(Explained.Findings("vf-not-recovered", Port + "[   50.000000] igb 0000:01:00.0: IOV Disabled\n" + Error));
    }

    [Fact]
    public void Virtual_functions_without_a_driver_keep_their_card_from_recovering()
    {
        Verdict verdict = Explained.Verdict("""
            [    1.254896] pci 0000:00:05.0: PCI bridge to [bus 02]
            [    1.240832] pci 0000:02:00.0: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
            [    1.240896] pci 0000:02:00.0: BAR 0 [mem 0xfe200000-0xfe203fff 64bit]
            [    1.240896] pci 0000:02:00.0: VF BAR 0 [mem 0x00000000-0x00007fff 64bit]: contains BAR 0 for 2 VFs
            [    3.354797] Run /init as init process
            [    9.498094] pci 0000:02:00.1: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
            [    9.519103] pci 0000:02:00.2: [1b36:0010] type 00 class 0x010802 PCIe Endpoint
            [   89.792395] pcieport 0000:00:05.0: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Transaction Layer, (Receiver ID)
            [   89.793012] nvme nvme0: frozen state error detected, reset controller
            [   89.828507] pci 0000:02:00.1: AER: can't recover (no error_detected callback)
            [   89.828763] pci 0000:02:00.2: AER: can't recover (no error_detected callback)
            [   89.967108] pcieport 0000:00:05.0: AER: Root Port link has been reset (0)
            [   89.973370] pcieport 0000:00:05.0: AER: device recovery failed
            """);
        Finding f = Assert.Single(verdict.Findings, f => f.Id == "vf-not-recovered");
        Assert.Contains("0000:02:00.0 could not recover", f.Title);
        Assert.Contains("0000:02:00.1, 0000:02:00.2", f.Title);
        Assert.Equal(["aer-uncorrectable:0000:00:05.0"], f.CausedBy);
    }

    [Fact]
    public void A_virtual_function_without_its_card_is_a_question()
    {
        Verdict verdict = Explained.Verdict("""
            [    9.351508] ixgbevf 0000:04:10.0: Intel(R) 82599 Virtual Function
            [22484.225163] ixgbe 0000:04:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Completer ID)
            [22484.795586] pcieport 0000:00:1c.0: AER: device recovery successful
            """);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "vf-not-recovered");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("0000:04:10.0 (ixgbevf)"));
    }

    [Fact]
    public void An_error_of_a_card_elsewhere_leaves_them_alone() => Assert.Empty(Explained.Findings("vf-not-recovered", Card + """
        [22484.225163] nvme 0000:81:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Completer ID)
        [22484.795586] pcieport 0000:80:01.0: AER: device recovery successful
        """));
}

public sealed class PcieLinkDegradedTests
{
    private static string Card(string type, string can, string has) =>
        $"04:00.0 Ethernet controller: X\n\tCapabilities: [a0] Express (v2) {type}, IntMsgNum 0\n\t\tLnkCap:\tPort #0, Speed 8GT/s, " +
            $"Width {can}, ASPM L1\n\t\tLnkSta:\tSpeed 8GT/s, Width {has}\n";

    [Fact]
    public void Missing_lanes_of_a_card_are_a_warning() =>
        Assert.Equal(Severity.Warning, Assert.Single(Explained.Findings("pcie-link-degraded", Card("Endpoint", "x8", "x4"))).Severity);

    [Fact]
    public void A_port_with_a_smaller_card_in_it_is_not_degraded() =>
        Assert.Empty(Explained.Findings("pcie-link-degraded", Card("Root Port (Slot+)", "x16", "x4")));

    [Fact]
    public void A_link_that_is_down_has_no_width_to_judge() =>
        Assert.Empty(Explained.Findings("pcie-link-degraded", Card("Endpoint", "x8", "x0")));
}

public sealed class PciDeviceTroubleTests
{
    [Fact]
    public void A_firmware_command_that_is_never_answered_is_named()
    {
        Finding f = Assert.Single(Explained.Findings("device-timeout",
            "[14280.445220] mlx5_core 0000:61:00.0: wait_func_handle_exec_timeout:1104:(pid 141183): cmd[22]: CREATE_DCT(0x710) No done " +
            "completion\n"));
        Assert.Contains("CREATE_DCT", f.Title);
        Assert.Contains("lost command completion", f.Why, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_link_that_comes_up_is_no_trouble() =>
        Assert.Empty(Explained.Findings("device-timeout", "[    5.000000] mlx5_core 0000:61:00.0 eth0: Link up\n"));
}
