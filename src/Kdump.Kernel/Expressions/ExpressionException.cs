namespace Kdump.Kernel.Expressions;

/// <summary>An expression that cannot be read or has no value: where in its text, and what was expected there.</summary>
public sealed class ExpressionException(int column, string message) : Exception(message)
{
    /// <summary>Characters before the place that is wrong.</summary>
    public int Column => column;
}
