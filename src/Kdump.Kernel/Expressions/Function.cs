namespace Kdump.Kernel.Expressions;

/// <summary>A function of the expression language.</summary>
/// <param name="Parameters">One letter per parameter: e a value, t a type, m a member path (as for <c>offsetof</c>).</param>
/// <param name="Needed">Number of required parameters.</param>
/// <param name="Usage">A sample call, for the help.</param>
/// <param name="Meaning">Description of the result, for the help.</param>
public sealed record Function(string Name, string Parameters, int Needed, string Usage, string Meaning);
