namespace Kdump.Diagnosis.Evidence.Images;

/// <summary>A shared library that programs need and the dynamic linker will not find.</summary>
/// <param name="Programs">Programs that cannot start without it, directly or through other libraries.</param>
/// <param name="NeededBy">The files that name it.</param>
public sealed record LibraryNeedUnmet(Source Source, string Library, IReadOnlyList<string> NeededBy, IReadOnlyList<string> Programs)
    : Fact(Source);

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

/// <summary>
/// A library that a program opens while it runs (the note .note.dlopen of systemd's specification) and the image does not hold.
/// </summary>
/// <param name="Priority"><c>required</c>, <c>recommended</c> or <c>suggested</c>.</param>
public sealed record LibraryOpenedUnmet(Source Source, string Library, string Feature, string Priority, IReadOnlyList<string> OpenedBy)
    : Fact(Source);

/// <summary>A unit that systemd will start names a program that is not in the image.</summary>
public sealed record UnitProgramMissing(Source Source, string Unit, string Program) : Fact(Source);

/// <summary>A module of extra_modules that is not in the image.</summary>
public sealed record ConfiguredModuleMissing(Source Source, string Module) : Fact(Source);

/// <summary>makedumpfile refuses its arguments, or they do not fit the dump target.</summary>
public sealed record CollectorProblem(Source Source, string Problem) : Fact(Source)
{
    /// <summary>The program is not on the machine, so it is not its arguments that are wrong; empty otherwise.</summary>
    public string Missing { get; init; } = "";
}

/// <summary>kdump-probe in the image.</summary>
/// <param name="Path">Where it is, or should be.</param>
/// <param name="Trouble">Why it will not run; empty when it will.</param>
public sealed record ProbeInImage(Source Source, string Path, string Trouble) : Fact(Source)
{
    /// <summary>Something in the image starts it, and it is not there.</summary>
    public bool Missing { get; init; }
}
