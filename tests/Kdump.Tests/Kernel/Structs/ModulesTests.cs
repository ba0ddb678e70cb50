using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class ModulesTests
{
    private const ulong Area = 0xFFFF_FFFF_C000_0000;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress head;
    private VirtualAddress last;

    public ModulesTests()
    {
        head = kernel.Data("modules", 16);
        kernel.Memory.U64(head, head.Value).U64(head + 8, head.Value);
        last = head;
    }

    /// <summary>The three layouts of a module's memory: mem[], core_layout, module_core.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_module_and_its_symbols_are_found_in_every_layout(int layout)
    {
        Types(layout);
        Add("nvme", Area, layout);
        Add("dm_mod", Area + 0x4000, layout);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal("ok", vmcore.Modules.Status);
        Assert.Equal([("nvme", 0x2000UL, "live", "OE"), ("dm_mod", 0x2000, "live", "OE")],
            vmcore.Modules.Value!.All.Select(m => (m.Name, m.Size, m.State, m.TaintLetters)));
        Assert.Equal("nvme_probe+0x10/0x40 [nvme]", vmcore.Locate(new VirtualAddress(Area + 0x50)).ToString());
        Assert.Equal("nvme_remove+0x8/0xf80 [nvme]", vmcore.Locate(new VirtualAddress(Area + 0x88)).ToString());
        Assert.Equal("dm_mod", vmcore.Modules.Value.At(new VirtualAddress(Area + 0x5FFF))!.Name);
        Assert.Null(vmcore.Locate(new VirtualAddress(Area + 0x2000)));
    }

    [Fact]
    public void A_symbol_table_of_impossible_length_costs_the_names_only()
    {
        Types(0);
        VirtualAddress module = Add("nvme", Area, 0);
        kernel.Memory.U32(kernel.Memory.Pointer(module + 96, "kallsyms") + 8, uint.MaxValue);
        using Vmcore vmcore = kernel.Open();
        Assert.Null(vmcore.Locate(new VirtualAddress(Area + 0x50)));
        Assert.Equal("nvme", vmcore.Modules.Value!.At(new VirtualAddress(Area + 0x50))!.Name);
        Assert.Contains("num_symtab", Assert.Single(vmcore.Modules.Value.Damages).Field);
    }

    [Fact]
    public void A_circle_of_modules_ends()
    {
        Types(0);
        Add("a", Area, 0);
        VirtualAddress second = Add("b", Area + 0x4000, 0);
        kernel.Memory.U64(second + 8, (second + 8).Value);
        using Vmcore vmcore = kernel.Open();
        Assert.InRange(vmcore.Modules.Value!.All.Count, 2, 8);
        Assert.Contains("circle", vmcore.Modules.Value.Damages[0].Reason);
    }

    /// <summary>A symbol of a per-CPU variable is an offset (or an address) in each CPU's area, in no memory of the module.</summary>
    [Fact]
    public void A_per_cpu_variable_of_a_module_is_found_by_name_and_covers_no_code()
    {
        Types(0);
        VirtualAddress module = Add("nvme", Area, 0);
        kernel.Memory.U64(module + 176, 0x2_C000).U32(module + 184, 0x40);
        VirtualAddress table = kernel.Memory.Pointer(kernel.Memory.Pointer(module + 96, "kallsyms"), "symtab");
        kernel.Memory.U64(table + 24 * 2 + 8, 0x2_C010);
        using Vmcore vmcore = kernel.Open();
        ModuleSymbols symbols = vmcore.Modules.Value!.Symbols(vmcore.Modules.Value.All[0])!;
        Assert.Equal([0x2_C010UL], symbols.FindAll("nvme_data").Select(s => s.Address.Value));
        Assert.Equal(2, symbols.Count);
        Assert.Null(vmcore.Modules.Value.At(new VirtualAddress(0x2_C010)));
    }

    /// <summary>The module's file is relocatable: its functions tell where its sections are.</summary>
    [Fact]
    public void Lines_of_a_module_come_from_its_own_file_and_a_file_of_other_functions_is_refused()
    {
        string file = Repository.Path("fixtures", "debuginfo", "gcc-module.o");
        Types(0);
        // Sections of the file are laid out as a loader may: outer first, _start 0x200 further.
        Add("source", Area, 0, ("outer", Area + 0x40), ("_start", Area + 0x240));
        Add("other", Area + 0x4000, 0, ("outer", Area + 0x4040), ("inner", Area + 0x4080));
        using Vmcore vmcore = kernel.Open();
        KernelModule own = vmcore.Modules.Value!.All[0], other = vmcore.Modules.Value.All[1];
        using ModuleDebug? found = ModuleDebug.Open(vmcore, own, null, ["/nowhere", file], out string why);
        Assert.NotNull(found);
        Assert.Equal("outer", found.At(Area + 0x40)[^1].Function);
        Assert.Equal("_start", found.At(Area + 0x240)[^1].Function);
        Assert.Empty(found.At(Area + 0x100));
        Assert.Null(ModuleDebug.Open(vmcore, own, "00112233445566778899aabbccddeeff00112233", [], out why));
        Assert.Equal("no file of it was found", why);
        Assert.Null(ModuleDebug.Open(vmcore, own, null, [Repository.Path("fixtures", "debuginfo", "gcc-dwarf5")], out why));
        Assert.Contains("no module's", why, StringComparison.Ordinal);
        Assert.Null(ModuleDebug.Open(vmcore, other, null, [file], out why));
        Assert.Contains("its functions are not where", why, StringComparison.Ordinal);
    }

    private void Types(int layout)
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0), name = t.Array(t.Int("char", 1), 56);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int kallsyms = t.Pointer(t.Struct("mod_kallsyms", 32, ("symtab", pointer, 0), ("num_symtab", u32, 8), ("strtab", pointer, 16)));
        List<(string, int, int)> members =
            [("state", u32, 0), ("list", list, 8), ("name", name, 24), ("taints", u64, 80), ("kallsyms", kallsyms, 96)];
        int memory = t.Struct("module_memory", 16, ("base", pointer, 0), ("size", u32, 8));
        int old = t.Struct("module_layout", 16, ("base", pointer, 0), ("size", u32, 8), ("text_size", u32, 12));
        members.AddRange(layout switch
        {
            0 => [("mem", t.Array(memory, 3), 112)],
            1 => [("core_layout", old, 112), ("init_layout", old, 128)],
            _ => [("module_core", pointer, 112), ("core_size", u32, 120), ("core_text_size", u32, 124)],
        });
        members.AddRange([("percpu", pointer, 176), ("percpu_size", u32, 184)]);
        t.Struct("module", 192, [.. members]);
    }

    private VirtualAddress Add(string name, ulong at, int layout, params (string Name, ulong Address)[] functions)
    {
        kernel.Memory.Write(new VirtualAddress(at), new byte[0x2000]);
        VirtualAddress module = kernel.Memory.Allocate(192), kallsyms = kernel.Memory.Allocate(32);
        if (functions.Length == 0)
            functions = [($"{name}_remove", at + 0x80), ($"{name}_data", at + 0x1800), ($"{name}_probe", at + 0x40)];
        string strings = $"\0{string.Join('\0', functions.Select(f => f.Name))}\0";
        byte[] table = new byte[24 * (functions.Length + 1)];
        void Symbol(int i, string symbol, ulong address)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(24 * i), strings.IndexOf(symbol, StringComparison.Ordinal));
            table[24 * i + 6] = 1;
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(24 * i + 8), address);
        }

        for (int i = 0; i < functions.Length; i++)
            Symbol(i + 1, functions[i].Name, functions[i].Address);
        kernel.Memory.U64(kallsyms, kernel.Memory.Add(table).Value).U32(kallsyms + 8, (uint)functions.Length + 1)
            .U64(kallsyms + 16, kernel.Memory.Add([.. Encoding.ASCII.GetBytes(strings), .. new byte[1024]]).Value);
        kernel.Memory.Text(module + 24, name).U64(module + 80, 1 << 12 | 1 << 13).U64(module + 96, kallsyms.Value);
        kernel.Memory.U64(last, (module + 8).Value).U64(module + 8, head.Value).U64(module + 16, last.Value);
        last = module + 8;
        VirtualAddress ranges = module + 112;
        if (layout == 0)
            kernel.Memory.U64(ranges, at).U32(ranges + 8, 0x1000).U64(ranges + 16, at + 0x1000).U32(ranges + 24, 0x1000);
        else
            kernel.Memory.U64(ranges, at).U32(ranges + 8, 0x2000).U32(ranges + 12, 0x1000);
        return module;
    }
}
