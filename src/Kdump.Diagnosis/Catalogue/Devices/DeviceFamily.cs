using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>
/// One kind of device problem, in the wordings of every driver that reports it. A row of <see cref="Words"/> is a wording; one rule,
/// <see cref="Rules.Hardware.DeviceFailed"/>, judges all families, groups their lines by device and counts them.
/// </summary>
public sealed record DeviceFamily(string Id, string Title) : Entry(Id, Title)
{
    /// <summary>
    /// The wordings, one on each line: <c>drivers | mark | wording | meaning</c>. Drivers are prefixes of driver names; <c>*</c> is
    /// any driver whose line names a PCI function; <c>-</c> is a line without a driver in front, whose wording takes the device
    /// first; <c>--</c> is a line with neither driver nor device. The mark is a severity that differs from the family's (C, E, W,
    /// I), followed by the least number of lines that count; <c>+</c> marks a line that tells how the trouble went on and is no
    /// trouble by itself, <c>~</c> one that tells that the device works again; <c>?</c> marks a line that counts only where the
    /// better lines of its report were not posted; <c>L</c> one that is usual in the first minutes of a kernel; <c>-</c> marks
    /// a line that shows it was overcome, with the same <see cref="Code"/>. The wording is a
    /// <see cref="Shape"/>; <c>{1}</c> … in the meaning are the texts it captured.
    /// </summary>
    public required string Words { get; init; }

    /// <summary>
    /// Instead of the title where no line of a device is as bad as the family: what a device still does must not be called dead.
    /// </summary>
    public string? Milder { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    public double Confidence { get; init; } = 0.9;

    /// <summary>Families whose earlier trouble with the same device explains this one.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>Families of another device (its controller, its port) whose trouble shortly before explains this.</summary>
    public IReadOnlyList<string> CausedNearBy { get; init; } = [];

    /// <summary>Ids or keys of findings that it explains; <c>{0}</c> is the device, <c>{bdf}</c> its PCI address.</summary>
    public IReadOnlyList<string> Explains { get; init; } = [];

    /// <summary>What to do; for some drivers only where <see cref="DeviceFix.Drivers"/> says so.</summary>
    public IReadOnlyList<DeviceFix> Ways { get; init; } = [];

    /// <summary>The kernel in whose log it counts.</summary>
    public Life In { get; init; }

    /// <summary>Further conditions for the captured texts.</summary>
    public Func<IReadOnlyList<string>, bool>? Holds { get; init; }

    /// <summary>Makes one sentence of the lines marked <c>+</c>; it replaces <see cref="Entry.Cause"/>.</summary>
    internal Func<IReadOnlyList<DeviceSaid>, string?>? Remark { get; init; }

    /// <summary>Which of the captured texts distinguishes lines of one wording (1 is the first); 0: none.</summary>
    public int Code { get; init; }

    /// <summary>Lines of programs count too, not only those of the kernel.</summary>
    public bool AnySpeaker { get; init; }

    /// <summary>The rows of <see cref="Words"/>.</summary>
    public IReadOnlyList<DeviceWord> Rows => rows ??= DeviceWord.Parse(Words);

    private IReadOnlyList<DeviceWord>? rows;

    public override IReadOnlyList<Fix> Fixes => [.. Ways.Select(w => new Fix(w.Text, w.Command?.Replace("{0}", "DEVICE")
        .Replace("{bdf}", "BDF").Replace("{name}", "INTERFACE").Replace("{disk}", "DISK"), w.Risk))];

    public override IReadOnlyList<string> Signature => [.. Rows.Where(r => !r.Aftermath).Take(12).Select(r => Shape.Quoted(r.Shape))];
}

/// <summary>A fix for the devices of some drivers (prefixes of driver names; empty: all; <c>!</c> in front: all but these).</summary>
/// <param name="Command"><c>{0}</c> the device, <c>{bdf}</c>, <c>{name}</c>, <c>{disk}</c>; if one of them has no value there is no
/// command.</param>
public sealed record DeviceFix(string Text, string? Command = null, string? Risk = null, string Drivers = "");
