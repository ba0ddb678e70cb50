using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>A word of an expression.</summary>
/// <param name="Column">Characters before it.</param>
/// <param name="Value">Of a number or a character.</param>
/// <param name="Type">Of a number, by C's rules for its size and suffix.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Column, ulong Value = 0, CType? Type = null)
{
    public bool Is(string operation) => Kind == TokenKind.Operator && Text == operation;

    public override string ToString() => Kind == TokenKind.End ? "the end" : $"'{Text}'";
}
