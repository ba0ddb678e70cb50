using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>What tools print of a device, given alone: healthy by what was read, or bad with the device's name.</summary>
public sealed class HardwareReportReadTests
{
    private const string Table = """
        # smartctl -a /dev/sdb
        smartctl 7.2 2020-12-30 r5155 [x86_64-linux-5.15.0] (local build)
        === START OF READ SMART DATA SECTION ===
        SMART overall-health self-assessment test result: PASSED
        ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE
          5 Reallocated_Sector_Ct   0x0033   200   200   140    Pre-fail  Always       -       0
        197 Current_Pending_Sector  0x0032   200   200   000    Old_age   Always       -       PENDING
        199 UDMA_CRC_Error_Count    0x0032   200   200   000    Old_age   Always       -       0
        """;

    private static Finding Only(string text, string id = "hardware-report")
    {
        Verdict verdict = Explained.Verdict(text);
        Assert.Empty(verdict.Unknowns);
        return Assert.Single(verdict.Findings, f => f.Id == id);
    }

    [Fact]
    public void A_healthy_table_is_said_to_be_without_error_by_its_values()
    {
        Finding finding = Only(Table.Replace("PENDING", "0", StringComparison.Ordinal));
        Assert.Equal(Severity.Info, finding.Severity);
        Assert.StartsWith("smartctl of sdb shows no error: overall health PASSED, Reallocated_Sector_Ct 0", finding.Title,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8%", "10%", true)]
    [InlineData("8", "10", true)]
    [InlineData("10%", "10%", false)]
    [InlineData("100%", "10%", false)]
    public void Fewer_spare_blocks_than_the_disk_wants_are_no_health(string left, string least, bool bad)
    {
        string text = $"Smart Log for NVME device:nvme3n1 namespace-id:ffffffff\ncritical_warning : 0\navailable_spare : {left}\n" +
            $"available_spare_threshold : {least}\npercentage_used : 40%\nmedia_errors : 0\n";
        Finding finding = Only(text);
        Assert.Equal(bad ? Severity.Error : Severity.Info, finding.Severity);
        Assert.Equal(bad, finding.Title.StartsWith("the disk nvme3n1 has 8 % of its spare blocks left", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_value_has_the_name_of_the_disk_from_the_command_line()
    {
        Finding finding = Only(Table.Replace("PENDING", "24", StringComparison.Ordinal));
        Assert.StartsWith("the disk sdb counts 24 sectors that it cannot read", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Command == "smartctl -t long /dev/sdb");
    }

    [Fact]
    public void PASSED_alone_is_no_proof_of_health() => Assert.Contains("only has the disk's own judgement",
        Only("# smartctl -H /dev/sda\nSMART overall-health self-assessment test result: PASSED\n").Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("$ nvme smart-log /dev/nvme1n1\ncritical_warning : 0\navailable_spare : 100%\nmedia_errors : 0\n",
        "nvme smart-log of nvme1n1 shows no error")]
    [InlineData("# edac-util\nedac-util: No errors to report.\n", "edac-util shows no error")]
    [InlineData("# ras-mc-ctl --summary\nNo Memory errors.\n\nNo MCE errors.\n", "ras-mc-ctl shows no error")]
    [InlineData("# mcelog\n#\n", "mcelog shows no error")]
    [InlineData("# ethtool -S enp3s0\nNIC statistics:\n     rx_packets: 7812345\n     rx_crc_errors: 0\n     tx_errors: 0\n",
        "ethtool -S of enp3s0 shows no error")]
    [InlineData("coretemp-isa-0000\nAdapter: ISA adapter\nCore 0:  +43.0°C  (high = +80.0°C, crit = +100.0°C)\n" +
        "in0:  +0.90 V  (min =  +0.00 V, max =  +0.00 V)  ALARM\n", "sensors shows no error")]
    public void Healthy_output_of_a_tool_is_neither_refused_nor_an_alarm(string text, string title)
    {
        Finding finding = Only(text);
        Assert.StartsWith(title, finding.Title, StringComparison.Ordinal);
        Assert.Equal(Severity.Info, finding.Severity);
    }

    [Theory]
    [InlineData("$ sensors\ncoretemp-isa-0000\nAdapter: ISA adapter\nCore 0: +101.0°C  (high = +80.0°C, crit = +100.0°C)  ALARM (CRIT)\n",
        "the sensor Core 0 of coretemp-isa-0000 is beyond its limit")]
    [InlineData("nct6775-isa-0290\nAdapter: ISA adapter\nfan2:           0 RPM  (min =  600 RPM)  ALARM\n",
        "the sensor fan2 is beyond its limit")]
    [InlineData("# ethtool -S eno1\nNIC statistics:\n     rx_errors: 4294967295\n     rx_crc_errors: 4294967295\n",
        "the network card eno1 no longer answers")]
    public void Bad_output_says_which_and_how_much(string text, string title) =>
        Assert.StartsWith(title, Only(text).Title, StringComparison.Ordinal);

    [Fact]
    public void A_familys_finding_has_the_reports_device()
    {
        Finding finding = Explained.Verdict("# nvme smart-log /dev/nvme2\ncritical_warning : 0x4\nmedia_errors : 182\n").Findings
            .Single(f => f.Id == "disk-reports-itself");
        Assert.StartsWith("nvme2: the NVMe disk warns", finding.Title, StringComparison.Ordinal);
        Assert.Equal("smartctl -x /dev/nvme2", finding.Fixes[0].Command);
    }

    [Fact]
    public void A_kernels_log_that_speaks_of_a_tool_is_no_report_of_it() =>
        Assert.DoesNotContain(Explained.Verdict("[    1.000000] mce: [Hardware Error]: Run the above through 'mcelog --ascii'\n").Findings,
            f => f.Id == "hardware-report");

    [Fact]
    public void A_device_that_lspci_shows_beside_a_fault_gets_its_name() =>
        Assert.Contains("Marvell Technology Group Ltd. 88SE9230", Explained.Verdict("""
            03:00.0 SATA controller [0106]: Marvell Technology Group Ltd. 88SE9230 PCIe SATA 6 Gb/s Controller [1b4b:9230] (rev 11)
            	Kernel driver in use: ahci

            [    4.123456] DMAR: [DMA Write] Request device [03:00.1] fault addr fff00000 [fault reason 02] Present bit is clear
            """).Findings.Single(f => f.Id == "iommu-fault").Why, StringComparison.Ordinal);

    [Fact]
    public void Zeros_of_the_mcelog_daemon_are_no_trouble() =>
        Assert.Equal(Severity.Info, Assert.Single(Explained.Verdict("Memory errors\nSOCKET 0 CHANNEL 0 DIMM any\n" +
            "corrected memory errors:\n\t0 total\n\t0 in 24h\nuncorrected memory errors:\n\t0 total\n\t0 in 24h\n").Findings).Severity);

    [Fact]
    public void Without_a_driver_nobody_counts_memory_errors() =>
        Assert.Contains("counts no memory errors", Assert.Single(Explained.Findings("hardware-report",
            "edac-util: Error: No memory controller data found.\n")).Title, StringComparison.Ordinal);

    [Fact]
    public void An_alarm_without_a_limit_is_set_aside_in_words()
    {
        Finding finding = Assert.Single(Explained.Findings("hardware-report", "coretemp-isa-0000\nAdapter: ISA adapter\n" +
            "Package id 0:  +103.0 C  (high = +80.0 C, crit = +100.0 C)  ALARM (CRIT)\n" +
            "in1:            +1.02 V  (min =  +0.00 V, max =  +0.00 V)  ALARM\n"));
        Assert.Contains("Set aside: the flag ALARM of in1", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+98.0 C  (high = +80.0 C, hyst = +75.0 C)  ALARM", true)]
    [InlineData("+98.0 C  (high = +80.0 C, hyst = +75.0 C)", false)]
    [InlineData("+45.0 C  (high = +80.0 C, hyst = +75.0 C)  ALARM", false)]
    [InlineData("+98.0 C  (high = +127.0 C, hyst = +75.0 C)  ALARM", false)]
    public void Heat_above_the_high_limit_counts_where_the_flag_says_so_too(string value, bool beyond) =>
        Assert.Equal(beyond, Explained.Findings("hardware-report", "nct6798-isa-0290\nAdapter: ISA adapter\n" + $"CPUTIN:  {value}\n")
            .Any(f => f.Title.Contains("beyond its limit", StringComparison.Ordinal)));
}
