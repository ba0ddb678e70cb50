namespace Kdump.Formats.Dwarf;

/// <summary>Where in the source an address is.</summary>
/// <param name="Function">The function, as the source names it; null where it is not said.</param>
/// <param name="File">Its file as the compiler had it, made whole with the folder of the compilation; null where it is not said.</param>
/// <param name="Line">0 where it is not said.</param>
/// <param name="Inlined">The compiler put the function into the next place's one.</param>
public sealed record SourcePlace(string? Function, string? File, ulong Line, bool Inlined);
