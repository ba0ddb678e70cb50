using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>A token of an expression.</summary>
/// <param name="Column">Number of characters before the token.</param>
/// <param name="Value">Value of a number or a character literal.</param>
/// <param name="Type">Type of a number, by C's rules for its value and suffix.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Column, ulong Value = 0, CType? Type = null)
{
    public bool Is(string operation) => Kind == TokenKind.Operator && Text == operation;

    public override string ToString() => Kind == TokenKind.End ? "the end" : $"'{Text}'";
}
