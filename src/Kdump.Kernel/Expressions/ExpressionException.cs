namespace Kdump.Kernel.Expressions;

/// <summary>An expression that cannot be read or has no value: where in its text, and what was expected there.</summary>
public sealed class ExpressionException(int column, string message, string? text = null) : Exception(message)
{
    /// <summary>Characters before the place that is wrong.</summary>
    public int Column => column;

    /// <summary>The text that the column counts in, where it is not the whole that somebody wrote.</summary>
    public string? Text => text;
}
