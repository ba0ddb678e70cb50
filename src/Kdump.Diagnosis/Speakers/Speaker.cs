namespace Kdump.Diagnosis.Speakers;

/// <summary>The writer of a line: a driver about a device, a subsystem about its object, a program about its unit.</summary>
/// <param name="Name">Driver, subsystem or program: <c>igb</c>, <c>XFS</c>, <c>kdumpctl</c>; empty if the line has no name.</param>
/// <param name="Device">The device that the line is about, as printed: <c>nvme1</c>, <c>dm-3</c>, <c>ata3.00</c>, a unit of
/// systemd.</param>
public sealed record Speaker(string Name, string? Device, PciAddress? Bdf, bool Program)
{
    public static readonly Speaker Nobody = new("", null, null, Program: false);

    public SpeakerKind Kind => field ??= SpeakerKinds.Of(this);

    /// <summary>As a person would name it: <c>igb 0000:02:00.1 eth3</c>.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Name, Bdf?.ToString(), Device }.Where(p => !string.IsNullOrEmpty(p)).Distinct());
}
