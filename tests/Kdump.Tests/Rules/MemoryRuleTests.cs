using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>
/// Public logs shortened to the lines that decide (skx: an owner's three days of corrected errors of two DIMMs; top500-benchmark issue 43;
/// an EPYC's channel 6), and the same in the words of other drivers and kernels.
/// </summary>
public sealed class DimmFailingTests
{
    private const string TwoDimms = """
        [  10.000000] EDAC skx MC2: HANDLING MCE MEMORY ERROR
        [  10.000001] EDAC skx MC2: CPU 10: Machine Check Event: 0 Bank 7: 9c00004001010090
        [  10.000002] EDAC skx MC2: TSC 21f39e41532e626
        [  10.000003] EDAC skx MC2: ADDR 175321bec0
        [  10.000004] EDAC skx MC2: MISC 200001c080801086
        [  10.000005] EDAC skx MC2: PROCESSOR 0:50657 TIME 1681297434 SOCKET 1 APIC 20
        [  10.000006] EDAC MC2: 1 CE memory read error on CPU_SrcID#1_MC#0_Chan#0_DIMM#0 (channel:0 slot:0 page:0x175321b offset:0xec0 grain:32)
        [  99.000000] EDAC skx MC1: HANDLING MCE MEMORY ERROR
        [  99.000001] EDAC skx MC1: CPU 0: Machine Check Event: 0 Bank 8: 9c00004001010092
        [  99.000002] EDAC skx MC1: TSC 21f39e41532e626
        [  99.000003] EDAC skx MC1: ADDR 385ce8380
        [  99.000004] EDAC skx MC1: MISC 200000c000001086
        [  99.000005] EDAC skx MC1: PROCESSOR 0:50657 TIME 1681569327 SOCKET 0 APIC 0
        [  99.000006] EDAC MC1: 1 CE memory read error on CPU_SrcID#0_MC#1_Chan#2_DIMM#1 (channel:2 slot:1 page:0x385ce8 offset:0x380 grain:32)
        """;

    [Fact]
    public void A_record_belongs_to_the_DIMM_at_its_address_and_to_no_other()
    {
        List<Finding> found = Explained.Findings("mce-corrected", TwoDimms);
        Assert.Equal(["CPU_SrcID#0_MC#1_Chan#2_DIMM#1", "CPU_SrcID#1_MC#0_Chan#0_DIMM#0"], found.Select(f => f.Subject).Order());
        Finding second = found.Single(f => f.Subject == "CPU_SrcID#0_MC#1_Chan#2_DIMM#1");
        Assert.Contains("channel 2", second.Title);
        Assert.DoesNotContain(second.Evidence, s => s.Text.Contains("SrcID#1", StringComparison.Ordinal));
        Assert.Contains(second.Fixes, f => f.Text.Contains("0x385ce8000", StringComparison.Ordinal));
    }

