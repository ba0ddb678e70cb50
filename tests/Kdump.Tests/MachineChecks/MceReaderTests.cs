using System.Text.Json;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.MachineChecks;

public sealed class MceReaderTests
{
    private const string TimerOnTwoCpus = """
        CPU 19: Machine Check Exception: 4 Bank 5: be00000000800400
        TSC 7ebbc5c7e698b4 ADDR 1579aa6
        PROCESSOR 0:206c2 TIME 1480763330 SOCKET 0 APIC 11
        CPU 7: Machine Check Exception: 4 Bank 5: be00000000800400
        TSC 7ebbc5c7e698c8 ADDR 1579aa6
        PROCESSOR 0:206c2 TIME 1480763330 SOCKET 0 APIC 10
        Machine check: Processor context corrupt
        """;

    private static IReadOnlyList<MachineCheck> Read(string text)
    {
        var all = new List<MachineCheck>();
        var reader = new MceReader(all.Add);
        long number = 0;
        foreach (string line in text.Split('\n'))
            reader.Line(new TextLine("log", ++number, line));
        reader.End();
        return all;
    }

    [Fact]
    public void Two_CPUs_that_report_one_status_within_some_ticks_are_one_event()
    {
        var (code, output, _) = Run.KdtOn(TimerOnTwoCpus, "mce");
        Assert.Equal(1, code);
        Assert.Contains("one event, reported by 2 CPUs: 19, 7", output);
        Assert.Contains("MCA: Internal Timer error", output);
        Assert.Contains("CPUID Vendor Intel Family 6 Model 44 Step 2", output);
        Assert.DoesNotContain("# 2.", output);
    }

