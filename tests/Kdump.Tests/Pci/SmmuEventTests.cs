using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Tests.Pci;

/// <summary>Every event of the SMMUv3 architecture (7.3), by number and by name, and what an SMMU says of itself.</summary>
public sealed class SmmuEventTests
{
    private static SmmuEvent[] Read(string log) => [.. Explained.Facts(log).Of<SmmuEvent>()];

    [Theory]
    [InlineData(0x01, "F_UUT", "not supported")]
    [InlineData(0x02, "C_BAD_STREAMID", "does not know the device")]
    [InlineData(0x03, "F_STE_FETCH", "could not be read from memory")]
    [InlineData(0x04, "C_BAD_STE", "is not valid")]
    [InlineData(0x05, "F_BAD_ATS_TREQ", "ATS")]
    [InlineData(0x06, "F_STREAM_DISABLED", "switched off")]
    [InlineData(0x07, "F_TRANSL_FORBIDDEN", "ATS")]
    [InlineData(0x08, "C_BAD_SUBSTREAMID", "PASID")]
    [InlineData(0x09, "F_CD_FETCH", "context of its substream could not be read")]
    [InlineData(0x0a, "C_BAD_CD", "context of its substream is not valid")]
    [InlineData(0x0b, "F_WALK_EABT", "page table could not be read")]
    [InlineData(0x10, "F_TRANSLATION", "not mapped for the device")]
    [InlineData(0x11, "F_ADDR_SIZE", "too large")]
    [InlineData(0x12, "F_ACCESS", "access flag")]
    [InlineData(0x13, "F_PERMISSION", "does not allow")]
    [InlineData(0x20, "F_TLB_CONFLICT", "page cache fit the same address")]
    [InlineData(0x21, "F_CFG_CONFLICT", "contradict each other")]
    [InlineData(0x25, "F_VMS_FETCH", "virtual machine")]
    public void An_event_is_known_by_its_number_and_by_its_name(int number, string name, string means)
    {
        SmmuEvent old = Assert.Single(Read($"""
            [  10.000000] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x{number:x2} received:
            [  10.000001] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x00000100000000{number:x2}
            [  10.000002] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000020800000000
            [  10.000003] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x00000000fffff000
            [  10.000004] arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000000000
            """));
        Assert.Equal((name, 0x100u), (old.Event, old.Stream));
        Assert.Contains(means, old.Meaning, StringComparison.Ordinal);
        SmmuEvent named = Assert.Single(Read($"[  10.000000] arm-smmu-v3 arm-smmu-v3.0.auto: event: {name} client: 0000:01:00.0 " +
            "sid: 0x100 ssid: 0x0 iova: 0xfffff000 ipa: 0x0"));
        Assert.Equal((name, 0x100u, "0000:01:00.0"), (named.Event, named.Stream, named.Client));
        Assert.Equal(old.Meaning, named.Meaning);
    }

    [Theory]
    [InlineData("device has entered Service Failure Mode!", "SFM", "given up")]
    [InlineData("EVTQ MSI write aborted", "QUEUE_ABORT", "to memory")]
    [InlineData("EVTQ write aborted -- events may have been lost", "QUEUE_ABORT", "to memory")]
    [InlineData("EVTQ overflow detected -- events lost", "EVTQ_OVERFLOW", "lost")]
    [InlineData("CMDQ error (cons 0x02000010): Illegal command", "CMDQ_ERR", "cannot carry out")]
    [InlineData("CMD_SYNC timeout at 0x0000000f [hwprod 0x00000010, hwcons 0x0000000f]", "CMD_SYNC", "does not finish")]
    [InlineData("unexpected global error reported (0x00000004), this could be serious", "GERROR", "global error")]
    public void What_the_SMMU_says_of_itself_is_told(string says, string kind, string means)
    {
        SmmuEvent[] events = Read($"[  10.000000] arm-smmu-v3 arm-smmu-v3.0.auto: {says}");
        Assert.Equal(kind, Assert.Single(events).Event);
        Assert.Contains(means, events[0].Meaning, StringComparison.Ordinal);
    }
}