    [Fact]
    public void The_DIMM_that_fails_most_is_named_with_its_own_count()
    {
        Verdict verdict = Explained.Verdict("""
            [  10.000006] EDAC MC2: 1 CE memory read error on CPU_SrcID#1_MC#0_Chan#0_DIMM#0 (channel:0 slot:0 page:0x175321b offset:0xec0)
            [  99.000006] EDAC MC1: 40 CE memory read error on CPU_SrcID#0_MC#1_Chan#2_DIMM#1 (channel:2 slot:1 page:0x385ce8 offset:0x380)
            """);
        Assert.StartsWith("40 corrected memory errors at CPU_SrcID#0_MC#1_Chan#2_DIMM#1", verdict.Headline);
        Assert.DoesNotContain(verdict.Findings, f => f.Title.Contains("41", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("EDAC MC0: 1 UE on mc#0csrow#2channel#0 (csrow:2 channel:0 page:0xfa8f2e offset:0x980 grain:64)", "mc#0csrow#2channel#0")]
    [InlineData("EDAC MC0: 1 UE Cannot decode normalized address on mc#0csrow#1channel#1 (csrow:1 channel:1 page:0x0 offset:0x0 grain:64)",
        "mc#0csrow#1channel#1")]
    [InlineData("EDAC MC0: UE row 0, channel-a= 0 channel-b= 1 labels \"DIMM_A1\": i5000", "DIMM_A1")]
    [InlineData("EDAC MC1: UE page 0x1a2b3, offset 0x0, grain 4096, row 3, labels \":\": i3200 UE", "")]
    [InlineData("EDAC MC0: 1 UE ie31200 UE on mc#0csrow#3channel#0 (csrow:3 channel:0 page:0x1 offset:0x0 grain:8)",
        "mc#0csrow#3channel#0")]
    [InlineData("EDAC MC0: 1 UE DDR ECC error type:UE row 5 bank 2 col 1 on DDR channel 0 (csrow:0 page:0x2 offset:0x0 grain:1)",
        "channel 0")]
    public void An_uncorrected_memory_error_of_every_driver_is_an_error(string line, string place)
    {
        Finding f = Assert.Single(Explained.Findings("dimm-failing", $"[  100.000000] {line}\n"));
        Assert.Equal(Severity.Error, f.Severity);
        Assert.Contains("uncorrected memory error", f.Title);
        Assert.Contains(place, f.Title);
        Assert.NotEmpty(f.Fixes);
    }

    [Fact]
    public void A_panic_that_EDAC_was_told_to_make_is_the_DIMMs()
    {
        Verdict verdict = Explained.Verdict("""
            [ 5000.100000] EDAC MC0: 1 UE memory read error on DIMM_B2 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32)
            [ 5000.200000] Kernel panic - not syncing: UE memory read error on DIMM_B2 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32)
            """);
        Finding dimm = verdict.Findings.Single(f => f.Id == "dimm-failing");
        Assert.Contains(dimm.Key, verdict.Findings.Single(f => f.Id == "kernel-panic").CausedBy);
    }

    [Fact]
    public void Corrected_errors_are_not_added_to_uncorrected_ones()
    {
        Finding f = Assert.Single(Explained.Findings("dimm-failing", """
            [5975153.878190] EDAC MC0: 1 UE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0)
            [5975154.296056] EDAC MC0: 2 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0)
            [5975155.280550] EDAC MC0: 6 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0)
            """));
        Assert.StartsWith("1 uncorrected memory error and 8 corrected ones at CPU_SrcID#0_MC#0_Chan#1_DIMM#0", f.Title);
    }

    [Fact]
    public void One_chip_in_several_rows_is_told_from_one_cell()
    {
        Finding f = Assert.Single(Explained.Findings("mce-corrected", """
            [  511.304636] EDAC MC0: 1 CE single-symbol chipkill ECC on P0_Node0_Channel5_Dimm0 DIMMF1 (node:0 card:5 module:16 device:7 row:32680 column:1312 page:0x3fd437 offset:0x4180 grain:1 - APEI location: node:0 card:5)
            [  536.679810] EDAC MC0: 1 CE single-symbol chipkill ECC on P0_Node0_Channel5_Dimm0 DIMMF1 (node:0 card:5 module:16 device:7 row:1492 column:1248 page:0x2ea37 offset:0x3080 grain:1 - APEI location: node:0 card:5)
            """));
        Assert.Contains("Always the same chip of it (device 7), in 2 rows", f.Why);
        Assert.Contains("2 reports within 25 seconds", f.Why);
        Assert.Equal(Severity.Warning, f.Severity);
        Assert.Contains("Replace the DIMM", f.Fixes[0].Text);
    }

    [Fact]
    public void A_memory_controller_of_Zen_is_joined_by_channel_and_chip_select_and_its_address_offers_no_page()
    {
        const string log = """
            [  100.000000] [Hardware Error]: Corrected error, no action required.
            [  100.000001] [Hardware Error]: CPU:0 (19:61:2) MC21_STATUS[Over|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-]: 0xdc2040000400011b
            [  100.000002] [Hardware Error]: Error Addr: 0x000000031fb56000
            [  100.000003] [Hardware Error]: IPID: 0x0000009600150f00, Syndrome: 0x000000000a800202
            [  100.000004] [Hardware Error]: Unified Memory Controller Ext. Error Code: 0
            """;
        Finding alone = Assert.Single(Explained.Findings("mce-corrected", log));
        Assert.DoesNotContain(alone.Fixes, f => f.Command?.Contains("soft_offline", StringComparison.Ordinal) == true);
        Finding joined = Assert.Single(Explained.Findings("mce-corrected", log + """

            [  100.000005] EDAC MC0: 1 CE on mc#0csrow#0channel#0 (csrow:0 channel:0 page:0x1000 offset:0x0 grain:64)
            [  100.000006] EDAC MC0: 1 CE on mc#0csrow#2channel#1 (csrow:2 channel:1 page:0xcaed59 offset:0x8e0 grain:64)
            """), f => f.Subject == "mc#0csrow#2channel#1");
        Assert.Contains(joined.Fixes, f => f.Text.Contains("0xcaed59000", StringComparison.Ordinal));
        Assert.Contains(joined.Evidence, s => s.Text.Contains("MC21_STATUS", StringComparison.Ordinal));
    }

    [Fact]
    public void A_record_that_no_line_of_EDAC_is_about_keeps_its_DIMM_unknown()
    {
        string[] lines = TwoDimms.Split('\n').Where(l => !l.Contains("EDAC MC1: 1 CE", StringComparison.Ordinal)).ToArray();
        Finding f = Explained.Findings("mce-corrected", string.Join('\n', lines)).Single(x => x.Title.Contains("channel 2",
            StringComparison.Ordinal));
        Assert.Contains("unknown", f.Why);
        Assert.DoesNotContain("DIMM#0", f.Title + f.Why);
    }

    [Fact]
    public void Pages_near_each_other_have_one_cause_and_it_is_not_the_later_machine_check()
    {
        Verdict verdict = Explained.Verdict("""
            [  100.000000] Memory failure: 0x8c53ae: recovery action for dirty LRU page: Recovered
            [ 5000.000000] mce: [Hardware Error]: CPU 35: Machine Check Exception: f Bank 1: bd80000000100134
            [ 5000.000001] mce: [Hardware Error]: RIP 10:<ffffffff86ec1f1e> {copy_user_enhanced_fast_string+0xe/0x30}
            [ 5000.000002] mce: [Hardware Error]: TSC 2e04ae4d30aca ADDR 8c53a7000 MISC 86
            [ 5000.000003] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1680740101 SOCKET 1 APIC 31 microcode 5002f00
            """);
        Finding dimm = verdict.Findings.Single(f => f.Id == "dimm-failing");
        Assert.Contains("2 pages near physical address 0x8c53a7000", dimm.Title);
        Assert.Equal([dimm.Key], verdict.Findings.Single(f => f.Id == "memory-page-poisoned").CausedBy);
        Assert.Equal([dimm.Key], verdict.Findings.Single(f => f.Id == "mce-fatal").CausedBy);
    }

    [Fact]
    public void Healthy_words_of_EDAC_are_no_errors() =>
        Assert.DoesNotContain(Explained.Verdict("""
            [    4.100000] EDAC MC: Ver: 3.0.0
            [    4.200000] EDAC MC0: Giving out device to module amd64_edac controller F19h_M60h: DEV 0000:00:18.3 (INTERRUPT)
            [    4.300000] EDAC amd64: MC: UMC0 chip selects:
            [    4.400000] EDAC MC: Removed device 0 for skx_edac Skylake Socket#0 IMC#0: DEV 0000:2e:0a.0
            """).Findings, f => f.Severity > Severity.Info || f.Id.StartsWith("mce", StringComparison.Ordinal));
}

public sealed class PoisonedPagesTests
{
    [Fact]
    public void The_process_that_used_the_page_is_named()
    {
        Finding f = Assert.Single(Explained.Findings("memory-page-poisoned", """
            [ 1419.783606] Memory failure: 0x1000093: recovery action for free buddy page: Recovered
            [ 1430.305518] 0x1000093: Sending SIGBUS to devmem:54990 due to hardware memory corruption
            """));
        Assert.Contains("devmem:54990", f.Why);
    }

    [Theory]
    [InlineData("[  100.000000] MCE 0x11c7c11: dirty LRU page recovery: Recovered", Severity.Warning)]
    [InlineData("[  100.000000] Memory failure: 0x11c7c11: recovery action for reserved kernel page: Failed", Severity.Error)]
    public void Both_wordings_tell_what_became_of_it(string line, Severity severity) =>
        Assert.Equal(severity, Assert.Single(Explained.Findings("memory-page-poisoned", line + "\n")).Severity);

    [Theory]
    [InlineData("MCE: Killing qemu-system-x86:4711 due to hardware memory corruption fault at 7f1234567000", "qemu-system-x86:4711",
        Severity.Error)]
    [InlineData("Memory failure: 0x22345: Killing postgres:77 due to hardware memory corruption", "postgres:77", Severity.Error)]
    [InlineData("mce: Uncorrected hardware memory error in user-access at 8c53aee80", "0x8c53aee80", Severity.Warning)]
    [InlineData("Memory failure: 0x22345: already hardware poisoned", "0x22345000", Severity.Warning)]
    public void Who_met_bad_memory_is_told_without_the_lines_about_the_page(string line, string who, Severity severity)
    {
        Finding f = Assert.Single(Explained.Findings("memory-page-poisoned", $"[ 5000.100000] {line}\n"));
        Assert.Contains(who, f.Title);
        Assert.Equal(severity, f.Severity);
    }

    [Theory]
    [InlineData("RAS: Soft-offlining pfn: 0x12345")]
    [InlineData("soft offline: 0x12345: page migrated to 0x5")]
    [InlineData("mcelog: Offlining page 12345000")]
    public void Pages_taken_out_of_use_for_corrected_errors_are_a_warning(string line)
    {
        Finding f = Assert.Single(Explained.Findings("memory-page-soft-offlined", $"[ 5000.100000] {line}\n"));
        Assert.Contains("0x12345000", f.Title);
    }

    [Fact]
    public void A_page_that_is_offline_is_not_offered_again()
    {
        const string ce = "[ 5000.000000] EDAC MC0: 2 CE memory read error on DIMM_B2 (channel:0 page:0x12345 offset:0x40 grain:32)\n";
        static bool Offers(string log) => Explained.Findings("mce-corrected", log)
            .Exists(f => f.Fixes.Any(x => x.Command?.Contains("soft_offline_page", StringComparison.Ordinal) == true));
        Assert.True(Offers(ce));
        Assert.False(Offers(ce + "[ 5001.000000] RAS: Soft-offlining pfn: 0x12345\n"));
    }

    [Fact]
    public void A_run_of_pages_that_a_driver_gave_up_is_no_bad_memory()
    {
        Verdict verdict = Explained.Verdict("""
            [  307.255428]  __snp_free_firmware_pages.constprop.0+0x5d/0x80 [ccp]
            [  307.309203] Memory failure: 0x30a6a8f: recovery action for unknown page: Ignored
            [  307.309541] Memory failure: 0x30a6a90: recovery action for unknown page: Ignored
            [  307.309940] Memory failure: 0x30a6a91: recovery action for unknown page: Ignored
            [  307.310303] Memory failure: 0x30a6a92: recovery action for unknown page: Ignored
            """);
        Finding f = Assert.Single(verdict.Findings, x => x.Id == "memory-page-given-up");
        Assert.Contains("SEV-SNP", f.Title);
        Assert.DoesNotContain(verdict.Findings, x => x.Id is "memory-page-poisoned" or "dimm-failing");
    }
}

public sealed class MceUncorrectedTests
{
    private const string Recovered = """
        [ 5000.000000] mce: [Hardware Error]: CPU 35: Machine Check Exception: 7 Bank 1: bd80000000100134
        [ 5000.000001] mce: [Hardware Error]: RIP 33:<00007f5b1ac51f1e>
        [ 5000.000002] mce: [Hardware Error]: TSC 2e04ae4d30aca ADDR 8c53a7040 MISC 86
        [ 5000.000003] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1680740101 SOCKET 1 APIC 31 microcode 5002f00
        [ 5000.000100] mce: Uncorrected hardware memory error in user-access at 8c53a7040
        [ 5000.000200] Memory failure: 0x8c53a7: Sending SIGBUS to postgres:4711 due to hardware memory corruption
        [ 5000.000300] Memory failure: 0x8c53a7: recovery action for dirty LRU page: Recovered
        """;

    [Fact]
    public void An_error_that_the_kernel_recovered_from_is_not_fatal_and_names_its_victim()
    {
        Verdict verdict = Explained.Verdict(Recovered);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "mce-fatal");
        Finding f = Assert.Single(verdict.Findings, x => x.Id == "mce-uncorrected");
        Assert.Contains("postgres:4711", f.Why);
        Assert.Equal([f.Key], verdict.Findings.Single(x => x.Id == "memory-page-poisoned").CausedBy);
    }

    [Fact]
    public void With_the_panic_behind_it_it_is_fatal() =>
        Assert.Single(Explained.Findings("mce-fatal", Recovered + "\n[ 5000.000400] Kernel panic - not syncing: Fatal machine check\n"));
}

public sealed class MceLeftOverTests
{
    [Theory]
    [InlineData("[    0.064265] mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 4: a600000000020408\n" +
        "[    0.064270] mce: [Hardware Error]: TSC 0 ADDR fef4c9e0 \n" +
        "[    0.064277] mce: [Hardware Error]: PROCESSOR 0:706a1 TIME 1537152664 SOCKET 0 APIC 0 microcode 28\n", Severity.Warning)]
    [InlineData("CPU 9 BANK 5 \nMISC 100 \nSTATUS fa00000000400405 MCGSTATUS 0\nMCGCAP 1000c18 APICID 42 SOCKETID 1 \n" +
        "CPUID Vendor Intel Family 6 Model 47\n", Severity.Error)]
    public void A_record_that_was_only_found_is_of_the_boot_before(string log, Severity severity)
    {
        Verdict verdict = Explained.Verdict(log);
        Finding f = Assert.Single(verdict.Findings, x => x.Id == "mce-left-over");
        Assert.Contains("left over from before this boot", f.Title);
        Assert.Equal(severity, f.Severity);
        Assert.DoesNotContain(verdict.Findings, x => x.Id == "mce-fatal");
    }

