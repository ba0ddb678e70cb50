using Kdump.Formats.Bytes;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Tests.Kernel.Types;

public sealed class CTypeTests
{
    private readonly BtfBuilder builder = new();

    [Fact]
    public void Declarations_are_written_as_C_writes_them()
    {
        int number = builder.SignedInt("int", 4), character = builder.SignedInt("char", 1), word = builder.Int("long unsigned int", 8);
        int list = builder.Struct("list_head", 16), pointer = builder.Pointer(list);
        int handler = builder.Pointer(builder.Prototype(number, ("signal", number), ("data", builder.Pointer(0)), ("", 0)));
        int row = builder.Array(builder.Array(pointer, 4), 2), text = builder.Pointer(builder.Const(character));
        int empty = builder.Prototype(0), constant = builder.Const(builder.Pointer(character));
        Btf btf = Btf.Parse(builder.Bytes(), "btf");
        Assert.Equal("struct list_head *next", CDeclaration.Of(CType.Of(btf, pointer), "next"));
        Assert.Equal("int (*handler)(int signal, void *data, ...)", CDeclaration.Of(CType.Of(btf, handler), "handler"));
        Assert.Equal("struct list_head *x[2][4]", CDeclaration.Of(CType.Of(btf, row), "x"));
        Assert.Equal("const char *", CType.Of(btf, text).ToString());
        Assert.Equal("char *const name", CDeclaration.Of(CType.Of(btf, constant), "name"));
        Assert.Equal("void f(void)", CDeclaration.Prototype(CType.Of(btf, empty), "f"));
        Assert.Equal("unsigned long (*)[3]", CType.PointerTo(CType.ArrayOf(CType.Of(btf, word), 3)).ToString());
    }

    [Fact]
    public void A_layout_tells_offsets_holes_and_what_anonymous_members_hold()
    {
        int word = builder.Int("long unsigned int", 8), small = builder.Int("unsigned char", 1);
        int inner = builder.Union("", 8, ("whole", word, 0), ("low", small, 0));
        builder.Struct("outer", 40, ("first", small, 0), ("", inner, 8), ("last", word, 24));
        Btf btf = Btf.Parse(builder.Bytes(), "btf");
        Assert.Equal([("first", 0, 0L, 0), ("", 8, 7, 0), ("whole", 8, 0, 1), ("low", 8, 0, 1), ("last", 24, 8, 0), ("(end)", 0, 8, 0)],
            StructLayout.Of(btf.Struct("outer")!).Select(m => (m.Member?.Name ?? "(end)", m.Member?.Offset ?? 0, m.Hole, m.Depth)));
    }

    [Fact]
    public void Types_that_hold_themselves_end()
    {
        // Ids are given in order: the struct is 1, the function 2, the prototype 3, the variable 4.
        builder.Struct("ouroboros", 8, ("", 1, 0), ("", 1, 0), ("x", 1, 0));
        builder.Function("circle", 2);
        builder.Prototype(3, ("f", 3), ("g", 3), ("h", 3));
        builder.Variable("self", 4);
        Btf btf = Btf.Parse(builder.Bytes(), "btf");
        Assert.NotEmpty(StructLayout.Of(btf.Struct("ouroboros")!));
        Assert.Equal(CTypeKind.Unknown, CType.Of(btf, 2).Kind);
        Assert.InRange(CType.Of(btf, 3).ToString().Length, 1, 10_000);
        Assert.Equal(CTypeKind.Unknown, CType.Of(btf, 4).Kind);
        Assert.Throws<InputException>(() => btf.Struct("ouroboros")!.Find("none"));
    }

    [Fact]
    public void An_object_whose_type_holds_itself_is_cut()
    {
        KernelBuilder kernel = new();
        kernel.Types.Struct("ouroboros", 8, ("", 1, 0), ("x", 1, 0));
        kernel.Data("thing", 8);
        using Kdump.Kernel.Vmcore vmcore = kernel.Open();
        Interpreter interpreter = new(vmcore, () => throw new InputException("none", "tasks", -1, "none"), () => null);
        KernelObject thing = (KernelObject)interpreter.Evaluate("(struct ouroboros)thing");
        Assert.NotNull(new ObjectTree(interpreter.Types, 3, 10).Of(thing));
    }
}
