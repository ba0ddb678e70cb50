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
