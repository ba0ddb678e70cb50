namespace Kdump.Kernel.Expressions;

/// <summary>The type of a variable, which BTF does not have.</summary>
/// <param name="Types">As the source declares it; several where kernels differ: the first whose names this kernel's BTF has.</param>
/// <param name="Source">The file that declares it.</param>
public sealed record KnownVariable(string Name, string Source, params string[] Types);
