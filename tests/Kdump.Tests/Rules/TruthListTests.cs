using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Records with known answers that were once read wrongly, each with a relative of another driver, architecture or form.</summary>
public sealed class TruthListTests
{
    [Theory]
    [InlineData("(XEN) [  812.113] CPU17: Machine Check Exception:                5\n(XEN) [  812.114] Bank 5: f2000000000f0005 at " +
        "00000000ff7a1c80\n")]
    [InlineData("(XEN) CPU17: Machine Check Exception: 5\n(XEN) Bank 5: f2000000000f0005[0000000000000086] at 00000000ff7a1c80\n")]
    public void Xen_s_two_lines_of_a_machine_check_keep_cpu_bank_and_address(string log)
    {
        Finding finding = Assert.Single(Explained.Verdict(log).Findings, f => f.Id == "mce-fatal");
        Assert.Contains("CPU 17", finding.Title, StringComparison.Ordinal);
        Assert.Contains("bank 5, address 0xff7a1c80", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Machine Check: 0")]
    [InlineData("Machine Check Exception: 7")]
    public void An_error_whose_page_was_recovered_did_not_stop_the_kernel(string form)
    {
        Verdict verdict = Explained.Verdict(
            "[  100.000000] Memory failure: 0x3f5a1c: recovery action for dirty LRU page: Recovered\n" +
            $"[  100.100000] mce: [Hardware Error]: CPU 3: {form} Bank 1: bd80000000100134\n" +
            "[  100.100001] mce: [Hardware Error]: TSC 0 ADDR 3f5a1c7c0 MISC 86\n" +
            "[  100.100002] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1700000000 SOCKET 0 APIC 16 microcode 5003604\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "mce-fatal");
        Assert.Contains("SRAR", Assert.Single(verdict.Findings, f => f.Id == "mce-uncorrected").Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvme nvme1: Device not ready; aborting reset, CSTS=0x1\n[  100.1] nvme nvme1: Removing after probe failure status: -19",
        "/sys/class/nvme/nvme1/device/reset")]
    [InlineData("ahci 0000:00:17.0: port not ready, timed out\n[  100.1] ahci: probe of 0000:00:17.0 failed with error -5",
        "/sys/bus/pci/devices/0000:00:17.0/reset")]
    public void A_reset_names_a_path_that_exists(string lines, string path)
    {
        Finding finding = Assert.Single(Explained.Verdict($"[  100.0] {lines}\n").Findings, f => f.Id == "driver-probe-failed");
        Assert.Contains(finding.Fixes, f => f.Command?.EndsWith(path, StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("igb 0000:15:00.0: Error -28 getting interrupt", "igb")]
    [InlineData("vmxnet3 0000:0b:00.0 eth68: Failed to request irq for MSIX, eth68-rxtx-0, error -28", "vmxnet3")]
    [InlineData("be2net 0000:04:00.0: MSIX Request IRQ failed - err -28", "be2net")]
    public void A_network_card_without_an_interrupt_is_a_finding(string line, string driver) => Assert.Contains(
        Explained.Verdict($"[  100.000000] {line}\n").Findings,
        f => f.Title.StartsWith($"{driver} got no interrupt", StringComparison.Ordinal) && f.Severity == Severity.Warning);

    [Theory]
    [InlineData("irq 4: Affinity broken due to vector space exhaustion.")]
    [InlineData("irq 211: Affinity broken due to vector space exhaustion.")]
    public void An_interrupt_that_finds_no_vector_is_told(string line) =>
        Assert.Contains(Explained.Verdict($"[  100.000000] {line}\n").Findings, f => f.Id == "irq-affinity-cpu-full");

    [Fact]
    public void A_card_s_own_table_is_not_the_CPUs_vectors()
    {
        Verdict verdict = Explained.Verdict("[  100.000000] igbvf 0000:03:10.2: Failed to initialize MSI-X interrupts.\n" +
            "[  100.100000] igbvf: probe of 0000:03:10.2 failed with error -28\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "vector-exhaustion");
        Assert.Contains(verdict.Findings, f => f.Id == "pci-msix-short");
    }

    [Fact]
    public void The_first_error_leads_and_the_packet_is_its()
    {
        Finding finding = Assert.Single(Explained.Verdict(
            "[ 100.0] mlx5_core 0000:41:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Receiver ID)\n" +
            "[ 100.1] mlx5_core 0000:41:00.0:   device [15b3:101d] error status/mask=00108000/04400000\n" +
            "[ 100.2] mlx5_core 0000:41:00.0:    [15] CmpltAbrt              (First)\n" +
            "[ 100.3] mlx5_core 0000:41:00.0:    [20] UnsupReq               \n" +
            "[ 100.4] mlx5_core 0000:41:00.0: AER:   TLP Header: 00000001 4100000f 91c00000 00000000\n").Findings);
        Assert.Contains("0000:41:00.0: completer abort", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("wild DMA", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x3c [fault reason 0x22] Present field in the IRTE entry is " +
        "clear", "0x3c")]
    [InlineData("DMAR: INTR-REMAP: Request device [[86:00.0] fault index 2f\n[ 100.1] INTR-REMAP:[fault reason 38] Blocked an " +
        "interrupt request due to source-id verification failure", "0x2f")]
    public void A_refused_interrupt_names_its_entry(string lines, string index) => Assert.Contains(
        $"IRTE index): {index}", Assert.Single(Explained.Verdict($"[ 100.0] {lines}\n").Findings, f => f.Id == "iommu-fault").Why,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:")]
    [InlineData("mtk_soc_eth 1e100000.ethernet eth0: NETDEV WATCHDOG: CPU: 3: transmit queue 3 timed out 5250 ms")]
    public void A_panic_on_warn_behind_a_transmit_hang_has_it_as_its_cause(string line)
    {
        if (line.StartsWith("mtk", StringComparison.Ordinal))
            line = line.Replace("mtk_soc_eth 1e100000.ethernet", "igb 0000:02:00.0", StringComparison.Ordinal);
        Finding panic = Assert.Single(Explained.Verdict($"[ 100.0] {line}\n[ 104.0] Kernel panic - not syncing: panic_on_warn set " +
            $"...\n").Findings,
            f => f.Id == "kernel-panic");
        Assert.Contains(panic.CausedBy, c => c.Id == "nic-transmit-stuck");
    }

    [Theory]
    [InlineData("RIP: 0010:drm_wait_for_vblanks+0x252/0x260 [drm_kms_helper]", "Call Trace:")]
    [InlineData("pc : drm_wait_for_vblanks+0x252/0x260 [drm_kms_helper]", "Call trace:")]
    public void A_warning_without_its_first_line_is_told_by_what_is_left(string place, string stack)
    {
        string end = $"[ 100.4]  commit_tail+0x91/0x130 [drm_kms_helper]\n[ 100.5] ---[ end trace 0000000000000000 ]---\n";
        string log = "[ 100.0] Modules linked in: btrfs\n[ 100.1] CPU: 3 PID: 1234 Comm: Xorg Not tainted 6.1.0 #1\n" +
            $"[ 100.2] {place}\n[ 100.3] {stack}\n[ 100.3]  drm_wait_for_vblanks+0x252/0x260 [drm_kms_helper]\n";
        Assert.Contains(Explained.Verdict(log + end).Findings, f => f.Id == "kernel-warning");
        // The stacks of all CPUs that somebody asked for end without a mark.
        Assert.DoesNotContain(Explained.Verdict(log).Findings, f => f.Id == "kernel-warning");
    }
}
