using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Image;

public sealed class ImageCommandTests : IDisposable
{
    private readonly KdumpScene scene = new();

    public void Dispose() => scene.Dispose();

    private static (int Exit, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = Kdt.Run(["image", .. args], output, error, () => Stream.Null, Terminal.Plain);
        return (exit, output.ToString(), error.ToString());
    }

    [Fact]
    public void List_shows_modes_links_and_escapes_what_a_terminal_would_obey()
    {
        scene.File("etc/evil\u001b[2Jname", "x");
        (int exit, string output, _) = Run("list", scene.WriteImage("a.img"));
        Assert.Equal(0, exit);
        Assert.Contains("lrwxrwxrwx", output);
        Assert.Contains("init -> usr/lib/systemd/systemd", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("evil\\x1b[2Jname", output);
    }

    /// <summary>Who checks an image asked about the image; what the machine lacks is told behind it.</summary>
    [Fact]
    public void A_fault_of_the_image_comes_before_one_of_the_machine()
    {
        scene.Host("sys/kernel/kexec_crash_size", "0");
        scene.Files.Remove(KdumpScene.At("fs/jbd2/jbd2.ko"));
        JsonElement verdict = scene.Check().Document.GetProperty("verdict");
        string[] found = [.. verdict.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("id").GetString()!)];
        Assert.Contains("crashkernel-not-reserved", found.Skip(1));
        Assert.NotEqual("crashkernel-not-reserved", found[0]);
        Assert.StartsWith(verdict.GetProperty("findings")[0].GetProperty("title").GetString()!, verdict.GetProperty("headline").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_reserves_nothing_is_told_where_the_image_is_whole()
    {
        scene.Host("sys/kernel/kexec_crash_size", "0");
        JsonElement verdict = scene.Check().Document.GetProperty("verdict");
        Assert.Equal("no memory is reserved for a crash kernel", verdict.GetProperty("headline").GetString());
    }

    /// <summary>os-release(5) names the distribution where there are no kdump tools that would.</summary>
    [Theory]
    [InlineData("ID=debian", "update-grub")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"", "update-grub")]
    [InlineData("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"", "grub2-mkconfig")]
    [InlineData("ID=fedora", "grubby")]
    public void Without_kdump_tools_the_commands_are_those_of_the_distribution(string release, string word)
    {
        foreach (string path in (string[])["usr/bin/kdump.sh", "etc/kdump.conf", "etc/kdump/pre.d/10-note.sh",
            "usr/lib/dracut/modules.txt"])
            scene.Files.Remove(path);
        scene.HostFiles.Remove("etc/kdump.conf");
        scene.HostFiles.Remove("etc/sysconfig/kdump");
        scene.Host("etc/os-release", release + "\nPRETTY_NAME=\"A machine\"\n");
        scene.Host("sys/kernel/kexec_crash_size", "0");
        string[] commands = [.. scene.Check().Document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .First(f => f.GetProperty("id").GetString() == "crashkernel-not-reserved").GetProperty("fixes").EnumerateArray()
            .Select(f => f.GetProperty("command").GetString()!)];
        Assert.NotEmpty(commands);
        Assert.All(commands, c => Assert.Contains(word, c, StringComparison.Ordinal));
    }

    [Fact]
    public void List_as_json_names_segments_and_entries()
    {
        (int exit, string output, _) = Run("list", scene.WriteImage("a.img"), "--json");
        JsonElement d = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, exit);
        Assert.Equal("kdt.image.list/1", d.GetProperty("schema").GetString());
        Assert.Equal("cpio", d.GetProperty("segments")[0].GetProperty("format").GetString());
        Assert.Equal(d.GetProperty("segments")[0].GetProperty("entries").GetInt32(), d.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public void Cat_follows_links_inside_the_image_only()
    {
        scene.Link("etc/up", "../../../../etc/kdump.conf");
        scene.Link("etc/away", "/etc/passwd");
        string image = scene.WriteImage("a.img");
        Assert.StartsWith("ext4 UUID=", Run("cat", image, "/etc/up").Output);
        (int exit, string output, string error) = Run("cat", image, "/etc/away");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("/etc/passwd is not there", error);
    }

    [Fact]
    public void Equal_images_are_said_to_be_equal_however_they_are_packed()
    {
        string a = scene.WriteImage("a.img");
        scene.Pack = bytes => Tool.Run("gzip", "/tmp", bytes);
        (int exit, string output, _) = Run("diff", a, scene.WriteImage("b.img"));
        Assert.Equal(0, exit);
        Assert.StartsWith("the images have the same content", output);
    }

    [Fact]
    public void A_difference_that_matters_is_told_first_and_by_its_meaning()
    {
        string a = scene.WriteImage("a.img");
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        scene.File("etc/kdump.conf", "ext4 UUID=other\n");
        scene.File("etc/machine-id", "1");
        (int exit, string output, _) = Run("diff", a, scene.WriteImage("b.img"));
        Assert.Equal(1, exit);
        Assert.True(output.IndexOf("dump configuration: 1", StringComparison.Ordinal) < output.IndexOf("kernel modules: 1",
            StringComparison.Ordinal));
        Assert.Contains("+ ext4 UUID=other", output);
        Assert.Contains("only in A: /usr/lib/modules/*/kernel/drivers/block/virtio_blk.ko", output);
    }

    [Theory]
    [InlineData(true, false, "only a part of A can be read")]
    [InlineData(false, true, "only a part of B can be read")]
    [InlineData(true, true, "only parts of A and B can be read")]
    public void A_difference_from_a_torn_image_is_told_as_one_of_what_was_read(bool first, bool second, string said)
    {
        string a = scene.WriteImage("a.img"), b = scene.WriteImage("b.img");
        foreach (string torn in new[] { (first, a), (second, b) }.Where(p => p.Item1).Select(p => p.Item2))
            File.WriteAllBytes(torn, File.ReadAllBytes(torn)[..(int)(new FileInfo(torn).Length / 2)]);
        (int exit, string output, string error) = Run("diff", a, b);
        Assert.Equal(2, exit);
        Assert.StartsWith(said, output);
        Assert.NotEqual("", error);
        using JsonDocument json = JsonDocument.Parse(Run("diff", a, b, "--json").Output);
        Assert.Equal((first, second, false), (json.RootElement.GetProperty("unreadA").GetBoolean(),
            json.RootElement.GetProperty("unreadB").GetBoolean(), json.RootElement.GetProperty("equal").GetBoolean()));
    }

    [Fact]
    public void A_difference_without_meaning_is_said_to_have_none()
    {
        scene.File("etc/machine-id", "1");
        string a = scene.WriteImage("a.img");
        scene.File("etc/machine-id", "2");
        (int exit, string output, _) = Run("diff", a, scene.WriteImage("b.img"));
        Assert.Equal(0, exit);
        Assert.StartsWith("no difference that matters", output);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("check")]
    public void A_file_that_is_no_image_is_refused_or_found_broken(string verb)
    {
        string path = scene.WriteImage("a.img");
        File.WriteAllBytes(path, [1, 2, 3, 4, 5, 6, 7, 8]);
        (int exit, _, string error) = Run([verb, path, .. verb == "check" ? ["--root", "none"] : Array.Empty<string>()]);
        Assert.Equal(verb == "list" ? 2 : 1, exit);
        Assert.Equal(verb == "list", error.Contains("invalid magic at start of compressed archive", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("list", 0)]
    [InlineData("check", 0)]
    [InlineData("list", 5000)]
    [InlineData("check", 5000)]
    public void Of_an_empty_file_or_one_of_zeros_nothing_is_judged(string verb, int bytes)
    {
        string path = scene.WriteImage("a.img");
        File.WriteAllBytes(path, new byte[bytes]);
        (int exit, string output, string error) = Run([verb, path, .. verb == "check" ? ["--root", "none"] : Array.Empty<string>()]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("nothing was recognised", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_line_and_exit_two()
    {
        (int exit, _, string error) = Run("list", "/nowhere/x.img");
        Assert.Equal(2, exit);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
