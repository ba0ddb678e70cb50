using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-explain").FullName;

    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        foreach (string path in Directory.GetDirectories(Repository.Path("fixtures", "cases")).Order(StringComparer.Ordinal))
            data.Add(Path.GetFileName(path));
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_says_what_its_verdict_file_says(string name)
    {
        string path = Repository.Path("fixtures", "cases", name), golden = Path.Combine(path, "verdict.txt");
        // The folder as a user gives it: the verdict that lies in it must not become evidence of itself.
        (int code, string output, string error) = Run("explain", path);
        Assert.Equal("", error);
        // A dump that was written, a crash that was asked for and what the hardware corrected are nothing wrong; a warning is no error.
        Assert.Equal(name is "dump-saved" or "sysrq-crash" or "aer-recovered" or "module-warning" or "sleep-in-atomic" or "aer-aspm" or
            "edac-faulty-dimm" or "edac-scrubbing-dimm" ? 0 : 1, code);
        Golden.Check(golden, output.Replace(path + "/", "", StringComparison.Ordinal));
    }

    /// <summary>A reason that nobody reads to its end explains nothing.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_reason_has_at_most_a_hundred_words(string name)
    {
        using JsonDocument json = JsonDocument.Parse(Run("explain", "--json", Repository.Path("fixtures", "cases", name)).Output);
        Assert.All(json.RootElement.GetProperty("verdict").GetProperty("findings").EnumerateArray(), f =>
            Assert.InRange(f.GetProperty("why").GetString()!.Split(' ').Length, 1, 100));
    }

    /// <summary>A fix that is a command of one distribution has a fellow for each of the others, and its undo.</summary>
    [Fact]
    public void A_setting_of_the_crash_kernel_has_a_command_and_an_undo_for_each_distribution()
    {
        using JsonDocument json = JsonDocument.Parse(
            Run("explain", "--json", Repository.Path("fixtures", "cases", "vector-exhaustion")).Output);
        JsonElement[] fixes = [.. json.RootElement.GetProperty("verdict").GetProperty("rootCauses")[0].GetProperty("fixes").EnumerateArray()
            .Where(f => f.TryGetProperty("command", out _))];
        Assert.All(fixes, f => Assert.True(f.TryGetProperty("undo", out _), f.ToString()));
        Assert.All(fixes.GroupBy(f => f.GetProperty("text").GetString()), same => Assert.Equal(["Debian, Ubuntu", "RHEL, Fedora", "SUSE"],
            same.Select(f => f.GetProperty("for").GetString()!).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void What_it_printed_before_is_no_evidence()
    {
        string log = Repository.Path("fixtures", "cases", "vector-exhaustion", "console.log");
        foreach (string[] form in new[] { new[] { "explain", log }, ["explain", "--json", log],
            ["explain", log, "-o", Path.Combine(folder, "page.html")] })
            Write("said", Run(form).Output);
        Assert.Contains("verdict of kdt", Run("explain", log, Path.Combine(folder, "said"), Path.Combine(folder, "page.html")).Output,
            StringComparison.Ordinal);
        Assert.Equal(2, Run("explain", Path.Combine(folder, "said")).Code);
    }

    [Theory]
    [InlineData("kdump-probe 0.1.0: capture kernel 6.1.0-50-amd64, 1 CPU of 1 possible,\nup 36 s\n\nNothing wrong was found\n")]
    [InlineData("\r\nkdump-probe 1.2: kernel 5.14.0, CPUs not known\r\n\r\nthe disk did not appear\r\n")]
    public void The_screen_of_the_probe_is_no_evidence_and_says_what_would_be(string screen)
    {
        (int code, string output, string error) = Run("explain", Write("screen.txt", screen));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("give kdump-probe --json, or the kernel log with its lines", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_that_nobody_reads_is_told_how_it_is_read()
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;
        var error = new StringWriter();
        Kdt.Run(["explain", "--root", root], new StringWriter(), error, () => Stream.Null, Terminal.Plain with { Fed = true });
        Assert.StartsWith("kdt: standard input is not read: give - as the path", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_follows_the_contract()
    {
        (int code, string output, _) =
            Run("explain", "--json", Repository.Path("fixtures", "cases", "vector-exhaustion", "dmesg.txt"),
            Repository.Path("fixtures", "cases", "vector-exhaustion", "interrupts.txt"));
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement root = json.RootElement;
        Assert.Equal("kdt.explain/1", root.GetProperty("schema").GetString());
        Assert.Equal("kernel log", root.GetProperty("inputs")[0].GetProperty("kind").GetString());
        JsonElement cause = root.GetProperty("verdict").GetProperty("rootCauses")[0];
        Assert.Equal("vector-exhaustion", cause.GetProperty("id").GetString());
        Assert.Equal("critical", cause.GetProperty("severity").GetString());
        Assert.InRange(cause.GetProperty("confidence").GetDouble(), 0.9, 1.0);
        Assert.NotEqual("", cause.GetProperty("fixes")[0].GetProperty("command").GetString());
        Assert.True(cause.GetProperty("evidence")[0].GetProperty("line").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Array, cause.GetProperty("causedBy").ValueKind);
        Assert.Equal(JsonValueKind.Array, root.GetProperty("verdict").GetProperty("unknowns").ValueKind);
    }

    [Fact]
    public void The_page_is_whole_alone_and_escaped()
    {
        string log = Write("<b>x</b>.log",
            Explained.CaptureBoot + "[    5.000000] virtio_blk: probe of virtio0 failed with error -5 \n[ * ] A start job is running for " +
            "dev-<script>alert(1)</script>.device (50s / 1min)\n");
        string page = Path.Combine(folder, "report.html");
        Assert.Equal(1, Run("explain", log, "-o", page).Code);
        string html = File.ReadAllText(page);
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", html, StringComparison.Ordinal);
        // The only script is the page's own, which its policy names by its hash.
        Assert.Single(html.Split("<script"), part => part.StartsWith('>'));
        Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("unsafe-inline", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>x</b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_gzip_and_UTF_16_are_read_alike()
    {
        string text = Explained.CaptureBoot + "[    5.000000] nvme: probe of 0000:02:00.0 failed with error -5\n";
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        foreach (byte[] bytes in new[] { Encoding.UTF8.GetBytes(text), packed.ToArray(),
            [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)] })
        {
            (int code, string output, _) = Run(new MemoryStream(bytes), "explain", "-");
            Assert.Equal(1, code);
            Assert.Contains("nvme could not start 0000:02:00.0", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_unreadable_input_costs_only_itself()
    {
        string good = Write("good.log", Explained.CaptureBoot + "[    5.000000] nvme: probe of 0000:02:00.0 failed with error -5\n");
        (int code, string output, string error) = Run("explain", good, Path.Combine(folder, "missing.log"));
        Assert.Equal(1, code);
        Assert.Contains("nvme could not start", output, StringComparison.Ordinal);
        Assert.Contains("missing.log: there is no such file", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("text", "nothing to see here\n")]
    [InlineData("initramfs", "070701000000")]
    [InlineData("vmcore", "KDUMP   \u0006")]
    public void Where_nothing_is_known_no_verdict_is_given(string name, string content)
    {
        (int code, string output, string error) = Run("explain", Write(name, content));
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_are_refused_before_they_are_opened()
    {
        (int code, _, string error) = Run("explain", "/dev/zero");
        Assert.Equal(2, code);
        Assert.Contains("/dev/zero: a character device", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string name, string content)
    {
        string path = Path.Combine(folder, name.Replace('/', '_'));
        File.WriteAllText(path, content);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] args) => Run(Stream.Null, args);

    private static (int Code, string Output, string Error) Run(Stream input, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => input, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
