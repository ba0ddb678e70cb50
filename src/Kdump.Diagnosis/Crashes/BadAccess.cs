namespace Kdump.Diagnosis.Crashes;

/// <summary>What a fault report says of the access that failed.</summary>
/// <param name="Address">What was accessed, or the register's value that looks like it; a virtual address.</param>
/// <param name="Kind"><c>read</c>, <c>write</c>, <c>execute</c>; null where the report does not tell.</param>
/// <param name="Meaning">Of the address, kebab-case, as in <see cref="AddressMeaning"/>; null if it has no known meaning.</param>
/// <param name="Says">The meaning in a sentence; null as above.</param>
/// <param name="Source">The line that the meaning rests on.</param>
public sealed record BadAccess(ulong Address, string? Kind, string? Meaning, string? Says, Source Source);
