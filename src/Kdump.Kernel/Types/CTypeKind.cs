namespace Kdump.Kernel.Types;

/// <summary>Kinds of C types, as far as needed to read a dump's values. <see cref="Unknown"/>: BTF does not contain the type.</summary>
public enum CTypeKind : byte
{
    Void, Bool, Int, Float, Enum, Pointer, Array, Struct, Union, Function, Typedef, Qualified, Incomplete, Unknown,
}