    [Fact]
    public void Json_has_the_fields_of_the_contract()
    {
        using JsonDocument json = JsonDocument.Parse(Run.KdtOn(TimerOnTwoCpus, "mce", "--json").Output);
        JsonElement e = json.RootElement.GetProperty("events")[0];
        Assert.Equal("kdt.mce/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(19, e.GetProperty("cpu").GetInt32());
        Assert.Equal(5, e.GetProperty("bank").GetInt32());
        Assert.Equal("0xbe00000000800400", e.GetProperty("status").GetString());
        Assert.Equal("0x1579aa6", e.GetProperty("addr").GetString());
        Assert.Equal(JsonValueKind.Null, e.GetProperty("misc").ValueKind);
        Assert.Equal("fatal", e.GetProperty("severity").GetString());
        Assert.Equal(1480763330, e.GetProperty("time").GetInt64());
        foreach (string field in (string[])["mcgstatus", "cpuid", "socket", "apic", "mca", "lines"])
            Assert.True(e.TryGetProperty(field, out _), field);
    }

    [Theory]
    [InlineData("CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("[Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("[ 4030.05] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("<0>[ 4030.050653][  T123] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData(
        "Dec  3 11:08:50 host kernel: [ 4030.050653] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("2016-12-21 16:07:49 [2592938.163474] [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("HARDWARE ERROR CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400")]
    [InlineData("EDAC sbridge MC1: CPU 6: Machine Check Event: 4 Bank 5: be00000000800400")]
    public void Any_prefix_leads_to_the_same_record(string line)
    {
        MachineCheck record = Assert.Single(Read(line));
        Assert.Equal((6u, 5, 0xbe00000000800400, 4UL),
            (record.Cpu!.Value, record.Bank!.Value, record.Status!.Value, record.McgStatus!.Value));
    }

    [Theory]
    [InlineData("CPU 3 is now offline")]
    [InlineData("CPU 1 5 things happened")]
    [InlineData("CPU: 3 PID: 12 Comm: kworker Not tainted")]
    [InlineData("TIME 12 o'clock")]
    [InlineData("STATUS 200")]
    [InlineData("mce: CPU0: Thermal monitoring enabled (TM1)")]
    [InlineData("[    0.1] mce: Using 32 MCE banks")]
    public void Ordinary_lines_are_no_record(string line) => Assert.Empty(Read(line));

    [Fact]
    public void Fields_of_todays_kernels_belong_to_the_record()
    {
        MachineCheck r = Assert.Single(Read("""
            [ 77.1] mce: [Hardware Error]: CPU 40: Machine Check Exception: f Bank 1: bd80000000100134
            [ 77.2] mce: [Hardware Error]: RIP 10:<ffffffff8b9b2f60> {copy_page+0x10/0x20}
            [ 77.3] mce: [Hardware Error]: TSC 5bb2a8f0d4 ADDR 11c7c11000 MISC 86 PPIN 21bb11aa00cc44dd 
            [ 77.4] mce: [Hardware Error]: PROCESSOR 0:806f8 TIME 1700000000 SOCKET 0 APIC 30 microcode 2b000461
            """));
        Assert.Equal((0x21bb11aa00cc44ddUL, 0x2b000461u, "copy_page+0x10/0x20", 0x86UL),
            (r.Ppin!.Value, r.Microcode!.Value, r.Symbol!, r.Misc!.Value));
        Assert.Equal(4, r.Sources.Count);
    }

    [Fact]
    public void Heads_of_two_CPUs_in_a_row_get_their_lines_in_turn()
    {
        IReadOnlyList<MachineCheck> records = Read("""
            mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 7: 8c00004000010090
            mce: [Hardware Error]: CPU 2: Machine Check: 0 Bank 8: 8800004000010091
            mce: [Hardware Error]: TSC 11 ADDR 1000 MISC 86
            mce: [Hardware Error]: TSC 22 MISC 87
            mce: [Hardware Error]: PROCESSOR 0:306f2 TIME 5 SOCKET 0 APIC 1
            mce: [Hardware Error]: PROCESSOR 0:306f2 TIME 5 SOCKET 1 APIC 2
            """);
        Assert.Equal([(1u, 0x11UL, 0u), (2u, 0x22UL, 1u)], records.Select(r => (r.Cpu!.Value, r.Tsc!.Value, r.Socket!.Value)));
    }

    [Fact]
    public void Caller_ids_tell_mixed_records_apart()
    {
        IReadOnlyList<MachineCheck> records = Read("""
            [ 1.1][  C1] mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 7: 8c00004000010090
            [ 1.1][  C2] mce: [Hardware Error]: CPU 2: Machine Check: 0 Bank 8: 8c00004000010091
            [ 1.2][  C2] mce: [Hardware Error]: TSC 22 ADDR 2000 MISC 86
            [ 1.2][  C1] mce: [Hardware Error]: TSC 11 ADDR 1000 MISC 86
            """);
        Assert.Equal([(1u, 0x1000UL), (2u, 0x2000UL)], records.Select(r => (r.Cpu!.Value, r.Addr!.Value)));
    }

    [Fact]
    public void Without_a_processor_the_architectural_code_is_decoded_all_the_same()
    {
        string output = Run.KdtOn("CPU 6: Machine Check Exception: 0 Bank 8: 88000040000200cf\nTSC 0 MISC 98873a2000043000\n", "mce")
            .Output;
        Assert.Contains("Transaction: Memory scrubbing error", output);
        Assert.Contains("no PROCESSOR line", output);
        Assert.Contains("corrected", output);
    }

    [Fact]
    public void An_input_output_error_names_its_root_port_and_not_the_processor()
    {
        string output =
            Run.KdtOn(
            "CPU 0: Machine Check Exception: 4 Bank 6: bb80000000000e0b\nTSC 1 MISC 0000000000150000\nPROCESSOR 0:206d7 TIME 1 SOCKET 0 " +
            "APIC 0\n", "mce").Output;
        Assert.Contains("IO MCA reported by root port 0:00:02.5", output);
        Assert.Contains("0000:00:02.5", output);
        Assert.Contains("not at the processor", output);
    }

    [Fact]
    public void A_cut_record_says_what_is_not_there()
    {
        string output = Run.KdtOn("CPU 6: Machine Check Exception: 4 Bank 5: be000000008", "mce").Output;
        Assert.Contains("MISC is valid", Run.KdtOn("CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400", "mce").Output);
        Assert.Contains("CPU 6 BANK 5", output);
    }

    [Fact]
    public void A_scalable_AMD_bank_is_named_by_its_IPID()
    {
        string output = Run.KdtOn("""
            mce: [Hardware Error]: CPU 50: Machine Check: 0 Bank 17: 9c2040000000011b
            mce: [Hardware Error]: TSC 211e48a4da413 ADDR 2969be11c0 MISC d01a0001fe000000 SYND a2000300b400003 IPID 9600150f00
            mce: [Hardware Error]: PROCESSOR 2:a10f11 TIME 1737798501 SOCKET 1 APIC 2c microcode b002110
            """, "mce").Output;
        Assert.Contains("[Hardware Error]: Unified Memory Controller Ext. Error Code: 0", output);
        Assert.Contains("DRAM ECC error", output);
        Assert.Contains("memory channel 1, chip select 3", output);
    }

    [Fact]
    public void Records_of_the_same_paste_count_once()
    {
        string once = TimerOnTwoCpus.ReplaceLineEndings("\n");
        IReadOnlyList<MceGroup> groups = GroupsOf(once + "\n" + once);
        Assert.Equal(2, Assert.Single(groups).Events.Count);
    }

    private static IReadOnlyList<MceGroup> GroupsOf(string text)
    {
        var facts = new Facts { Boot = new Boot("log", 0) };
        var lines = new MachineCheckLines();
        long number = 0;
        foreach (string line in text.Split('\n'))
            lines.Line(new TextLine("log", ++number, line), facts);
        lines.End(facts);
        return MceGroup.From(facts.Of<MachineCheckSeen>());
    }
}
