using System.Text.Json;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests;

public sealed class ProbeReportTests
{
    private static readonly Source Somewhere = new("/dev/kmsg", "[    1.000000] a \"quoted\" \\ line = with\ttab and \u00e9", 7);

    public static TheoryData<Fact> OneOfEachKind() =>
    [
        new KernelState(Somewhere, "6.1.0", "a=b \"c d\"", true, false, 1, null, 1, 1, 44),
        new DumpTarget(Somewhere, TargetKind.Nfs, "host:/a b", "nfs", "/var/crash"),
        new TargetState(Somewhere, "UUID=1", "/dev/disk/by-uuid/1", "", true),
        new DeviceWait(Somewhere, "/dev/x", 40, null, false),
        new KdumpSetting(Somewhere, "failure_action", "shell"),
        new NoDumpSaver(Somewhere, 112),
        new KdumpConfProblem(Somewhere, "given twice"),
        new PciFunction(Somewhere, "0000:1d:00.0", 0x010000, 0x1af4, 0x1001, "virtio block", "", "", -1, "D0", 2, "msix", 0, false, true),
        new PciFunction(Somewhere, "0000:1d:00.1", 0x010000, 0x1af4, 0x1001, "virtio block", "virtio-pci", null, 0, "", 0, "", 8, true,
            false),
        new BusDevice(Somewhere, "virtio", "virtio0", "", "0000:1d:00.0", "block", "virtio_blk"),
        new BlockDevice(Somewhere, "vda1", 1L << 40, "vda", "0000:1d:00.0 virtio0 vda vda1", "u", "l b", "p", ""),
        new DeferredProbe(Somewhere, "usb1", "waits for phy"),
        new VectorDomain(Somewhere, 1, 0, 201) { Reserved = 9, ManagedIdle = 1 },
        new VectorSummary(Somewhere, 1, 190, 201, 5, "pcieport:92 ahci:57"),
        new VectorPrediction(Somewhere, 2, "0000:01:00.0", "nvme", 3, 3, 4, 3) { Available = 402 },
        new VectorOutcome(Somewhere, 2, "0000:01:00.0", "nvme", 3, 4, 2),
        new InterruptDescriptors(Somewhere, 210, 201),
        new MemoryState(Somewhere, 1, 2, 3, 4, 5, -1),
        new RootfsUse(Somewhere, "rootfs", 10, 5),
        new PhysicalMemory(Somewhere, 1L << 45, 0),
        new ProcessMemory(Somewhere, 1, "systemd", 10000),
        new ProbeFailed(Somewhere, "virtio_blk", "virtio0", 28),
        new DriverError(Somewhere, "nvme", "nvme0", 28),
        new InterruptRefused(Somewhere, "xhci_hcd", "0000:ec:00.4"),
        new VectorShortage(Somewhere),
        new FirmwareMissing(Somewhere, "bnx2x", "0000:01:00.0", "bnx2x/fw.bin", 2),
        new OutOfMemory(Somewhere, "systemd", false),
        new AllocationFailure(Somewhere, "modprobe", 5),
        new InitramfsUnpackFailed(Somewhere, "write error"),
        new CallFailed(Somewhere, "irq_matrix_alloc", "a -> b", -28) { Reasoning = "because" },
        new CheckFailed(Somewhere, "vectors", "slow"),
    ];

    [Theory]
    [MemberData(nameof(OneOfEachKind))]
    public void Every_fact_comes_back_from_its_line_as_it_went_in(Fact fact)
    {
        var facts = new Facts();
        facts.Add(fact);
        string line = Assert.Single(ProbeReport.Lines(facts, 10));
        Assert.True(line.Length <= ProbeReport.MaxLine + 6);
        Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        Fact? back = ProbeReport.Read($"<6>[   12.345678] [T1] {line}\r");
        if (fact is VectorDomain domain)
            Assert.Equal((domain.Allocated, domain.Capacity), (Assert.IsType<VectorDomain>(back).Allocated, ((VectorDomain)back).Capacity));
        else
            Assert.Equal(fact, back);
    }

    [Theory]
    [MemberData(nameof(OneOfEachKind))]
    public void Every_fact_comes_back_from_json_as_it_went_in(Fact fact)
    {
        var facts = new Facts();
        facts.Add(fact);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("schema", ProbeReport.Schema);
            ProbeReport.WriteJson(json, facts);
            json.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        var read = new Facts();
        Assert.True(ProbeReportJson.Read(document.RootElement, "report.json", read));
        Assert.Equal(ProbeReport.Lines(facts, 9), ProbeReport.Lines(read, 9));
    }

    [Fact]
    public void Every_kind_has_a_line_in_this_test()
    {
        var facts = new Facts();
        foreach (object[] row in (IEnumerable<object[]>)OneOfEachKind())
            facts.Add((Fact)row[0]);
        Assert.Equal(ProbeReport.KindNames.Order(), ProbeReport.Lines(facts, 9).Select(line => line.Split(' ')[1]).Distinct().Order());
    }

    [Fact]
    public void A_line_that_was_torn_or_mixed_is_no_evidence()
    {
        var facts = new Facts();
        facts.Add(new ProbeFailed(Somewhere, "virtio_blk", "virtio0", 28));
        string line = ProbeReport.Lines(facts, 1).Single();
        for (int i = 1; i < line.Length; i++)
            Assert.Null(ProbeReport.Read(line.AsSpan(0, i)));
        Assert.Null(ProbeReport.Read(line.Replace("virtio0", "virtio1")));
        Assert.Null(ProbeReport.Read(line.Insert(30, "[  OK  ] Started something")));
    }

    [Fact]
    public void A_line_that_is_too_long_loses_fields_at_its_end_and_still_reads()
    {
        var facts = new Facts();
        string wide = new('\u00e9', 400);
        facts.Add(new KernelState(new Source("/proc/cmdline", wide, 1), "6.1", wide, true, true, 1, 1, 1, 1, 1));
        string line = ProbeReport.Lines(facts, 1).Single();
        Assert.InRange(line.Length, 100, ProbeReport.MaxLine + 6);
        Assert.NotNull(ProbeReport.Read(line));
    }

    [Fact]
    public void Of_many_equal_kinds_some_are_told_and_the_rest_counted()
    {
        var facts = new Facts();
        for (int i = 0; i < 10; i++)
            facts.Add(new ProbeFailed(Somewhere, "a", $"b{i}", 28));
        Assert.Equal("kdump-probe: more kind=probefailed count=7", ProbeReport.Lines(facts, 3).Last());
    }

    [Fact]
    public void The_reader_takes_a_report_out_of_a_console_once_and_learns_which_kernel_it_was()
    {
        var facts = new Facts();
        facts.Add(new KernelState(Somewhere, "6.1.0", "elfcorehdr=1", true, true, 1, null, 1, 1, 44));
        facts.Add(new ProbeFailed(Somewhere, "virtio_blk", "virtio0", 28));
        var read = new Facts();
        var reader = new ProbeReportReader();
        int n = 0;
        foreach (string line in ProbeReport.Lines(facts, 10).Concat(ProbeReport.Lines(facts, 10)))
            Assert.True(reader.Line(new TextLine("console", ++n, $"[   44.000001] {line}"), read));
        Assert.False(reader.Line(new TextLine("console", ++n, "[  OK  ] Started kdump-probe.service"), read));
        Assert.True(Assert.Single(read.Of<ProbeFailed>()).Boot?.Capture);
    }
}
