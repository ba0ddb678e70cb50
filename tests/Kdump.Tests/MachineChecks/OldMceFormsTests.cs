using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.MachineChecks;

/// <summary>Words of 2.4, 2.6, Xen and management controllers keep CPU, bank, status and address.</summary>
public sealed class OldMceFormsTests
{
    [Theory]
    [InlineData("CPU 0: Machine Check Exception: 0000000000000007\nBank 3: b40000000000083b at 000000fdfc000cfc\n")]
    [InlineData("(XEN) CPU 0: Machine Check Exception: 0000000000000007\n(XEN) Bank 3: b40000000000083b at 000000fdfc000cfc\n")]
    [InlineData("(XEN) CPU0: Machine Check Exception:                7\n(XEN) Bank 3: b40000000000083b[               1] at       " +
        "fdfc000cfc\n")]
    public void Head_and_bank_stand_on_lines_of_their_own(string log)
    {
        MachineCheck r = Assert.Single(Explained.Facts(log).Of<MachineCheckSeen>()).Record;
        Assert.Equal((0u, 3, 0xb40000000000083bul, 0xfdfc000cfcul, 7ul), (r.Cpu, r.Bank, r.Status, r.Addr, r.McgStatus));
        Finding f = Assert.Single(Explained.Findings("mce-fatal", log));
        Assert.Contains("0xfdfc000cfc", f.Why);
    }

    [Fact]
    public void Every_bank_below_a_head_is_that_CPUs()
    {
        IReadOnlyList<MachineCheckSeen> seen = Explained.Facts(
            "CPU 3: Machine Check Exception: 0000000000000004\nBank 1: b600000000000175\nBank 4: " +
            "b200000000070f0f\n").Of<MachineCheckSeen>();
        Assert.Equal([(3u, 1), (3u, 4)], seen.Select(s => (s.Record.Cpu!.Value, s.Record.Bank!.Value)));
    }

    [Fact]
    public void A_head_without_a_bank_is_no_all_clear()
    {
        Verdict verdict = Explained.Verdict("[  100.000000] CPU 6: Machine Check Exception: 4\n");
        Finding f = Assert.Single(verdict.Findings, x => x.Id == "mce-fatal");
        Assert.Contains("CPU 6", f.Title);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("bank and status", StringComparison.Ordinal));
    }

    [Fact]
    public void A_management_controllers_log_holds_whole_records()
    {
        const string log = """
            LOG: Uncorrectable Machine Check Exception (Board 0, Processor 1, APIC ID 0x00000010, Bank 0x00000005, Status 0xBA000000'00400405, Address 0x00000000'00000000, Misc 0x00000000'00004280)
            LOG: Uncorrectable Machine Check Exception (Board 0, Processor 1, APIC ID 0x00000011, Bank 0x00000005, Status 0xBA000000'00400405, Address 0x00000000'00000000, Misc 0x00000000'00000080)
            """;
        Finding f = Assert.Single(Explained.Findings("mce-fatal", log));
        Assert.Contains("processor 1", f.Title);
        Assert.Contains("2 records", f.Why);
    }

    [Fact]
    public void A_guest_is_sent_to_its_host()
    {
        Finding f = Assert.Single(Explained.Findings("mce-fatal", """
            [   48.682033] hv_balloon: Max. dynamic memory size: 16384 MB
            [   84.977164] mce: [Hardware Error]: CPU 0: Machine Check Exception: 4 Bank 0: b200000080060001
            [   84.977170] mce: [Hardware Error]: TSC 2db9f8ee73
            [   84.977171] mce: [Hardware Error]: PROCESSOR 0:b0671 TIME 1789999206 SOCKET 0 APIC 0 microcode ffffffff
            """));
        Assert.Contains("guest (Hyper-V)", f.Why);
        Assert.Contains("host", Assert.Single(f.Fixes).Text);
    }

    [Fact]
    public void A_row_of_ras_mc_ctl_keeps_its_CPU_and_its_processor()
    {
        const string row = "1 2024-12-19 03:52:38 +0000 error: Corrected error, no action required., CPU 2, bank Unified Memory " +
            "Controller (bank=21), mcg mcgstatus=0, mci Error_overflow CECC, memory_channel=0,csrow=2, mcgcap=0x0000011d, " +
            "status=0xdc2040000400011b, addr=0x7d41b7940, misc=0xd01a000601000000, walltime=0x6506e4a4, cpuid=0x00a60f12, " +
            "bank=0x00000015\n";
        MachineCheck r = Assert.Single(Explained.Facts(row).Of<MachineCheckSeen>()).Record;
        Assert.Equal((2u, 0x61u), (r.Cpu, r.Id!.Value.Model));
        Finding f = Assert.Single(Explained.Findings("mce-corrected", row));
        Assert.Contains("Zen 4", f.Why);
        Assert.DoesNotContain(f.Fixes, x => x.Command?.Contains("soft_offline", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_threshold_gone_yellow_is_an_error()
    {
        Finding f = Assert.Single(Explained.Findings("mce-corrected", """
            mce: [Hardware Error]: CPU 2: Machine Check: 0 Bank 6: cc59dec000041152
            mce: [Hardware Error]: TSC 0 ADDR 1422ff800 MISC 13020004086
            mce: [Hardware Error]: PROCESSOR 0:406e3 TIME 1702475168 SOCKET 0 APIC 1 microcode d6
            """));
        Assert.Equal(Severity.Error, f.Severity);
        Assert.Contains("yellow", f.Why);
        Assert.DoesNotContain("healthy", f.Why + f.Fixes[0].Text);
    }
}
