namespace Kdump.Kernel.Expressions;

/// <summary>Kinds of nodes. Those that begin with Type are types, all others are values.</summary>
internal enum NodeKind : byte
{
    Number, Text, Name, Member, Arrow, Index, Slice, Unary, Binary, Conditional, Cast, SizeOf, Call,
    TypeName, TypeOf, TypePointer, TypeArray,
}
