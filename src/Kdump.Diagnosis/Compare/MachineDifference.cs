namespace Kdump.Diagnosis.Compare;

/// <summary>Something that two machines do not have in common.</summary>
/// <param name="Area">acs, iommu-group, device, driver, firmware, bios, kernel, cmdline, config, link, sriov.</param>
/// <param name="Weight">0 … 100, what to look at first.</param>
/// <param name="A">What the first one has; empty when it has nothing.</param>
public sealed record MachineDifference(string Area, int Weight, string Subject, string A, string B, string Why);