    [Fact]
    public void A_status_of_zero_holds_no_error()
    {
        Verdict verdict = Explained.Verdict("""
            [ 1366.830251] mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 9: 0000000000000000
            [ 1366.838823] mce: [Hardware Error]: TSC 2ac997e3063c3
            [ 1366.844468] mce: [Hardware Error]: PROCESSOR 0:50663 TIME 947185249 SOCKET 0 APIC 0 microcode 7000019
            """);
        Finding f = Assert.Single(verdict.Findings, x => x.Id.StartsWith("mce", StringComparison.Ordinal));
        Assert.Equal(("mce-left-over", Severity.Info), (f.Id, f.Severity));
        Assert.Contains("all zero", f.Title);
    }

    [Fact]
    public void What_a_bank_holds_after_sleep_is_undefined()
    {
        Finding f = Assert.Single(Explained.Findings("mce-left-over", """
            Dec 23 21:42:32 host1 Back to C!
            Dec 23 21:42:32 host1 PM: Finishing up.
            Dec 23 21:42:32 host1 MCE: The hardware reports a non fatal, correctable incident occurred on CPU 0.
            Dec 23 21:42:32 host1 Bank 1: f200000000000000
            """));
        Assert.Contains("bank 1 by the resume from sleep", f.Title);
    }

