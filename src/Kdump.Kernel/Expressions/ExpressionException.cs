namespace Kdump.Kernel.Expressions;

/// <summary>An invalid expression or one without a value: the position in its text, and what was expected there.</summary>
public sealed class ExpressionException(int column, string message, string? text = null) : Exception(message)
{
    /// <summary>Number of characters before the error.</summary>
    public int Column => column;

    /// <summary>The text that the column refers to, if it is only a part of the user's input.</summary>
    public string? Text => text;
}
