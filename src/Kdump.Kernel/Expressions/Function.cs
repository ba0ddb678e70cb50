namespace Kdump.Kernel.Expressions;

/// <summary>A function of the language.</summary>
/// <param name="Parameters">One letter each: e a value, t a type, m a member, as <c>offsetof</c> takes it.</param>
/// <param name="Needed">How many of them must be there.</param>
/// <param name="Usage">How it is called.</param>
/// <param name="Meaning">What it gives.</param>
public sealed record Function(string Name, string Parameters, int Needed, string Usage, string Meaning);