    [Fact]
    public void One_that_was_signalled_in_the_first_second_is_an_error_of_this_boot() =>
        Assert.Empty(Explained.Findings("mce-left-over",
            "[    0.500000] mce: [Hardware Error]: CPU 1: Machine Check Exception: 5 Bank 4: be00400000080813\n" +
            "[    0.500001] mce: [Hardware Error]: TSC 53f78be3a ADDR 3f2e9080\n"));
}

public sealed class EdacDeviceFailingTests
{
    [Fact]
    public void A_cache_that_a_driver_counts_is_told_by_its_name()
    {
        Finding f = Assert.Single(Explained.Findings("edac-device-error",
            "[   12.000000] EDAC DEVICE0: UE: cpu_cache instance: cpu2 block: L2 count: 1 'L2 double bit'\n"));
        Assert.Contains("cpu2, L2", f.Title);
        Assert.Equal(Severity.Error, f.Severity);
    }

    [Fact]
    public void A_bridge_with_a_parity_error_is_told_by_its_address() =>
        Assert.Contains("0000:00:1e.0", Assert.Single(Explained.Findings("edac-device-error",
            "[   12.000000] EDAC PCI: Bridge Detected Parity Error on 0000:00:1e.0\n")).Title);

    [Fact]
    public void An_address_of_all_ones_without_a_count_is_a_false_report()
    {
        const string log = "[   10.000000] EDAC igen6 MC0: HANDLING IBECC MEMORY ERROR\n[   10.100000] EDAC igen6 MC0: ADDR 0x7fffffffe0\n";
        Finding f = Assert.Single(Explained.Findings("edac-false-report", log + log));
        Assert.Contains("all ones (0x7fffffffe0)", f.Title);
        Assert.Empty(Explained.Findings("edac-false-report", log.Replace("7fffffffe0", "13254f000", StringComparison.Ordinal)));
    }
}

public sealed class CriticalTemperatureTests
{
    [Theory]
    [InlineData("thermal thermal_zone3: critical temperature reached (80 C), shutting down", "thermal_zone3", "80 C")]
    [InlineData("thermal thermal_zone0: critical temperature reached, shutting down", "thermal_zone0", "")]
    [InlineData("thermal thermal_zone0: acpitz: critical temperature reached, shutting down", "acpitz", "")]
    [InlineData("Critical temperature reached (105 C), shutting down.", "a sensor", "105 C")]
    [InlineData("reboot: HARDWARE PROTECTION shutdown (Temperature too high)", "a sensor", "")]
    public void The_machine_switched_itself_off(string line, string zone, string degrees)
    {
        Finding f = Assert.Single(Explained.Findings("critical-temperature", $"[  100.000000] {line}\n"));
        Assert.Equal(Severity.Critical, f.Severity);
        Assert.Contains(zone, f.Title);
        Assert.Contains(degrees, f.Title);
    }

    [Fact]
    public void A_trip_point_that_is_only_announced_is_none() =>
        Assert.Empty(Explained.Findings("critical-temperature", "[    1.000000] ACPI: thermal: Thermal Zone [TZ00] (28 C)\n"));
}

public sealed class ProcessorTooHotTests
{
    [Fact]
    public void The_count_in_the_line_tells_more_than_the_number_of_lines()
    {
        Finding f = Assert.Single(Explained.Findings("processor-too-hot", """
            [75145.414575] CPU5: Package temperature above threshold, cpu clock throttled (total events = 678246)
            [75145.414576] CPU1: Package temperature above threshold, cpu clock throttled (total events = 678245)
            """));
        Assert.Contains("678246 times", f.Title);
    }

    [Fact]
    public void The_words_of_2_6_are_read_as_well() =>
        Assert.Single(Explained.Findings("processor-too-hot", "[   75.414575] CPU0: Temperature above threshold\n"));

    [Fact]
    public void Cooling_down_is_no_trouble() =>
        Assert.Empty(Explained.Findings("processor-too-hot", "[75145.414575] CPU5: Package temperature/speed normal\n"));
}
