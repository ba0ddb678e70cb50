using Kdump.Diagnosis.Crashes;

namespace Kdump.Sources.Records;

/// <summary>One crash of one machine in one boot, from one input.</summary>
/// <param name="Id">Equal for two inputs with the same crash.</param>
/// <param name="Machine">Its key: a host name, with its domain where that is told, or where nothing names the machine <c>?</c> and a hash
/// of the first crash's mark, or of the content.</param>
/// <param name="Shape">The data for comparing crashes.</param>
public sealed record CrashRecord(string Id, string Machine, CrashShape Shape)
{
    /// <summary>The end of the year 9999: a later time counts as missing.</summary>
    public const long LastTime = 253_402_300_799;

    /// <summary>What <see cref="TimeFrom"/> says where nothing tells the time: that of the file, no earlier than which it was
    /// seen.</summary>
    public const string Seen = "seen";

    /// <summary>What happened and when, whatever the machine is called; null where neither a name nor the kernel's clock tells it from
    /// others.</summary>
    public string? Event { get; init; }

    /// <summary>The events of the boot's other reports, of which this one is the cause or the worst.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>By what else its life is known: two tellings with one of them are of one crash.</summary>
    public IReadOnlyList<CrashMark> Marks { get; init; } = [];

    /// <summary>The <see cref="Id"/> of what happened to a machine.</summary>
    public static string IdOf(string machine, string happened) => ContentHash.OfText($"{machine}|{happened}");

    public string? Release { get; init; }

    /// <summary>Seconds since 1970, up to <see cref="LastTime"/>; null where nothing dates it.</summary>
    public long? Time { get; init; }

    /// <summary><c>dump</c>, <c>log</c>, <c>log (local time)</c>, <c>path</c> (a dump folder's name), or <see cref="Seen"/>.</summary>
    public string? TimeFrom { get; init; }

    /// <summary>The kernel stopped.</summary>
    public bool Fatal { get; init; }

    /// <summary>It was requested: sysrq, a test module.</summary>
    public bool Requested { get; init; }

    /// <summary>The verdict's one line.</summary>
    public string Headline { get; init; } = "";

    /// <summary>Ids of the verdict's root causes, likeliest first.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>The first fix of the first cause that has one.</summary>
    public string? Fix { get; init; }

    /// <summary>Of every cause what mends it, likeliest first.</summary>
    public IReadOnlyList<string> Fixes { get; init; } = [];

    public DumpOutcome Outcome { get; init; }

    /// <summary>Why there is no complete dump, from the verdict.</summary>
    public string? OutcomeReason { get; init; }

    /// <summary>The finding that explains it; null where none does.</summary>
    public string? OutcomeId { get; init; }

    /// <summary>What would have saved the dump.</summary>
    public string? OutcomeFix { get; init; }

    /// <summary>The parts of the machine that the verdict's causes name: a memory module, a device's address, a disk.</summary>
    public IReadOnlyList<string> Hardware { get; init; } = [];

    /// <summary>Where it stands: <c>file:line</c>, and the line.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Amount of detail: of several inputs with one crash, the one with the greatest value is shown.</summary>
    public int Rank => (((Fatal ? 4 : 0) + (Shape.Stack.Count > 0 ? 8 : 0) + (TimeFrom is "dump" or "log" ? 2 : 0) + (int)Outcome) * 64) +
        Math.Min(Shape.Stack.Count, 63);
}

/// <summary>A machine in an input, with or without a crash: the total for shares.</summary>
/// <param name="Key">As in <see cref="CrashRecord.Machine"/>.</param>
/// <param name="Traits">Name and value of what it is made of.</param>
public sealed record MachineRecord(string Key, bool Named, string? Model, IReadOnlyList<string> Releases,
    IReadOnlyList<KeyValuePair<string, string>> Traits, long? Seen)
{
    /// <summary>The hash of the input that stands for a machine without a name.</summary>
    public string? Source { get; init; }
}

public enum InputState
{
    /// <summary>It contains data of a machine, with or without crashes.</summary>
    Judged,

    /// <summary>Nothing in it is a log, a dump or a machine.</summary>
    Nothing,

    /// <summary>It could not be read, or only partly; the reason says why. The part that was read counts.</summary>
    Partly,

    Refused,
}

/// <summary>One file that was given.</summary>
/// <param name="Hash">Of its content; equal files are judged once.</param>
/// <param name="Modified">Seconds since 1970.</param>
public sealed record InputRecord(string Path, string Hash, long Bytes, long Modified, string Kind, InputState State, string? Reason);

/// <summary>What one unit of a scan gave: a file, or the files of one dump folder.</summary>
public sealed record Judged(IReadOnlyList<InputRecord> Inputs, IReadOnlyList<MachineRecord> Machines, IReadOnlyList<CrashRecord> Crashes);
