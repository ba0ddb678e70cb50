namespace Kdump.Diagnosis.Evidence;

/// <summary>A dump that lies there, as its own headers and pages have it.</summary>
/// <param name="Format"><c>kdump-compressed v6</c> …</param>
/// <param name="Incomplete">Its writer says that it did not finish.</param>
/// <param name="Lost">Pages that it should have and that cannot be had.</param>
/// <param name="Level">makedumpfile's -d, where the header keeps it.</param>
public sealed record DumpFile(Source Source, string Format, bool Incomplete, long Lost, int? Level) : Fact(Source);

/// <summary>Where the crashed kernel stopped, out of its memory.</summary>
/// <param name="Cpu">The CPU that crashed.</param>
/// <param name="Function">The innermost frame that is not part of the crash's own handling; null where no stack could be read.</param>
public sealed record DumpCrash(Source Source, int Cpu, int Pid, string Command, string? Function, string? Module) : Fact(Source);
