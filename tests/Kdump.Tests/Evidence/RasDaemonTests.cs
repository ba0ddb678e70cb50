using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Evidence;

/// <summary>
/// Lines as people posted them (github.com/mchehab/rasdaemon issues 121 and pull 12, andikleen/mcelog issue 116, linux-edac mailing list of
/// 11 February 2022), host names left out.
/// </summary>
public sealed class RasDaemonTests
{
    private const string IceLake =
        "112 2023-05-31 10:06:19 -0400 error: MEMORY CONTROLLER RD_CHANNEL0_ERR Transaction: Memory read error MemCtrl:  Corrected read " +
            "error bank: 0x1 bankgroup: 0x1 row: 0x3bc90 column: 0x328 failed device: 0xd rank: 0x5 " +
        "subrank: 0x0 ecc mode:  SDDC, mcg mcgstatus=0, mci Corrected_error, n_errors=1 memory_channel=0, mcgcap=0x0f000c1c, " +
            "status=0x8c00004200800090, addr=0x1efa4c7cc40, misc=0xd03451de4819486, tsc=0x1ddbf37a52d71, " +
        "walltime=0x6477545b, cpu=0x00000020, cpuid=0x000606a6, apicid=0x00000080, socketid=0x00000001, bank=0x0000000d\n";

    private static MachineCheck Record(string text) => Assert.Single(Explained.Facts(text).Of<MachineCheckSeen>()).Record;

    [Fact]
    public void Its_database_gives_the_registers_and_its_words_are_what_we_decode_from_them()
    {
        MachineCheck r = Record(IceLake);
        Assert.Equal((32u, 13, 0x8c00004200800090ul, 0x1efa4c7cc40ul, 1u), (r.Cpu, r.Bank, r.Status, r.Addr, r.Socket));
        string output = Run.KdtOn(IceLake, "mce").Output;
        foreach (string words in (string[])["MEMORY CONTROLLER RD_CHANNEL0_ERR", "Corrected read error",
            "bank: 0x1 bankgroup: 0x1 row: 0x3bc90 column: 0x328", "failed device: 0xd", "rank: 0x5 subrank: 0x0", "ecc mode: SDDC"])
            Assert.Contains(words, output);
    }

    [Fact]
    public void The_unit_of_an_AMD_bank_is_known_by_its_name()
    {
        const string row = "1 2024-12-19 03:52:38 +0000 error: Corrected error, no action required., CPU 2, bank Unified Memory " +
            "Controller (bank=17), mcg mcgstatus=0, mci CECC, memory_channel=0,csrow=1, mcgcap=0x0000011c, " +
            "status=0x9c2040000000011b, addr=0x319deb440, misc=0xd01b0fff01000000, " +
            "walltime=0x67639886, cpuid=0x00870f10, bank=0x00000011\n";
        Assert.Equal((17, 2u), (Record(row).Bank, Record(row).Vendor));
        Finding f = Assert.Single(Explained.Findings("mce-corrected", row));
        Assert.Contains("DRAM ECC error in the Unified Memory Controller", f.Title);
        Assert.Contains("memory_channel=0,csrow=1", f.Title);
        Assert.DoesNotContain("reserved", Run.KdtOn(row, "mce").Output);
    }

    [Fact]
    public void A_journal_record_may_break_within_its_text()
    {
        MachineCheck r = Record("""
            Feb 11 22:34:40 lab rasdaemon[918]:            <...>-42552 [001]     0.007845: mce_record:           2022-02-11 22:34:40 +0100 Unified Memory Controller (bank=18), status= 9c2040000000011b, Corrected error, no action required., mci=CECC, mca= DRAM ECC error.
            Feb 11 22:34:40 lab rasdaemon[918]:  Memory Error 'mem-tx: generic read, tx: generic, level: L3/generic', memory_channel=-2,csrow=0, cpu_type= AMD Scalable MCA, cpu= 0, socketid= 0, misc= d01a0ffe01000000, addr= 4a9d5d4c0, synd= 59c10040a800a00, ipid= 9600350f00, mcgstatus=0, mcgcap= 117, apicid= 0
            """);
        Assert.Equal((18, 0x9c2040000000011bul, 0x9600350f00ul, 0x59c10040a800a00ul), (r.Bank, r.Status, r.Ipid, r.Synd));
        Assert.Equal(2, r.Sources.Count);
    }

    [Fact]
    public void The_kernels_trace_is_read_as_well()
    {
        MachineCheck r =
            Record("           <...>-235     [000] .....   596.892583: mce_record: CPU: 0, MCGc/s: f000c15/0, MC13: 8c00004200800090, " +
            "IPID: 0000000000000000, ADDR/MISC/SYND: 0000000123450000/08000a80c2982086/0000000000000000, " +
            "RIP: 00:<0000000000000000>, TSC: 14120b051a1, PROCESSOR: 0:c06f1, TIME: 1689802780, SOCKET: 0, APIC: 0\n");
        Assert.Equal((13, 0x123450000ul, 0x8000a80c2982086ul, 0xc06f1u), (r.Bank, r.Addr, r.Misc, r.Id!.Value.Value));
        Assert.Null(r.Ipid);
        Assert.Null(r.Synd);
    }

    [Fact]
    public void Errors_of_devices_and_of_memory_keep_their_place()
    {
        Facts facts = Explained.Facts("""
            Memory controller events:
            1 2021-02-27 03:09:05 +0100 2 Corrected error(s): memory read error at CPU_SrcID#0_MC#1_Chan#0_DIMM#0 location: 1:0:0:-1, addr 1234, grain 5, syndrome 0
            PCIe AER events:
            3 2020-04-17 23:00:37 +0000 0000:d9:01.0 Corrected error: Advisory Non-Fatal, BIT15
            4 2020-04-17 23:00:38 +0000 0000:d9:01.0 Uncorrected (Non-Fatal) error: Completer Abort TLP Header: 00000000 00000001 00000002 00000003
            """);
        EdacError memory = Assert.Single(facts.Of<EdacError>());
        Assert.Equal((2, "CPU_SrcID#0_MC#1_Chan#0_DIMM#0"), (memory.Count, memory.Label));
        Assert.Equal([("corrected", 0xa000u), ("non-fatal", 0x8000u)], facts.Of<AerError>().Select(e => (e.Severity, e.Named)));
    }

    [Theory]
    [InlineData("No MCE errors.")]
    [InlineData("1 2024-12-19 03:52:38 +0000 error: dev=8:16, sector=1, nr_sector=8, error='I/O error', rwbs='RA', cmd=''")]
    [InlineData("mce_record: CPU: x")]
    [InlineData("aer_event: mcgstatus= status= ")]
    public void Half_lines_and_those_of_others_yield_nothing(string line) =>
        Assert.Empty(Explained.Facts(line + "\n").Of<MachineCheckSeen>());
}
