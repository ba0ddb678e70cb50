namespace Kdump.Formats.Dwarf;

/// <summary>The place in the source code that belongs to an address.</summary>
/// <param name="Function">Name of the function in the source; null if not known.</param>
/// <param name="File">The source file as passed to the compiler, completed with the compilation directory; null if not known.</param>
/// <param name="Line">Line number; 0 if not known.</param>
/// <param name="Inlined">True if the compiler inlined the function into the function of the next place.</param>
public sealed record SourcePlace(string? Function, string? File, ulong Line, bool Inlined);
