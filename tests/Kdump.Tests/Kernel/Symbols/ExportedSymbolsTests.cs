using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Symbols;

/// <summary>Variables of a kernel without CONFIG_KALLSYMS_ALL, out of __ksymtab.</summary>
public sealed class ExportedSymbolsTests
{
    private const ulong Table = MemoryBuilder.ImageStart + 0x6000, Names = MemoryBuilder.ImageStart + 0x8000,
        Data = MemoryBuilder.ImageStart + 0x60_0000;

    /// <summary>Exports sorted by name; <c>task_exit</c> has no text of its own, it is the end of another's.</summary>
    private static Vmcore Kernel(int entry, bool withData = false)
    {
        KernelBuilder kernel = new();
        kernel.Function("schedule", 64);
        if (withData)
            kernel.Symbols.Add("init_task", Data + 0x900, 'D');
        string[] names = ["alloc_pages", "init_mm_shared", "init_task", "jiffies", "nr_cpu_ids", "profile_task_exit", "task_exit",
            "zone_map"];
        Dictionary<string, ulong> texts = [];
        ulong next = Names;
        foreach (string name in names.Where(n => n != "task_exit"))
        {
            texts[name] = next;
            kernel.Memory.Write(new VirtualAddress(next), [.. Encoding.ASCII.GetBytes(name), 0]);
            next += (ulong)name.Length + 1;
        }
        texts["task_exit"] = texts["profile_task_exit"] + 8;
        byte[] table = new byte[names.Length * entry];
        for (int i = 0; i < names.Length; i++)
        {
            ulong at = Table + (ulong)(i * entry);
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(i * entry), (int)(Data + (ulong)(i * 0x100) - at));
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(i * entry + 4), (int)(texts[names[i]] - (at + 4)));
        }
        kernel.Memory.Write(new VirtualAddress(Table), table);
        return Vmcore.Open(kernel.Dump());
    }

    [Theory]
    [InlineData(12)]
    [InlineData(8)]
    public void Exported_variables_are_found_where_kallsyms_has_only_functions(int entry)
    {
        using Vmcore kernel = Kernel(entry);
        Assert.NotNull(kernel.Kallsyms.Value?.Find("schedule"));
        Assert.Equal(new VirtualAddress(Data + 0x200), kernel.FindSymbol("init_task"));
        Assert.Equal(new VirtualAddress(Data), kernel.FindSymbol("alloc_pages"));
        Assert.Equal(new VirtualAddress(Data + 0x600), kernel.FindSymbol("task_exit"));
        Assert.Equal(new VirtualAddress(Data + 0x700), kernel.FindSymbol("zone_map"));
        Assert.Null(kernel.FindSymbol("modules"));
    }

    [Fact]
    public void A_table_of_symbols_that_has_data_is_believed_alone()
    {
        using Vmcore kernel = Kernel(12, withData: true);
        Assert.Equal(new VirtualAddress(Data + 0x900), kernel.FindSymbol("init_task"));
        Assert.Null(kernel.FindSymbol("zone_map"));
    }
}
