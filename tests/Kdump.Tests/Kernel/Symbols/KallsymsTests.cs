using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Symbols;

public sealed class KallsymsTests
{
    private const ulong Start = MemoryBuilder.ImageStart;
    private readonly MemoryBuilder memory = new();
    private readonly KallsymsBuilder builder = new();
    private readonly Dictionary<string, VirtualAddress> known = new() { ["_stext"] = new(Start) };

    public static TheoryData<int, int> Layouts()
    {
        TheoryData<int, int> all = [];
        for (int order = 0; order < 3; order++)
            for (int form = 0; form < 4; form++)
            {
                // Absolute addresses went with 6.11, place-relative ones came with 7.0.
                if (form == (int)KallsymsForm.Absolute ? order == 0 : form != (int)KallsymsForm.PlaceRelative || order == 2)
                    all.Add(form, order);
            }
        return all;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_form_and_order_is_found_by_its_pattern_alone_and_read_back(int form, int order)
    {
        Fill(600, (KallsymsForm)form == KallsymsForm.PerCpuAbsolute);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), (KallsymsForm)form, (KallsymsOrder)order);
        memory.Write(new VirtualAddress(Start), new byte[0x30_0000]);
        KallsymsTables? found = KallsymsSearch.Search(memory, new VirtualAddress(Start), 8 << 20);
        Assert.NotNull(found);
        Assert.Equal((builder.Tables["kallsyms_names"], builder.Tables["kallsyms_token_table"], builder.Tables["kallsyms_token_index"]),
            (found.Names, found.TokenTable, found.TokenIndex));
        Same(Kallsyms.Load(memory, found, known));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_form_and_order_is_read_by_the_keys_of_vmcoreinfo(int form, int order)
    {
        Fill(600, (KallsymsForm)form == KallsymsForm.PerCpuAbsolute);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), (KallsymsForm)form, (KallsymsOrder)order);
        Same(Kallsyms.Load(memory, ByKeys(), known));
    }

    [Fact]
    public void Names_of_128_tokens_and_more_have_two_bytes_of_length_from_6_1_on()
    {
        string name = "rust_" + new string('x', 300);
        Fill(600, false);
        builder.Add(name, Start + 0x123);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast, longNames: true);
        Kallsyms table = Kallsyms.Load(memory, ByKeys(), known);
        Assert.True(table.LongNames);
        Assert.Equal(Start + 0x123, table.Find(name)!.Value.Value);
        Same(table);
    }

    [Fact]
    public void Names_of_128_to_255_tokens_have_one_byte_of_length_before()
    {
        string name = "old_" + new string('y', 150);
        Fill(600, false);
        builder.Add(name, Start + 0x123);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsFirst);
        Kallsyms table = Kallsyms.Load(memory, ByKeys(), known);
        Assert.False(table.LongNames);
        Assert.Equal(Start + 0x123, table.Find(name)!.Value.Value);
    }

    [Fact]
    public void An_address_belongs_to_the_first_symbol_at_or_below_it()
    {
        Fill(300, false);
        builder.Add("alias_b", Start + 0x10_0000).Add("alias_a", Start + 0x10_0000).Add("after", Start + 0x10_0040);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast);
        Kallsyms table = Kallsyms.Load(memory, ByKeys(), known);
        Symbol symbol = table.At(new VirtualAddress(Start + 0x10_003F))!.Value;
        Assert.Equal(("alias_b", 0x40UL, 'T'), (symbol.Name, symbol.Size, symbol.Type));
        Assert.Null(table.At(new VirtualAddress(Start - 1)));
    }

    [Fact]
    public void Static_functions_of_one_name_are_all_there()
    {
        Fill(300, false);
        builder.Add("sched_twice", Start + 0x10_0000, 't').Add("sched_twice", Start + 0x10_0080, 't');
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast);
        Kallsyms table = Kallsyms.Load(memory, ByKeys(), known);
        Assert.Equal(Start + 0x10_0000, table.Find("sched_twice")!.Value.Value);
        Assert.Equal("sched_twice", table.At(new VirtualAddress(Start + 0x10_0081))!.Value.Name);
        Assert.Null(table.Find("sched_thrice"));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x8000_0000u)]
    [InlineData(601u)]
    [InlineData(3_000_000u)]
    public void A_count_that_the_names_do_not_have_is_refused(uint count)
    {
        Fill(599, false);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast);
        InputException e = Assert.Throws<InputException>(() => Kallsyms.Load(memory, ByKeys() with { Count = count }, known));
        Assert.StartsWith("kallsyms_", e.Field, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_past_the_token_table_is_refused()
    {
        Fill(300, false);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast);
        memory.U16(builder.Tables["kallsyms_token_index"] + 2 * 200, 0xFFFF);
        Assert.Contains("lies past the table", Assert.Throws<InputException>(() => Kallsyms.Load(memory, ByKeys(), known)).Message);
    }

    [Fact]
    public void Addresses_that_contradict_vmcoreinfo_are_refused_rather_than_used()
    {
        Fill(300, false);
        builder.Build(memory, new VirtualAddress(Start + 0x30_0000), KallsymsForm.BaseRelative, KallsymsOrder.OffsetsLast);
        known["_stext"] = new VirtualAddress(Start + 0x20_0000);
        Assert.Contains("no known address format", Assert.Throws<InputException>(() => Kallsyms.Load(memory, ByKeys(), known)).Message);
    }

    [Fact]
    public void Random_bytes_hold_no_tables_and_end_the_search()
    {
        byte[] noise = new byte[4 << 20];
        new Random(7).NextBytes(noise);
        "0\01\02\03\04\05\06\07\08\09\0"u8.CopyTo(noise.AsSpan(1 << 20));
        memory.Write(new VirtualAddress(Start), noise);
        Assert.Null(KallsymsSearch.Search(memory, new VirtualAddress(Start), 8 << 20));
    }

    private void Fill(int count, bool perCpu)
    {
        builder.Add("_stext", Start);
        for (int i = 1; i < count; i++)
            builder.Add($"sched_function_{i * 7919 % 1000}_{i}", Start + (ulong)(0x40 * i), i % 3 == 0 ? 't' : 'T');
        if (perCpu)
            builder.Add("cpu_number", 0x1_9000, 'A');
    }

    private KallsymsTables ByKeys() =>
        new(builder.Tables["kallsyms_names"], (uint)builder.Symbols.Count(), builder.Tables["kallsyms_token_table"],
        builder.Tables["kallsyms_token_index"], builder.Tables["kallsyms_offsets"],
        builder.Tables.TryGetValue("kallsyms_relative_base", out VirtualAddress relative) ? relative : null,
        builder.Tables.TryGetValue("kallsyms_addresses", out VirtualAddress absolute) ? absolute : null);

    private void Same(Kallsyms table)
    {
        Assert.Equal(builder.Symbols.ToList(), Enumerable.Range(0, table.Count).Select(i => (table.Name(i), table.Address(i).Value)));
        foreach ((string name, ulong address) in builder.Symbols)
            Assert.Equal(address, table.Find(name)!.Value.Value);
    }
}
