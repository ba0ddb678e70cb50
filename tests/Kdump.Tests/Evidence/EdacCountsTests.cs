using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>What tools of the trade print of EDAC's counters, in their documented forms.</summary>
public sealed class EdacCountsTests
{
    [Theory]
    [InlineData("mc0: csrow2: mc#0csrow#2channel#0: 3 Corrected Errors\nmc0: csrow2: mc#0csrow#2channel#1: 0 Corrected Errors\n",
        "mc#0csrow#2channel#0", 3, false)]
    [InlineData("Label               \tCE\tUE\nmc#0csrow#3channel#0\t0\t0\nDIMM_B2\t12\t0\n", "DIMM_B2", 12, false)]
    [InlineData("Memory controller events summary:\n\tUncorrected on DIMM Label(s): 'CPU_SrcID#0_MC#0_Chan#0_DIMM#0' location: " +
        "0:0:0:-1 errors: 2\n",
        "CPU_SrcID#0_MC#0_Chan#0_DIMM#0", 2, true)]
    [InlineData("/sys/devices/system/edac/mc/mc0/dimm3/dimm_ce_count:12\n/sys/devices/system/edac/mc/mc0/dimm4/dimm_ce_count:0\n",
        "mc0 dimm3", 12,
        false)]
    [InlineData("/sys/devices/system/edac/mc/mc1/csrow2/ch0_ue_count:1\n", "mc1 csrow2 channel 0", 1, true)]
    [InlineData("Memory errors\nSOCKET 0 CHANNEL 1 DIMM 0\nDMI_NAME \"DIMM_A1\"\ncorrected memory errors:\n\t12 total\n\t3 in 24h\n" +
        "uncorrected memory errors:\n\t0 total\n\t0 in 24h\n", "SOCKET 0 CHANNEL 1 DIMM 0 (DIMM_A1)", 12, false)]
    public void Counts_of_tools_name_the_place(string text, string label, long count, bool uncorrected)
    {
        EdacError e = Assert.Single(Explained.Facts(text).Of<EdacError>());
        Assert.Equal((label, count, uncorrected, true), (e.Label, e.Count, e.Uncorrected, e.Total));
        Verdict verdict = Explained.Verdict(text);
        Assert.Contains(verdict.Findings, f => f.Title.Contains(label, StringComparison.Ordinal) && f.Severity >= Severity.Warning);
    }

    [Fact]
    public void The_daemons_threshold_names_the_page() =>
        Assert.Contains("10 corrected memory errors at physical address 0x5d4d45000", Assert.Single(Explained.Findings("mce-corrected",
            "mcelog: Corrected memory errors on page 5d4d45000 exceed threshold 10 in 24h: 10 in 24h\n")).Title);

    [Fact]
    public void A_total_is_not_counted_on_top_of_the_lines_that_made_it() =>
        Assert.Contains("2 corrected memory errors", Assert.Single(Explained.Findings("mce-corrected",
            "[    1.000000] EDAC MC0: 1 CE on DIMM_B2 (channel:0)\n[   99.000000] EDAC MC0: 1 CE on DIMM_B2 (channel:0)\n" +
            "Label\tCE\tUE\nDIMM_B2\t2\t0\n")).Title);

    [Fact]
    public void Zeros_are_no_errors() =>
        Assert.Empty(Explained.Facts("Label\tCE\tUE\nDIMM_B2\t0\t0\nmc0: 0 Uncorrected Errors with no DIMM info\n").Of<EdacError>());
}
