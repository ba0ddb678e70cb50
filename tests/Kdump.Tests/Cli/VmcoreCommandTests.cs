using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Cli;

/// <summary>
/// What a user meets where a dump tells little: whole dumps of real kernels are read in Kernel/RealDumpTests and the lab.
/// </summary>
public sealed class VmcoreCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-vmcore").FullName;

    [Fact]
    public void Info_of_a_dump_without_VMCOREINFO_says_what_stopped_each_layer()
    {
        string path = Write("core", new DiskDumpBuilder().Page(1).Page(2, PageCompression.Zlib).Excluded(3).Build());
        (int code, string output, _) = Run("vmcore", "info", "--json", path);
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement root = json.RootElement;
        Assert.Equal("kdt.vmcore.info/1", root.GetProperty("schema").GetString());
        Assert.Equal(31, root.GetProperty("dumpLevel").GetInt32());
        Assert.False(root.GetProperty("incomplete").GetBoolean());
        Assert.Equal(3, root.GetProperty("pages").GetProperty("present").GetInt64());
        Assert.Equal(2, root.GetProperty("pages").GetProperty("dumped").GetInt64());
        Assert.All(root.GetProperty("layers").EnumerateObject(), layer => Assert.NotEqual("ok", layer.Value.GetString()));
        Assert.Equal(["vmcoreinfo", "log", "kallsyms", "btf", "orc"], root.GetProperty("layers").EnumerateObject().Select(l => l.Name));
    }

    [Theory]
    [InlineData("log")]
    [InlineData("ps")]
    [InlineData("bt")]
    [InlineData("irq")]
    [InlineData("modules")]
    [InlineData("devices")]
    public void A_view_that_the_dump_cannot_give_is_one_line_and_exit_code_2(string view)
    {
        (int code, string output, string error) = Run("vmcore", view, Write("core", new DiskDumpBuilder().Page(1).Build()));
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.StartsWith($"kdt: {folder}/core: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Verify_names_a_damaged_page_and_exits_1()
    {
        string good = Write("good", new DiskDumpBuilder().Page(1).Page(2, PageCompression.Zlib).Build());
        (int code, string output, _) = Run("vmcore", "verify", good);
        Assert.Equal(0, code);
        Assert.StartsWith("2 pages read", output, StringComparison.Ordinal);

        byte[] torn = new DiskDumpBuilder().Page(1).Stored(2, [1, 2, 3, 4], PageCompression.Zlib).Build();
        (code, output, _) = Run("vmcore", "verify", Write("torn", torn));
        Assert.Equal(1, code);
        Assert.Contains("PFN 0x2..0x2", output, StringComparison.Ordinal);
        Assert.Contains("contained: unknown", output, StringComparison.Ordinal);
    }

    /// <summary>Every page is there and readable; the names of the symbols in them are not what they were.</summary>
    [Fact]
    public void Verify_tells_what_cannot_be_read_although_no_page_is_damaged()
    {
        using Kernel.RealKernelTests.Core core = new("deadlock-6.1.elf.xz");
        (int code, string output, _) = Run("vmcore", "verify", core.Path);
        Assert.Equal((0, false), (code, output.Contains("Not readable", StringComparison.Ordinal)));
        byte[] bytes = File.ReadAllBytes(core.Path);
        for (int i = bytes.Length / 4; i < bytes.Length; i++)
            bytes[i] ^= 0x5A;
        (_, output, _) = Run("vmcore", "verify", Write("wrong", bytes));
        Assert.Contains(" 0 damaged", output, StringComparison.Ordinal);
        Assert.Contains("Pages have no checksum", output, StringComparison.Ordinal);
        Assert.Contains("\n  kallsyms: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(95)]
    public void Info_and_verify_of_a_dump_that_was_cut_say_in_one_line_what_is_lost_and_what_is_left(int percent)
    {
        using Kernel.RealKernelTests.Core core = new("deadlock-6.1.elf.xz");
        byte[] bytes = File.ReadAllBytes(core.Path);
        string path = Write("torn core.dump", bytes[..(bytes.Length / 100 * percent)]);
        (int code, string output, _) = Run("vmcore", "info", path);
        Assert.Equal(1, code);
        const string told = @"\d+ of 3035 pages that should be in this file \(\d+ [KM]iB\); \d+ MiB of memory can still be read; " +
            @"the first lost page: its bytes lie past the end of the file \(0x[0-9a-f]+\)\n";
        Assert.Matches("LOST +" + told, output);
        (code, output, _) = Run("vmcore", "verify", path);
        Assert.Equal(1, code);
        Assert.Matches("\nlost: " + told, output);
        Assert.True(output.Split('\n').Length < 60, output);
        (_, output, _) = Run("vmcore", "info", "--json", path);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement lost = json.RootElement.GetProperty("lost");
        Assert.Equal(3035, lost.GetProperty("pages").GetInt64() + lost.GetProperty("readablePages").GetInt64());
    }

    /// <summary>The bitmaps of a kdump-compressed file stand before its pages: they are whole when its end is missing.</summary>
    [Fact]
    public void Info_of_a_kdump_compressed_file_that_was_cut_tries_some_pages()
    {
        var builder = new DiskDumpBuilder { MaxMapnr = 400 };
        for (long pfn = 3; pfn < 400; pfn += 7)
            builder.Page(pfn);
        byte[] whole = builder.Build();
        (int code, string output, _) = Run("vmcore", "info", Write("whole", whole));
        Assert.DoesNotContain("LOST", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
        (code, output, _) = Run("vmcore", "info", Write("it's torn", whole[..(whole.Length * 60 / 100)]));
        Assert.Equal(1, code);
        Assert.Matches(@"LOST +\d+ of \d+ pages that were tried cannot be read \(the first: .*past the end of the input.*\): the file is " +
            @"truncated or damaged; about \d\d % of its pages can still be read: kdt vmcore verify '.*/it'\\''s torn' counts " +
            @"them\n", output);
    }

    [Fact]
    public void A_command_about_a_dump_with_a_blank_in_its_path_can_be_pasted()
    {
        byte[] torn = new DiskDumpBuilder().Page(1).Stored(2, [1, 2, 3, 4], PageCompression.Zlib).Build();
        (_, string output, _) = Run("explain", Write("torn core.dump", torn));
        Assert.Contains($"kdt vmcore verify '{folder}/torn core.dump'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_takes_an_incomplete_dump_as_evidence()
    {
        const uint incomplete = 8;
        string path = Write("core", new DiskDumpBuilder { Status = incomplete }.Page(1).Build());
        (int code, string output, _) = Run("explain", "--json", path);
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement finding = Assert.Single(json.RootElement.GetProperty("verdict").GetProperty("findings").EnumerateArray());
        Assert.Equal("vmcore-incomplete", finding.GetProperty("id").GetString());
        Assert.Equal(path, finding.GetProperty("evidence")[0].GetProperty("source").GetString());
    }

    [Fact]
    public void What_bt_is_asked_for_must_be_one_thing()
    {
        (int code, _, string error) = Run("vmcore", "bt", "--all", "--cpu", "1", "core");
        Assert.Equal(2, code);
        Assert.Contains("exclude each other", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
