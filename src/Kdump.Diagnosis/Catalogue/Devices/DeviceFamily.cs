using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>
/// One kind of device problem, in the wordings of every driver that reports it. A row of <see cref="Words"/> is a wording; one rule,
/// <see cref="Rules.Hardware.DeviceFailed"/>, judges all families, groups their lines by device and counts them.
/// </summary>
public sealed record DeviceFamily(string Id, string Title) : Entry(Id, Title)
{
    /// <summary>
    /// The wordings, one a line: <c>drivers | mark | wording | meaning</c>. Drivers are beginnings of names, <c>*</c> is any driver whose
    /// line names a PCI function, <c>-</c> a line without a driver in front: then the wording takes the
    /// device first, with <c>--</c> no device. The mark is the
    /// severity where it differs (C, E, W, I), a least number of lines behind it, <c>+</c>: what became of it, no trouble alone,
    /// or <c>-</c>: it was overcome, with the same <see cref="Code"/>.
    /// The wording is a <see cref="Shape"/>; <c>{1}</c> … in the meaning are the texts it took.
    /// </summary>
    public required string Words { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    public double Confidence { get; init; } = 0.9;

    /// <summary>Families whose trouble with the same device came first and explains this.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>Families of another device (its controller, its port) whose trouble shortly before explains this.</summary>
    public IReadOnlyList<string> CausedNearBy { get; init; } = [];

    /// <summary>Ids or keys of findings that it explains; <c>{0}</c> is the device, <c>{bdf}</c> its PCI address.</summary>
    public IReadOnlyList<string> Explains { get; init; } = [];

    /// <summary>What to do; for some drivers only where <see cref="DeviceFix.Drivers"/> says so.</summary>
    public IReadOnlyList<DeviceFix> Ways { get; init; } = [];

    /// <summary>Whose log it counts in.</summary>
    public Life In { get; init; }

    /// <summary>Further conditions for the captured texts.</summary>
    public Func<IReadOnlyList<string>, bool>? Holds { get; init; }

    /// <summary>What the lines of its course (<c>+</c>) tell together; it then stands instead of <see cref="Entry.Cause"/>.</summary>
    internal Func<IReadOnlyList<DeviceSaid>, string?>? Remark { get; init; }

    /// <summary>Which of the captured texts distinguishes lines of one wording (1 is the first); 0: none.</summary>
    public int Code { get; init; }

    /// <summary>It is read in the lines of programs too.</summary>
    public bool AnySpeaker { get; init; }

    /// <summary>The rows of <see cref="Words"/>.</summary>
    public IReadOnlyList<DeviceWord> Rows => rows ??= DeviceWord.Parse(Words);

    private IReadOnlyList<DeviceWord>? rows;

    public override IReadOnlyList<Fix> Fixes => [.. Ways.Select(w => new Fix(w.Text, w.Command?.Replace("{0}", "DEVICE")
        .Replace("{bdf}", "BDF").Replace("{name}", "INTERFACE").Replace("{disk}", "DISK"), w.Risk))];

    public override IReadOnlyList<string> Signature => [.. Rows.Where(r => !r.Aftermath).Take(12).Select(r => Shape.Quoted(r.Shape))];
}

/// <summary>A way out for the devices of some drivers (beginnings of names; empty: all).</summary>
/// <param name="Command"><c>{0}</c> the device, <c>{bdf}</c>, <c>{name}</c>, <c>{disk}</c>; without a value there is no command.</param>
public sealed record DeviceFix(string Text, string? Command = null, string? Risk = null, string Drivers = "");
