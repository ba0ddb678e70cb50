using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class MceFatalTests
{
    [Fact]
    public void Context_corrupt_is_fatal_and_names_the_kernels_rule()
    {
        Finding f = Assert.Single(Explained.Findings("mce-fatal", """
            [   10.000000] mce: [Hardware Error]: CPU 19: Machine Check Exception: 4 Bank 5: be00000000800400
            [   10.000001] mce: [Hardware Error]: TSC 7ebbc5c7e698b4 ADDR 1579aa6
            [   10.000002] mce: [Hardware Error]: PROCESSOR 0:206c2 TIME 1480763330 SOCKET 0 APIC 11
            [   10.000003] mce: [Hardware Error]: Machine check: Processor context corrupt
            [   10.000004] Kernel panic - not syncing: Fatal machine check
            """));
        Assert.Equal(Severity.Critical, f.Severity);
        Assert.Contains("processor context corrupt", f.Why);
        Assert.Contains(f.Evidence, s => s.Text.Contains("Kernel panic", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("be00400000080813", "2:100f23", "DRAM chipkill ECC error", "Memory is affected", "DIMM")]
    [InlineData("b604a00100000813", "2:20f12", "DRAM ECC error", "Memory is affected", "DIMM")]
    [InlineData("be002100000d0813", "2:100f23", "address or control signals", "Memory is affected", "DIMM")]
    [InlineData("be000000000b0c0f", "2:600f12", "HyperTransport link", "link between processors", "HyperTransport")]
    [InlineData("be002000001c010b", "2:100f23", "L3 cache's data", "processor itself", "microcode")]
    public void The_northbridge_of_an_Opteron_tells_by_its_extended_code_what_failed(string status, string cpu, string title,
        string about, string fix)
    {
        Finding f = Assert.Single(Explained.Findings("mce-fatal",
            $"[    5.370561] mce: [Hardware Error]: CPU 1: Machine Check Exception: 5 Bank 4: {status}\n" +
            "[    5.372786] mce: [Hardware Error]: TSC 53f78be3a ADDR 3f2e9080 \n" +
            $"[    5.372845] mce: [Hardware Error]: PROCESSOR {cpu} TIME 1795269439 SOCKET 0 APIC 1 microcode 1000065\n" +
            "[    5.373212] Kernel panic - not syncing: Fatal local machine check\n"));
        Assert.Contains(title, f.Title, StringComparison.Ordinal);
        Assert.Contains(about, f.Why, StringComparison.Ordinal);
        Assert.Contains(f.Fixes, x => x.Text.Contains(fix, StringComparison.Ordinal));
        Assert.DoesNotContain(f.Fixes, x => x.Text.Contains("QPI", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_nothing_names_the_processor_a_northbridge_is_only_a_possibility()
    {
        Finding f = Assert.Single(Explained.Findings("mce-fatal", """
            Jul  9 12:19:41 vz01 kernel: CPU 0: Machine Check Exception: 0000000000000004
            Jul  9 12:19:41 vz01 kernel: Bank 4: b604a00100000813 at 000000007e4f2f68
            Jul  9 12:19:41 vz01 kernel: Kernel panic: CPU context corrupt
            """));
        Assert.Contains("tells whose processor it is", f.Why, StringComparison.Ordinal);
        Assert.Contains("DIMM", f.Fixes[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(f.Fixes, x => x.Text.Contains("QPI", StringComparison.Ordinal));
    }

    [Fact]
    public void A_panic_without_record_is_told_as_that_and_asks_for_the_record()
    {
        Verdict verdict = Explained.Verdict(
            "[    3.412001] mce: CPUs not responding to MCE broadcast (may include false positives): 1-13\n[    3.412010] Kernel panic - " +
            "not syncing: Timeout: Not all CPUs entered broadcast exception handler\n");
        Assert.Contains(verdict.Findings, f => f.Id == "mce-fatal" && f.Title.Contains("1-13", StringComparison.Ordinal));
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("no machine-check record", StringComparison.Ordinal));
    }

    [Fact]
    public void A_core_that_uses_bad_data_is_the_victim_and_one_whose_cache_fails_is_not()
    {
        static Finding Fatal(string status) => Assert.Single(Explained.Findings("mce-fatal",
            $"[ 77.000001] mce: [Hardware Error]: CPU 40: Machine Check Exception: f Bank 1: {status}\n[ 77.000002] mce: [Hardware " +
                $"Error]: TSC 5bb2a8f0d4 ADDR 11c7c11000 MISC 86 \n" +
            "[ 77.000003] mce: [Hardware Error]: PROCESSOR 0:806f8 TIME 1700000000 SOCKET 0 APIC 30\n[ 77.000004] Kernel panic - not " +
                "syncing: Fatal local machine check\n"));
        Finding victim = Fatal("bd80000000100134"), cause = Fatal("be80000000100134");
        Assert.Contains("victim", victim.Why);
        Assert.Contains("0x11c7c11000", Assert.Single(victim.Fixes).Text);
        Assert.Contains("processor itself", cause.Why);
    }

    [Fact]
    public void Poison_read_by_the_kernel_names_the_function_that_read_it()
    {
        Finding f = Assert.Single(Explained.Findings("mce-fatal", """
            [ 77.000001] mce: [Hardware Error]: CPU 40: Machine Check Exception: f Bank 1: bd80000000100134
            [ 77.000004] mce: [Hardware Error]: RIP 10:<ffffffff8b9b2f60> {copy_page+0x10/0x20}
            [ 77.000008] mce: [Hardware Error]: TSC 5bb2a8f0d4 ADDR 11c7c11000 MISC 86
            [ 77.000012] mce: [Hardware Error]: PROCESSOR 0:806f8 TIME 1700000000 SOCKET 0 APIC 30
            """));
        Assert.Contains("copy_page", f.Why);
        Assert.Contains("data load in unrecoverable area of kernel", f.Why);
    }

    [Fact]
    public void A_panic_for_something_else_is_none_of_its() =>
        Assert.Empty(Explained.Findings("mce-fatal", "[   10.000004] Kernel panic - not syncing: Attempted to kill init!\n"));
}

public sealed class MceCorrectedTests
{
    [Fact]
    public void A_storm_that_EDAC_places_names_the_DIMM_and_the_count()
    {
        Finding f = Assert.Single(Explained.Findings("mce-corrected", """
            EDAC sbridge MC1: CPU 0: Machine Check Event: 0 Bank 7: cc00418000010091
            EDAC sbridge MC1: TSC 0 
            EDAC sbridge MC1: ADDR 2031c14940 
            EDAC sbridge MC1: MISC 150481a86 
            EDAC sbridge MC1: PROCESSOR 0:406f1 TIME 1664823350 SOCKET 0 APIC 0
            EDAC MC1: 262 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x2031c14 offset:0x940)
            """));
        Assert.Contains("262 corrected errors in one record", f.Title);
        Assert.Contains("channel 1 DIMM 0", f.Why);
        Assert.Equal(Severity.Warning, f.Severity);
    }

    [Fact]
    public void Events_that_went_elsewhere_are_unknown_and_not_a_finding()
    {
        Verdict verdict = Explained.Verdict("[   99.000000] mce: [Hardware Error]: Machine check events logged\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "mce-corrected");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("not in this log", StringComparison.Ordinal));
    }

    [Fact]
    public void One_corrected_error_is_only_information() =>
        Assert.Equal(Severity.Info, Assert.Single(
            Explained.Findings("mce-corrected", "CPU 6: Machine Check: 0 Bank 8: 88000040000200cf\nTSC 0 MISC 98873a2000043000\n"))
            .Severity);
}

public sealed class MceFirmwareFirstTests
{
    [Fact]
    public void A_memory_error_from_firmware_names_the_part_and_the_address()
    {
        Finding f = Assert.Single(Explained.Findings("hardware-error-by-firmware", """
            {7}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 4
            {7}[Hardware Error]: event severity: recoverable
            {7}[Hardware Error]:  fru_text: B2
            {7}[Hardware Error]:   section_type: memory error
            {7}[Hardware Error]:   physical_address: 0x000000276aeb0180
            {7}[Hardware Error]:   node:1 card:4 module:0 rank:0
            {7}[Hardware Error]:   error_type: 3, multi-bit ECC
            """));
        Assert.Contains("multi-bit ECC", f.Title);
        Assert.Contains("FRU B2, physical address 0x276aeb0180, node 1 card 4", f.Title);
    }

    private const string Two = """
        kernel: {37}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 162
        kernel: {37}[Hardware Error]: event severity: corrected
        kernel: {37}[Hardware Error]:  Error 0, type: corrected
        kernel: {37}[Hardware Error]:   section_type: memory error
        kernel: {37}[Hardware Error]:   error_status: 0x0000000000000400
        kernel: {37}[Hardware Error]:   node: 0 card: 0 module: 0 rank: 0 bank: 1 device: 14 row: 58165 column: 816
        kernel: {37}[Hardware Error]:   DIMM location: CPU 2 DIMM 30
        kernel: {37}[Hardware Error]:  Error 1, type: corrected
        kernel: {37}[Hardware Error]:  fru_text: B1
        kernel: {37}[Hardware Error]:   section_type: memory error
        """;

    [Fact]
    public void Each_part_of_a_report_is_an_error_of_its_own_and_names_its_DIMM_without_zeros()
    {
        List<Finding> found = Explained.Findings("hardware-error-by-firmware", Two);
        Assert.Equal(2, found.Count);
        Finding first = found.Single(f => f.Title.Contains("CPU 2 DIMM 30", StringComparison.Ordinal));
        Assert.DoesNotContain("0x0", first.Title);
        Assert.DoesNotContain("node 0", first.Title);
        Assert.DoesNotContain("B1", first.Title);
        Assert.Contains("report 37", first.Why);
        Assert.Equal(Severity.Warning, first.Severity);
        Assert.StartsWith("Watch the DIMM that the firmware calls CPU 2 DIMM 30", first.Fixes[0].Text);
    }

    [Fact]
    public void Kernels_before_3_13_print_a_place_on_several_lines()
    {
        Finding f = Assert.Single(Explained.Findings("hardware-error-by-firmware", """
            {1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1
            {1}[Hardware Error]: APEI generic hardware error status
            {1}[Hardware Error]: severity: 2, corrected
            {1}[Hardware Error]: section: 0, severity: 2, corrected
            {1}[Hardware Error]: flags: 0x01
            {1}[Hardware Error]: section_type: memory error
            {1}[Hardware Error]: node: 0
            {1}[Hardware Error]: card: 1
            {1}[Hardware Error]: module: 0
            {1}[Hardware Error]: error_type: 2, single-bit ECC
            """));
        Assert.Contains("corrected memory error, single-bit ECC, node 0 card 1 module 0", f.Title);
    }

    [Fact]
    public void A_processor_section_is_no_machine_check_record()
    {
        Verdict verdict = Explained.Verdict("""
            [  314.159265] {1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 0
            [  314.159266] {1}[Hardware Error]: event severity: fatal
            [  314.159267] {1}[Hardware Error]:  Error 0, type: fatal
            [  314.159268] {1}[Hardware Error]:   section_type: IA32/X64 processor error
            [  314.159271] {1}[Hardware Error]:   00000000: 00050657 00000000 14200800 00000000
            [  314.159273] {1}[Hardware Error]:    Error Structure Type: cache error
            """);
        Assert.Contains("cache error", Assert.Single(verdict.Findings, f => f.Id == "hardware-error-by-firmware").Title);
        Assert.DoesNotContain(verdict.Findings, f => f.Id.StartsWith("mce", StringComparison.Ordinal));
    }

    [Fact]
    public void A_crash_kernel_that_dies_of_firmwares_record_is_told_of_hest_disable()
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + """
            [  106.962373] mce: [Hardware Error]: CPU 18: Machine Check Exception: 5 Bank 7: be00000001010091
            [  107.001057] mce: [Hardware Error]: TSC ae4b410af0b8 ADDR 314d193000 MISC 200400c008002086
            [  107.010283] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1605843017 SOCKET 1 APIC 40 microcode 5000021
            [  107.039065] Kernel panic - not syncing: Fatal machine check

            """ + Explained.CaptureBoot + """
            [    5.989550] {1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 4
            [    5.990513] {1}[Hardware Error]: event severity: fatal
            [    5.990513] {1}[Hardware Error]:  Error 0, type: fatal
            [    5.990513] {1}[Hardware Error]:   section_type: memory error
            [    5.990513] {1}[Hardware Error]:   physical_address: 0x000000314d193000
            [    5.990513] {1}[Hardware Error]:   DIMM location: CPU 1 DIMM 8
            [    5.990513] Kernel panic - not syncing: Fatal hardware error!
            """);
        Finding f = Assert.Single(verdict.Findings, x => x.Id == "hardware-error-by-firmware");
        Assert.Contains("hest_disable", f.Fixes[0].Text);
        Assert.Contains(verdict.Findings.Single(x => x.Id == "mce-fatal").Key, f.CausedBy);
    }

    [Fact]
    public void A_report_of_the_first_seconds_is_of_the_boot_before() =>
        Assert.Contains("previous boot", Assert.Single(Explained.Findings("hardware-error-by-firmware", """
            [    1.300000] {1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 0
            [    1.300001] {1}[Hardware Error]: event severity: fatal
            [    1.300002] {1}[Hardware Error]:   section_type: memory error
            """)).Why);

    [Fact]
    public void A_source_that_is_only_registered_reports_nothing() =>
        Assert.Empty(Explained.Findings("hardware-error-by-firmware",
            "[    1.000000] GHES: APEI firmware first mode is enabled by APEI bit and WHEA _OSC.\n"));
}

public sealed class HardwareSideEffectTests
{
    [Fact]
    public void A_page_that_went_bad_is_told_with_what_became_of_it()
    {
        Finding f = Assert.Single(Explained.Findings("memory-page-poisoned",
            "[  100.000000] Memory failure: 0x11c7c11: recovery action for dirty LRU page: Recovered\n"));
        Assert.Contains("0x11c7c11000", f.Title);
        Assert.Equal(Severity.Warning, f.Severity);
    }

    [Fact]
    public void A_function_without_callbacks_vetoes_the_recovery()
    {
        Finding f = Assert.Single(Explained.Findings("aer-uncorrectable", """
            [  100.000000] mlx5_core 0000:3b:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)
            [  100.100000] vfio-pci 0000:3b:00.2: AER: can't recover (no error_detected callback)
            [  100.200000] pcieport 0000:3a:00.0: AER: device recovery failed
            """));
        Assert.Contains("0000:3b:00.2 (driver vfio-pci) has no error_detected callback", f.Why);
        Assert.Contains("Recovery failed", f.Why);
    }

    [Fact]
    public void An_invalidation_that_is_never_answered_names_the_device()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-fault",
            "[  100.000000] DMAR: VT-d detected Invalidation Time-out Error: SID 6500\n"));
        Assert.Contains("65:00.0 does not answer", f.Title);
    }

    [Fact]
    public void The_kind_of_an_address_stands_in_MISC()
    {
        string output = MachineChecks.Run.KdtOn(
            "CPU 5: Machine Check: 0 Bank 13: 9c00004000800090\nTSC 1 ADDR a7fcef3c0 MISC 8646beeb7e54868c\nPROCESSOR 0:406fb TIME 1 " +
            "SOCKET 0 APIC 1\n", "mce").Output;
        Assert.Contains("ADDR is a physical address, exact to 4096 bytes", output);
    }
}
