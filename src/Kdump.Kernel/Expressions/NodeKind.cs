namespace Kdump.Kernel.Expressions;

/// <summary>What a part of an expression is. Those that begin with Type stand for types, all others for values.</summary>
internal enum NodeKind : byte
{
    Number, Text, Name, Member, Arrow, Index, Slice, Unary, Binary, Conditional, Cast, SizeOf, Call,
    TypeName, TypeOf, TypePointer, TypeArray,
}
