namespace Kdump.Kernel.Expressions;

/// <summary>The type of a global variable, which BTF does not contain.</summary>
/// <param name="Types">The type in the source; several if kernels differ. The first type whose names are in this kernel's BTF is
/// used.</param>
/// <param name="Source">The kernel source file that declares the variable.</param>
public sealed record KnownVariable(string Name, string Source, params string[] Types);
