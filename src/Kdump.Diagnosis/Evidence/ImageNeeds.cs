namespace Kdump.Diagnosis.Evidence;

/// <summary>A kernel module in the image that names another one which is neither in it nor built in.</summary>
/// <param name="Wanted">It is on the way to this machine's dump target.</param>
public sealed record ModuleNeedUnmet(Source Source, string Module, string Needs, bool Wanted) : Fact(Source);

/// <summary>A module whose vermagic is of another kernel than the folder it stands in.</summary>
public sealed record ModuleVermagicOther(Source Source, string Module, string Vermagic, string Release) : Fact(Source);

/// <summary>Firmware that a module names and the image does not hold.</summary>
/// <param name="Wanted">The module drives the way to this machine's dump target.</param>
/// <param name="InRoot">The machine has the file: null when there is no root to look at.</param>
public sealed record FirmwareNeedUnmet(Source Source, string Module, string Firmware, bool Wanted, bool? InRoot) : Fact(Source);

/// <summary>A shared library that programs need and the dynamic linker will not find.</summary>
/// <param name="Programs">Programs that cannot start without it, directly or through other libraries.</param>
/// <param name="NeededBy">The files that name it.</param>
public sealed record LibraryNeedUnmet(Source Source, string Library, IReadOnlyList<string> NeededBy, IReadOnlyList<string> Programs) : Fact(Source);

/// <summary>An executable whose interpreter (of an ELF file or behind #!) is not in the image.</summary>
/// <param name="Vital">It runs on the way to the dump: init, a hook, what kdump.conf names.</param>
public sealed record InterpreterNeedUnmet(Source Source, string Program, string Interpreter, bool Vital) : Fact(Source);

/// <summary>A file that is started on the way to the dump and has no execute permission.</summary>
public sealed record HookNotExecutable(Source Source, string Path, string StartedBy) : Fact(Source);

/// <summary>A program that the configuration names and the image does not hold.</summary>
/// <param name="Setting">The setting: <c>core_collector</c>, <c>extra_bins</c> …</param>
public sealed record ConfiguredProgramMissing(Source Source, string Setting, string Program) : Fact(Source);

/// <summary>A program file that is cut short or no longer what its headers say: stripped wrongly, or truncated.</summary>
public sealed record ProgramDamaged(Source Source, string Path, string Reason) : Fact(Source);

/// <summary>kdump-probe is in the image.</summary>
public sealed record ProbeInImage(Source Source, string Path) : Fact(Source);
