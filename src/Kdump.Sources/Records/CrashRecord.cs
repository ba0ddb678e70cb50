using Kdump.Diagnosis.Crashes;

namespace Kdump.Sources.Records;

/// <summary>One crash of one machine in one boot, from one input.</summary>
/// <param name="Id">Equal for two inputs with the same crash.</param>
/// <param name="Machine">Its key: a host name, with its domain where that is known, or where nothing names the machine <c>?</c> and
/// a hash of the first crash's mark, or of the content.</param>
/// <param name="Shape">The data for comparing crashes.</param>
public sealed record CrashRecord(string Id, string Machine, CrashShape Shape)
{
    /// <summary>The end of the year 9999: a later time counts as missing.</summary>
    public const long LastTime = 253_402_300_799;

    /// <summary>
    /// The value of <see cref="TimeFrom"/> if the input gives no time: the file's time is used, and the crash was not later.
    /// </summary>
    public const string Seen = "seen";

    /// <summary>
    /// What happened and when, independent of the machine's name; null where neither a name nor the kernel's clock distinguishes
    /// it.
    /// </summary>
    public string? Event { get; init; }

    /// <summary>What no other telling of the same crash contradicts: see <see cref="CrashProfile"/>.</summary>
    public string Profile { get; init; } = "";

    /// <summary>Names of marks of the boot's other reports, of which this one is the cause or the worst.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Further marks of its life: two inputs that share one report the same crash.</summary>
    public IReadOnlyList<CrashMark> Marks { get; init; } = [];

    /// <summary>The <see cref="Id"/> of an event on a machine.</summary>
    public static string IdOf(string machine, string happened) => ContentHash.OfText($"{machine}|{happened}");

    /// <summary>The key of a machine that nothing names.</summary>
    internal static string NamelessOf(string hash) => "?" + hash[..12];

    public string? Release { get; init; }

    /// <summary>Seconds since 1970, up to <see cref="LastTime"/>; null where nothing dates it.</summary>
    public long? Time { get; init; }

    /// <summary><c>dump</c>, <c>log</c>, <c>log (local time)</c>, <c>path</c> (a dump folder's name), or <see cref="Seen"/>.</summary>
    public string? TimeFrom { get; init; }

    /// <summary>The kernel stopped.</summary>
    public bool Fatal { get; init; }

    /// <summary>The crash was requested: by sysrq, a test module.</summary>
    public bool Requested { get; init; }

    /// <summary>The one line of the verdict.</summary>
    public string Headline { get; init; } = "";

    /// <summary>Ids of the verdict's root causes, likeliest first.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>The first fix of the first cause that has one.</summary>
    public string? Fix { get; init; }

    /// <summary>The fixes of every cause, likeliest first.</summary>
    public IReadOnlyList<string> Fixes { get; init; } = [];

    public DumpOutcome Outcome { get; init; }

    /// <summary>Why there is no complete dump, from the verdict.</summary>
    public string? OutcomeReason { get; init; }

    /// <summary>The finding that explains it; null where none does.</summary>
    public string? OutcomeId { get; init; }

    /// <summary>The fix that would have saved the dump.</summary>
    public string? OutcomeFix { get; init; }

    /// <summary>The parts of the machine that the verdict's causes name: a memory module, a device's address, a disk.</summary>
    public IReadOnlyList<string> Hardware { get; init; } = [];

    /// <summary>The place of the crash: <c>file:line</c>, and the line.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>Amount of detail: of several inputs with one crash, the one with the greatest value is shown.</summary>
    public int Rank => (((Fatal ? 4 : 0) + (Shape.Stack.Count > 0 ? 8 : 0) + (TimeFrom is "dump" or "log" ? 2 : 0) + (int)Outcome) * 64) +
        Math.Min(Shape.Stack.Count, 63);
}

/// <summary>A machine in an input, with or without a crash: counted in the total for shares.</summary>
/// <param name="Key">As in <see cref="CrashRecord.Machine"/>.</param>
/// <param name="Traits">Names and values of its parts and properties.</param>
public sealed record MachineRecord(string Key, bool Named, string? Model, IReadOnlyList<string> Releases,
    IReadOnlyList<KeyValuePair<string, string>> Traits, long? Seen)
{
    /// <summary>The hash of the input that replaces the name of a machine without one.</summary>
    public string? Source { get; init; }
}

public enum InputState
{
    /// <summary>The file contains data of a machine, with or without crashes.</summary>
    Judged,

    /// <summary>The file holds no log, dump or machine.</summary>
    Nothing,

    /// <summary>The file could not be read, or only partly; the reason says why. The part that was read counts.</summary>
    Partly,

    Refused,
}

/// <summary>One file that was given.</summary>
/// <param name="Hash">Hash of its content; equal files are judged once.</param>
/// <param name="Modified">Seconds since 1970.</param>
public sealed record InputRecord(string Path, string Hash, long Bytes, long Modified, string Kind, InputState State, string? Reason);

/// <summary>The result for one unit of a scan: a file, or the files of one dump folder.</summary>
public sealed record Judged(IReadOnlyList<InputRecord> Inputs, IReadOnlyList<MachineRecord> Machines, IReadOnlyList<CrashRecord> Crashes);
