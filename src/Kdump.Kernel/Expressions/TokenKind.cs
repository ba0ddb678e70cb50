namespace Kdump.Kernel.Expressions;

internal enum TokenKind : byte
{
    End, Number, Character, Text, Name, Operator,
}
