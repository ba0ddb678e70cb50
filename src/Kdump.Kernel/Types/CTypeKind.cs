namespace Kdump.Kernel.Types;

/// <summary>What a type of the C language is, as far as a dump's values need it. <see cref="Unknown"/>: BTF does not tell.</summary>
public enum CTypeKind : byte
{
    Void, Bool, Int, Float, Enum, Pointer, Array, Struct, Union, Function, Typedef, Qualified, Incomplete, Unknown,
}
