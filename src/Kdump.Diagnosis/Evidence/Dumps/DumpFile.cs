namespace Kdump.Diagnosis.Evidence.Dumps;

/// <summary>A dump file, described by its own headers and pages.</summary>
/// <param name="Format"><c>kdump-compressed v6</c> …</param>
/// <param name="Incomplete">Its writer marked it as incomplete.</param>
/// <param name="Lost">Number of pages that should be in it and are lost.</param>
/// <param name="Level">makedumpfile's -d, where the header keeps it.</param>
public sealed record DumpFile(Source Source, string Format, bool Incomplete, long Lost, int? Level) : Fact(Source)
{
    /// <summary>Time of the crash in seconds since 1970 (UTC), if the dump has it.</summary>
    public long? CrashTime { get; init; }

    /// <summary>Pages that were read to see whether the file is whole.</summary>
    public int Sampled { get; init; }

    /// <summary>Pages that should be in the dump but cannot be read.</summary>
    public int Unreadable { get; init; }
}

/// <summary>Where the crashed kernel stopped, according to its memory in the dump.</summary>
/// <param name="Cpu">The CPU that crashed.</param>
/// <param name="Function">The innermost frame that is not part of the crash's own handling; null where no stack could be read.</param>
public sealed record DumpCrash(Source Source, int Cpu, int Pid, string Command, string? Function, string? Module) : Fact(Source)
{
    /// <summary>The frames from that one on, innermost first, as far as they are proven.</summary>
    public IReadOnlyList<DumpFrame> Frames { get; init; } = [];

    /// <summary>The first of <see cref="Frames"/> called panic() itself.</summary>
    public bool CalledPanic { get; init; }

    /// <summary>The instruction pointer was not in code: the first of <see cref="Frames"/> jumped or called there.</summary>
    public bool WildJump { get; init; }
}

/// <summary>A function on the stack of the CPU that crashed.</summary>
/// <param name="Name">As the symbol table has it, with what the compiler appends.</param>
/// <param name="Offset">Bytes into it.</param>
public sealed record DumpFrame(string Name, string? Module, ulong Offset, ulong Size);

/// <summary>A part of a dump that could not be read, for another reason than that its writer left it out on purpose.</summary>
/// <param name="What">vmcoreinfo, log, kallsyms, btf, orc.</param>
public sealed record DumpUnread(Source Source, string What, string Why) : Fact(Source);

/// <summary>A task that was in uninterruptible sleep when the machine died.</summary>
/// <param name="Seconds">Since it last ran, by its CPU's clock.</param>
/// <param name="Limit">After how many the dead kernel itself would have called it hung.</param>
/// <param name="Function">Where, past the functions of the scheduler and of locks.</param>
/// <param name="Lock">What it waits for, with its name if any; null if that is not a lock or not proven.</param>
/// <param name="Holder">Who the lock's owner field names.</param>
/// <param name="HolderAt">Where the holder was.</param>
/// <param name="Readers">Readers hold it; the holder is only the last of them.</param>
public sealed record BlockedTask(
    Source Source, int Pid, string Command, double Seconds, double Limit, string? Function, string? Lock, DumpTask? Holder,
        string? HolderAt, bool Readers) : Fact(Source)
{
    /// <summary>Locks of this kind keep their owner.</summary>
    public bool OwnerKept { get; init; } = true;

    /// <summary>A fatal signal would end its sleep: the kernel calls no such task hung, however long it waits.</summary>
    public bool Killable { get; init; }
}

/// <summary>Tasks that wait for each other's locks in a circle.</summary>
/// <param name="Links">One sentence for each of them, in order.</param>
public sealed record DumpDeadlock(Source Source, IReadOnlyList<string> Links, IReadOnlyList<int> Pids) : Fact(Source)
{
    /// <summary>The first of them whose wait a signal would end; null if there is none.</summary>
    public DumpTask? Wakeable { get; init; }
}

/// <summary>A register at the fault that points into memory which was free.</summary>
/// <param name="Register">As the oops names it: RBX.</param>
/// <param name="Cache">The slab cache of the object.</param>
public sealed record DumpObject(Source Source, string Register, string Cache, ulong Offset) : Fact(Source);

public sealed record DumpTask(int Pid, string Command)
{
    public override string ToString() => $"{Command} ({Pid})";
}

/// <summary>Something of the kernel's own that cannot be read because its page was left out of the dump.</summary>
/// <param name="What">stacks, tasks, interrupts …</param>
/// <param name="Level">The level that the dump was written with, where its header keeps it.</param>
public sealed record DumpGap(Source Source, string What, int? Level) : Fact(Source);
