using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Arch.X8664;

namespace Kdump.Tests.Kernel.Arch.X8664;

public sealed class X8664DisassemblerTests
{
    private readonly KernelBuilder kernel = new();

    [Fact]
    public void A_bad_pointer_is_followed_to_where_it_was_loaded_from_and_what_stands_there()
    {
        // nopl; mov 0x10(%rdi),%rax; mov 8(%rax),%edx
        VirtualAddress function = Code("victim", "0f1f440000 488b4710 8b5008");
        VirtualAddress data = kernel.Memory.Allocate(64);
        Assert.Equal(
        [
            "reads 4 bytes at 0000000000000008 = %rax (0x0) + 0x8: 0x8 behind NULL",
            "  %rax: set by mov 0x10(%rdi),%rax at victim+0x5",
            $"    %rdi is 0x{data.Value:x}; at {data + 16} stands 0x0, the same",
            "    %rdi: argument 1 of victim",
        ], Explain(function, 9, ("rdi", data.Value), ("rax", 0)));
    }

    [Fact]
    public void A_place_that_holds_something_else_now_is_told()
    {
        VirtualAddress function = Code("victim", "488b4710 8b5008"), data = kernel.Memory.Allocate(64);
        kernel.Memory.U64(data + 16, 0x1234);
        Assert.Contains(Explain(function, 4, ("rdi", data.Value), ("rax", 0)),
            l => l.EndsWith("stands 0x1234, not 0x0: it was changed since",
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_pointer_that_a_call_returned_is_the_calls()
    {
        VirtualAddress callee = Code("get_thing", "c3");
        // call get_thing; mov (%rax),%rax
        VirtualAddress function = Code("victim", "e800000000 488b00");
        Span<byte> distance = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(distance, unchecked((int)(callee.Value - function.Value - 5)));
        kernel.Memory.Write(function + 1, distance);
        Assert.Contains("  %rax: returned by get_thing (call at victim)", Explain(function, 5, ("rax", 0)));
    }

    [Fact]
    public void A_register_that_a_call_may_have_changed_is_not_followed_through_it()
    {
        // mov %rsi,%rcx; call .; mov (%rcx),%eax
        VirtualAddress function = Code("victim", "4889f1 e800000000 8b01");
        Assert.Contains("  %rcx: not known: the call at victim+0x3 may have changed it", Explain(function, 8, ("rcx", 0)));
    }

    [Fact]
    public void Code_behind_a_jump_that_always_jumps_is_not_run_into()
    {
        // mov (%rsi),%rcx; jmp .+2; mov (%rcx),%eax
        VirtualAddress function = Code("victim", "488b0e eb02 8b01");
        Assert.Contains("  %rcx: set on another way to this place: the code before it is not run into", Explain(function, 5, ("rcx", 0)));
    }

    [Fact]
    public void An_address_that_is_not_canonical_says_so()
    {
        VirtualAddress function = Code("victim", "8b00");
        Assert.Contains(Explain(function, 0, ("rax", 0x6b6b_6b6b_6b6b_6b6b)),
            l => l.Contains("not a canonical address", StringComparison.Ordinal));
    }

    [Fact]
    public void A_BUG_is_told_from_a_bad_access()
    {
        VirtualAddress function = Code("victim", "0f0b");
        Assert.StartsWith("ud2: a BUG()", Explain(function, 0).Single());
    }

    [Fact]
    public void Calls_and_variables_are_named()
    {
        VirtualAddress callee = Code("get_thing", "c3"), variable = kernel.Data("some_variable", 8);
        VirtualAddress function = Code("caller", "e800000000 488b0500000000 c3");
        Span<byte> distance = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(distance, unchecked((int)(callee.Value - function.Value - 5)));
        kernel.Memory.Write(function + 1, distance);
        BinaryPrimitives.WriteInt32LittleEndian(distance, unchecked((int)(variable.Value - function.Value - 12)));
        kernel.Memory.Write(function + 8, distance);
        using Vmcore vmcore = kernel.Open();
        IReadOnlyList<Instruction> code = vmcore.Code()!.Range(function, function + 13);
        Assert.Equal(["get_thing", "some_variable", null], code.Select(i => i.Refers));
        Assert.Equal([5, 7, 1], code.Select(i => i.Bytes.Length));
    }

    [Fact]
    public void A_member_of_a_parameters_struct_is_guessed()
    {
        BtfBuilder t = kernel.Types;
        int u64 = t.Int("long", 8), inner = t.Struct("inner", 16, ("a", u64, 0), ("b", u64, 8));
        int outer = t.Struct("outer", 32, ("next", t.Pointer(inner), 8), ("in", inner, 16));
        int prototype = t.Type("", Kdump.Kernel.Types.BtfKind.FunctionPrototype, 1, 0, [t.Text("it"), (uint)t.Pointer(outer)]);
        t.Type("reads_members", Kdump.Kernel.Types.BtfKind.Function, 0, prototype, []);
        // mov 0x18(%rdi),%rax; mov 8(%rdi),%rdx; mov 8(%rdx),%rcx
        VirtualAddress function = Code("reads_members", "488b4718 488b5708 488b4a08");
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(["it->in.b", "it->next", "it->next->b"], vmcore.Code()!.Range(function, function + 12).Select(i => i.Guess));
    }

    [Fact]
    public void Code_that_was_left_out_ends_the_list()
    {
        VirtualAddress at = kernel.Memory.Allocate(8192, 4096);
        kernel.Memory.Write(at + 4090, [0x90, 0x90, 0x90, 0x90, 0x90, 0x90]);
        kernel.Memory.Take(at + 4096, Kdump.Kernel.Memory.MemoryState.Excluded);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(6, vmcore.Code()!.Range(at + 4090, at + 5000).Count);
    }

    private VirtualAddress Code(string name, string hex)
    {
        byte[] code = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        VirtualAddress at = kernel.Function(name, Math.Max(16, code.Length));
        kernel.Memory.Write(at, code);
        return at;
    }

    private IReadOnlyList<string> Explain(VirtualAddress function, int at, params (string Name, ulong Value)[] registers)
    {
        byte[] raw = new byte[PtRegs.Bytes];
        foreach ((string name, ulong value) in registers.Append(("rip", function.Value + (ulong)at)))
            BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * Array.IndexOf(PtRegs.Names, name)), value);
        using Vmcore vmcore = kernel.Open();
        return vmcore.Code()!.Explain(PtRegs.Full21(raw)!, function);
    }
}
