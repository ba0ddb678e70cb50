namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A dump that an earlier crash left on the machine.</summary>
/// <param name="Path">The dump's file.</param>
/// <param name="Time">When it was written, seconds since 1970; 0 when unknown.</param>
/// <param name="State">What its name and its notes say of it.</param>
/// <param name="Release">The kernel that crashed; empty where no log lies beside it.</param>
/// <param name="CommandLine">That kernel's; empty as well.</param>
/// <param name="Firmware">The machine and its BIOS as that kernel printed them (<c>DMI: …</c>); empty as well.</param>
public sealed record PastDump(Source Source, string Path, long Time, long Bytes, PastDumpState State, string Release,
    string CommandLine, string Firmware) : Fact(Source)
{
    public bool Complete => State == PastDumpState.Whole;

    /// <summary>The line in which the crash kernel's own log, kept beside it, says that saving failed; null without one.</summary>
    public Source? Failed { get; init; }
}

/// <summary>What is left of an earlier crash.</summary>
public enum PastDumpState
{
    /// <summary>A finished dump.</summary>
    Whole,

    /// <summary>A dump that was begun.</summary>
    Torn,

    /// <summary>The crashed kernel's log, or the crash kernel's, and no dump.</summary>
    LogOnly,
}

/// <summary>Something else that an earlier crash left: a record of pstore, or of firmware's boot error table.</summary>
/// <param name="Kind"><c>pstore</c> or <c>BERT</c>.</param>
/// <param name="Time">Seconds since 1970; 0 when unknown.</param>
public sealed record PastRecord(Source Source, string Kind, long Time) : Fact(Source);

/// <summary>One run of the machine, as wtmp tells it.</summary>
/// <param name="Started">Seconds since 1970.</param>
/// <param name="Ended">When it was shut down; 0 where it ended without a shutdown: panic, reset, power.</param>
/// <param name="Next">When the next run began; 0 for the present one.</param>
public sealed record PastBoot(Source Source, long Started, long Ended, long Next, string Release) : Fact(Source);

/// <summary>
/// What kdumpctl test noted of its last try (<c>vmcore-creation.status</c>): <c>success</c>, <c>fail</c>, <c>manual</c>, <c>clear</c>.
/// </summary>
public sealed record DumpTest(Source Source, string Status, long Time) : Fact(Source);

/// <summary>A report that <c>kdt host rehearse --record</c> kept.</summary>
/// <param name="Release">The kernel that was rehearsed; empty when not known.</param>
/// <param name="ImageHash">SHA-256 of its image.</param>
/// <param name="Reached">How far it came: <c>dump</c>, <c>target</c> …</param>
/// <param name="Opens">A dump was written, and it opens.</param>
public sealed record PastRehearsal(Source Source, long Time, string Release, string ImageHash, string Reached, bool Opens) : Fact(Source);

/// <summary>The image that would be loaded now.</summary>
/// <param name="Hash">SHA-256; empty where it is too large or may not be read.</param>
public sealed record ImageNow(Source Source, string Path, string Hash, long Modified) : Fact(Source);

/// <summary>Something differs now from when the last dump was written.</summary>
/// <param name="What"><c>kernel</c>, <c>image</c>, <c>configuration</c>, <c>command line</c>, <c>firmware</c>.</param>
public sealed record ChangedSinceDump(Source Source, string What, string Before, string Now) : Fact(Source);

/// <summary>The places where a machine keeps its dumps were looked into.</summary>
public sealed record HistorySeen(Source Source, IReadOnlyList<string> Places) : Fact(Source);
