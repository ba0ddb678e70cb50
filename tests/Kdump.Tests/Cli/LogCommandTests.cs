using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Cli;

public sealed class LogCommandTests
{
    [Fact]
    public void Json_follows_the_contract()
    {
        (int code, string output, string error) =
            Run(Samples.Boot + Samples.Oops + Samples.FatalException + Samples.CaptureBoot + "[    7.3] kdump[510]: saving vmcore " +
            "complete\n", "log", "-", "--json");
        Assert.Equal("", error);
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement root = json.RootElement, boot = root.GetProperty("boots")[0], crash = root.GetProperty("crashes")[0],
            frame = crash.GetProperty("frames")[0], capture = root.GetProperty("capture");
        Assert.Equal("kdt.log/1", root.GetProperty("schema").GetString());
        Assert.Equal(0, boot.GetProperty("index").GetInt32());
        Assert.Equal("6.1.0-9-amd64", boot.GetProperty("kernel").GetString());
        Assert.Equal("root=/dev/vda1 crashkernel=192M", boot.GetProperty("cmdline").GetString());
        Assert.False(boot.GetProperty("capture").GetBoolean());
        Assert.True(root.GetProperty("boots")[1].GetProperty("capture").GetBoolean());
        Assert.Equal(1, boot.GetProperty("firstLine").GetInt64());
        Assert.True(boot.GetProperty("lastLine").GetInt64() > 20);
        Assert.Equal(0, crash.GetProperty("boot").GetInt32());
        Assert.Equal("null-dereference", crash.GetProperty("kind").GetString());
        Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in brew_pour", crash.GetProperty("title").GetString());
        Assert.Equal("bad-access in brew_pour", crash.GetProperty("altTitles")[0].GetString());
        Assert.Equal("brew_pour", crash.GetProperty("function").GetString());
        Assert.Equal("kettle", crash.GetProperty("module").GetString());
        Assert.False(crash.GetProperty("corrupted").GetBoolean());
        Assert.True(crash.GetProperty("panicked").GetBoolean());
        Assert.Equal(3, crash.GetProperty("cpu").GetInt32());
        Assert.Equal(4711, crash.GetProperty("pid").GetInt32());
        Assert.Equal("my daemon: a", crash.GetProperty("comm").GetString());
        Assert.Equal("6.1.0-9-amd64", crash.GetProperty("release").GetString());
        Assert.Equal("GOE", crash.GetProperty("tainted").GetString());
        Assert.Equal(3, crash.GetProperty("firstLine").GetInt64());
        Assert.Equal("brew_pour", frame.GetProperty("name").GetString());
        Assert.Equal(0x1f, frame.GetProperty("offset").GetInt64());
        Assert.Equal(0x40, frame.GetProperty("size").GetInt64());
        Assert.Equal("kettle", frame.GetProperty("module").GetString());
        Assert.True(frame.GetProperty("reliable").GetBoolean());
        Assert.True(capture.GetProperty("armed").GetBoolean());
        Assert.True(capture.GetProperty("attempted").GetBoolean());
        Assert.True(capture.GetProperty("saved").GetBoolean());
        Assert.Equal(JsonValueKind.Null, capture.GetProperty("reason").ValueKind);
        Assert.Equal("kernel-oops", root.GetProperty("verdict").GetProperty("rootCauses")[0].GetProperty("id").GetString());
    }

    [Fact]
    public void A_log_without_a_crash_is_fine()
    {
        (int code, string output, _) = Run(Samples.Boot + "[    1.000000] all is well\n", "log", "-", "--json");
        Assert.Equal(0, code);
        Assert.Equal(0, JsonDocument.Parse(output).RootElement.GetProperty("crashes").GetArrayLength());
    }

    [Fact]
    public void A_person_reads_title_function_and_boots()
    {
        (int code, string output, _) = Run(Samples.Boot + Samples.Oops, "log", "-");
        Assert.Equal(1, code);
        Assert.Contains("BUG: unable to handle kernel NULL pointer dereference in brew_pour", output, StringComparison.Ordinal);
        Assert.Contains("> brew_pour+0x1f/0x40 [kettle]", output, StringComparison.Ordinal);
        Assert.Contains("boot 0: kernel 6.1.0-9-amd64, lines 1-", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Terminal_escapes_of_the_log_do_not_reach_the_terminal()
    {
        (_, string output, _) = Run(Samples.Oops.Replace("my daemon: a", "evil\x07\u009b31m"), "log", "-");
        Assert.DoesNotContain('\x07', output);
        Assert.DoesNotContain('\u009b', output);
    }

    [Theory]
    [InlineData("/no/such/log")]
    [InlineData("/dev/zero")]
    [InlineData("/")]
    public void What_cannot_be_read_is_said_in_one_line(string path)
    {
        (int code, string output, string error) = Run("", "log", path);
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Contains(path, error, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(string input, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => new MemoryStream(Encoding.UTF8.GetBytes(input)), Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
