using System.Globalization;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Formats.Elf;

namespace Kdump.Tests.Formats.Dwarf;

/// <summary>
/// Debugging information of gcc 12 and clang 14 (fixtures/debuginfo/source.c), DWARF 4 and 5, beside what addr2line -i of binutils 2.40
/// says of every byte of its code.
/// </summary>
public sealed class DebugInfoTests
{
    public static TheoryData<string> Programs => ["gcc-dwarf4", "gcc-dwarf5", "clang-dwarf4", "clang-dwarf5"];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Places_of_every_address_are_those_of_addr2line(string program)
    {
        using DebugFile file = DebugFile.Open(Fixture(program));
        List<string> wrong = [];
        int compared = 0;
        foreach ((ulong address, List<(string Function, string Place)> theirs) in Addr2Line(program))
        {
            string ours = string.Join(" < ", file.Info.At(address).Select(p => $"{p.Function} {p.File}:{Line(p.Line)}"));
            string other = string.Join(" < ", theirs.Select(t => $"{t.Function} {t.Place}"));
            compared++;
            if (ours != other)
                wrong.Add($"{address:x}: {ours}\n     not {other}");
        }
        Assert.Empty(file.Info.Damages);
        Assert.True(compared > 150, $"{compared} addresses");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {compared}\n{string.Join("\n", wrong.Take(10))}");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Variables_have_the_types_that_the_source_gives_them(string program)
    {
        using DebugFile file = DebugFile.Open(Fixture(program));
        Assert.Equal("struct item * [16]", file.Info.TypeOf("heads"));
        Assert.Equal("struct item [2][3]", file.Info.TypeOf("table"));
        Assert.Equal("word", file.Info.TypeOf("counter"));
        Assert.Equal("char *", file.Info.TypeOf("name"));
        Assert.Equal("void *", file.Info.TypeOf("callback"));
        Assert.Equal("int", file.Info.TypeOf("sink"));
        Assert.Null(file.Info.TypeOf("no_such_variable"));
        Assert.Null(file.Info.TypeOf("outer"));
    }

    [Fact]
    public void Symbols_come_from_the_symbol_table_and_an_address_without_code_has_no_place()
    {
        using DebugFile file = DebugFile.Open(Fixture("gcc-dwarf5"));
        Assert.NotNull(file.Symbol("outer"));
        Assert.Null(file.Symbol("nothing"));
        Assert.Empty(file.Info.At(1));
        Assert.Empty(file.Info.At(ulong.MaxValue));
        Assert.Equal(1, file.Info.Units);
    }

    /// <summary>gcc-dwarf5 and gcc-module.o, packed by objcopy --compress-debug-sections.</summary>
    [Theory]
    [InlineData("gcc-dwarf5", "zlib")]
    [InlineData("gcc-dwarf5", "zstd")]
    [InlineData("gcc-module.o", "zlib")]
    [InlineData("gcc-module.o", "zstd")]
    public void Compressed_sections_say_what_plain_ones_say(string program, string method)
    {
        using DebugFile plain = DebugFile.Open(Fixture(program)), packed = DebugFile.Open(Fixture($"{program}.{method}"));
        Assert.Contains(packed.Sections, s => (s.Flags & 0x800) != 0);
        foreach (ulong at in Addr2Line("gcc-dwarf5").Select(a => a.Address))
            Assert.Equal(plain.Info.At(at), packed.Info.At(at));
        Assert.Equal(plain.Info.TypeOf("heads"), packed.Info.TypeOf("heads"));
        Assert.Equal("struct item * [16]", packed.Info.TypeOf("heads"));
        Assert.Empty(packed.Info.Damages);
    }

    [Fact]
    public void A_section_that_is_compressed_by_no_known_method_is_refused_by_name()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] bytes = File.ReadAllBytes(Fixture("gcc-dwarf5.zlib"));
        using (DebugFile file = DebugFile.Open(Fixture("gcc-dwarf5.zlib")))
            bytes[(int)file.Sections.First(s => s.Name == ".debug_info").Offset] = 9;
        File.WriteAllBytes(path, bytes);
        try
        {
            using DebugFile file = DebugFile.Open(path);
            Assert.Contains("method 9", Assert.Throws<InputException>(() => file.Info.TypeOf("heads")).Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>gcc-module.o is the object that gcc-dwarf5 was linked of: its functions are told to lie where the linker put
    /// them.</summary>
    [Fact]
    public void A_relocatable_file_has_the_places_of_the_program_that_was_linked_of_it()
    {
        using DebugFile program = DebugFile.Open(Fixture("gcc-dwarf5")), module = DebugFile.Open(Fixture("gcc-module.o"));
        Assert.True(module is { IsRelocatable: true, HasInfo: true });
        Assert.False(program.IsRelocatable);
        foreach (string function in (string[])["outer", "rare", "_start", "_start.cold"])
            module.Load(module.Symbols.Find(function)!.Value.Section, program.Symbol(function)!.Value);
        int compared = 0;
        foreach ((ulong address, List<(string Function, string Place)> _) in Addr2Line("gcc-dwarf5"))
        {
            Assert.Equal(program.Info.At(address), module.Info.At(address));
            compared += module.Info.At(address).Count;
        }
        Assert.Empty(module.Info.Damages);
        Assert.True(compared > 200, $"{compared} places");
        Assert.Equal("struct item * [16]", module.Info.TypeOf("heads"));
    }

    [Fact]
    public void A_relocation_that_debugging_information_does_not_have_is_told()
    {
        byte[] bytes = File.ReadAllBytes(Fixture("gcc-module.o"));
        // .rela.debug_info as readelf -S shows it; its first entry's type.
        bytes[0x1110 + 8] = 2;
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            using DebugFile file = DebugFile.Open(path);
            Assert.Contains("type 2", Assert.Throws<InputException>(() => file.Info.At(0)).Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>clang writes no .debug_aranges, gcc does: units are found either way, and a table that is damaged is told.</summary>
    [Fact]
    public void Units_are_found_by_their_own_entries_where_the_table_of_addresses_is_damaged()
    {
        byte[] bytes = File.ReadAllBytes(Fixture("gcc-dwarf5"));
        bytes.AsSpan(Section(bytes, ".debug_aranges"), 4).Fill(0xFE);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            using DebugFile file = DebugFile.Open(path), whole = DebugFile.Open(Fixture("gcc-dwarf5"));
            ulong address = file.Symbol("outer")!.Value;
            Assert.Equal(whole.Info.At(address), file.Info.At(address));
            Assert.NotEmpty(file.Info.At(address));
            Assert.Contains(".debug_aranges", Assert.Single(file.Info.Damages).Input, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_cut_packed_or_none_is_refused_with_the_reason()
    {
        byte[] whole = File.ReadAllBytes(Fixture("gcc-dwarf5"));
        Assert.Contains("cut", Refused(whole[..(whole.Length / 2)]), StringComparison.Ordinal);
        Assert.Contains("not an ELF file", Refused("OSRELEASE=6.1"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("packed with gzip", Refused([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]), StringComparison.Ordinal);
    }

    /// <summary>Any error but <see cref="InputException"/>, and any look-up that does not end, is a fault.</summary>
    [Theory]
    [MemberData(nameof(Programs))]
    public void Flipped_bytes_end_in_an_answer_or_in_a_reason(string program)
    {
        byte[] whole = File.ReadAllBytes(Fixture(program));
        ulong[] addresses = [.. Addr2Line(program).Select(a => a.Address).Where((_, i) => i % 16 == 0)];
        Random random = new(20261128);
        string path = Path.GetTempFileName();
        try
        {
            for (int round = 0; round < 250; round++)
            {
                byte[] bytes = [.. whole];
                for (int i = random.Next(1, 6); i > 0; i--)
                    bytes[random.Next(round % 2 == 0 ? 0x2000 : 0, bytes.Length)] = (byte)random.Next(256);
                File.WriteAllBytes(path, bytes);
                var watch = System.Diagnostics.Stopwatch.StartNew();
                try
                {
                    using DebugFile file = DebugFile.Open(path);
                    foreach (ulong address in addresses)
                        file.Info.At(address);
                    file.Info.TypeOf("heads");
                    file.Symbol("outer");
                }
                catch (InputException)
                {
                    // Told.
                }
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"round {round} took {watch.Elapsed}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Refused(byte[] bytes)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            return Assert.Throws<InputException>(() => DebugFile.Open(path).Dispose()).Reason;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Where a section's bytes begin in a 64-bit file.</summary>
    private static int Section(byte[] file, string name)
    {
        ElfFile elf = ElfFile.Read(new MemorySource("test", file));
        List<Damage> none = [];
        return (int)elf.ReadSections(none).Single(s => s.Name == name).Offset;
    }

    private static string Line(ulong line) => line == 0 ? "?" : line.ToString(CultureInfo.InvariantCulture);

    private static string Fixture(string name) => Repository.Path("fixtures", "debuginfo", name);

    private static IEnumerable<(ulong Address, List<(string Function, string Place)> Places)> Addr2Line(string program)
    {
        ulong address = 0;
        List<(string, string)> places = [];
        string? function = null;
        foreach (string line in File.ReadLines(Fixture(program) + ".addr2line"))
        {
            if (line.StartsWith("0x", StringComparison.Ordinal))
            {
                if (places.Count > 0)
                    yield return (address, places);
                address = ulong.Parse(line[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                places = [];
                continue;
            }
            if (function is null)
            {
                function = line;
                continue;
            }
            places.Add((function, line));
            function = null;
        }
        if (places.Count > 0)
            yield return (address, places);
    }
}
