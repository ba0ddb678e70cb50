namespace Kdump.Kernel.Types;

/// <summary>BTF_KIND_* of include/uapi/linux/btf.h.</summary>
public enum BtfKind : byte
{
    Void, Int, Pointer, Array, Struct, Union, Enum, Forward, Typedef, Volatile, Const, Restrict, Function, FunctionPrototype,
    Variable, DataSection, Float, DeclTag, TypeTag, Enum64,
}
