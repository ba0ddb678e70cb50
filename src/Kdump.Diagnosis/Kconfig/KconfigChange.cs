namespace Kdump.Diagnosis.Kconfig;

/// <summary>An option that two configs hold differently.</summary>
/// <param name="Area">What it is about: iommu, kdump, boot, pci, memory, driver, or other.</param>
/// <param name="Weight">0 hardly matters here … 100 look at this first.</param>
/// <param name="Why">Why it matters; empty where nothing particular is known.</param>
public sealed record KconfigChange(string Option, string Before, string After, string Area, int Weight, string Why);
