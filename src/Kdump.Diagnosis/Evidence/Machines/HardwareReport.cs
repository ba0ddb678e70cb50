namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A value that a tool printed of a device.</summary>
/// <param name="Name">As printed; of NVMe's two spellings the one of nvme-cli: <c>media_errors</c>.</param>
/// <param name="Rating">Of an ATA attribute the value that falls with wear, and its threshold; of a sensor its limits.</param>
public sealed record ReportedValue(Source Source, string Name, string Text, string Rating = "");

/// <summary>What one run of a tool printed of a device's health.</summary>
/// <param name="Tool"><c>smartctl</c>, <c>nvme smart-log</c>, <c>ethtool -S</c>, <c>sensors</c>, <c>edac-util</c>, <c>ras-mc-ctl</c>,
/// <c>mcelog</c>.</param>
/// <param name="Device">As its command line or head names it, without /dev/; empty where neither is there.</param>
public sealed record HardwareReport(Source Source, string Tool, string Device, IReadOnlyList<ReportedValue> Values) : Fact(Source)
{
    /// <summary>The last line that belongs to it.</summary>
    public long LastLine { get; init; }

    /// <summary>The subject of a finding about it; null if the report names no device.</summary>
    public string? Subject => Device.Length > 0 ? Device : null;

    /// <summary>The path of its device file, for commands.</summary>
    /// <param name="unknown">Used in place of a device that is not named.</param>
    public string Path(string unknown) => "/dev/" + (Subject ?? unknown);

    public ReportedValue? Find(string name) => Values.FirstOrDefault(v => v.Name == name);

    /// <summary>True if the line belongs to this report.</summary>
    public bool Holds(Source line) => line.Input == Source.Input && line.Line >= Source.Line && line.Line <= LastLine;
}
