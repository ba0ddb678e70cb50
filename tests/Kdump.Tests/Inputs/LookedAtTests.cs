using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kdump.Tests.Crashes;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>"Nothing wrong was found" needs proof that something was looked at: every reader of text with every kind of text.</summary>
public sealed partial class LookedAtTests : IDisposable
{
    private const string Ordinary = "[    1.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd\n";

    private static readonly string[] Readers = ["mce", "pci", "log", "explain"];

    /// <summary>Texts by name, and the readers that look at something in them.</summary>
    private static readonly Dictionary<string, (string Text, string[] Looked)> Texts = new()
    {
        ["empty"] = ("", []),
        ["word"] = ("hello\n", []),
        ["prose"] = ("# A kernel\n\nThis text tells how a kernel panic is read.\n", []),
        ["program"] = ("Nov 29 09:31:34 host systemd[1]: Started Foo.\n", []),
        ["script"] = ("#!/bin/sh\nset -e\necho CONFIG\n", []),
        ["config"] = ("CONFIG_SMP=y\n# CONFIG_KEXEC is not set\n", []),
        ["fstab"] = ("/dev/sda1 / ext4 defaults 0 1\n", []),
        ["dmidecode"] = ("Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: X\n", []),
        ["blkid"] = ("/dev/sda1: UUID=\"5b8ea2a5-9bcd-4d0b-8b6a-51f2d4d16d62\" TYPE=\"ext4\"\n", []),
        ["interrupts"] = ("           CPU0       CPU1\n  0:          1          2  IO-APIC   2-edge      timer\n", ["explain"]),
        ["lspci"] = ("00:00.0 Host bridge: Intel Corporation Device 1234\n", ["pci"]),
        ["lspci -t"] = ("-[0000:00]-+-00.0\n           \\-02.0\n", ["pci"]),
        ["one line"] = (Ordinary, Readers),
        ["boot"] = (Samples.Boot, Readers),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-looked-").FullName;

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (string reader in Readers)
        {
            foreach (string text in Texts.Keys)
                pairs.Add(reader, text);
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void An_all_clear_names_what_was_looked_at_and_nothing_looked_at_is_none(string reader, string text)
    {
        string path = Write("input", Texts[text].Text);
        (int code, string output, string error) = Run.Kdt(reader, path);
        if (Texts[text].Looked.Contains(reader))
        {
            Assert.Equal(0, code);
            Assert.Matches("^(# .*\n+)*(Nothing wrong|No known trouble) was found in \\S", output);
            return;
        }
        Assert.Equal(2, code);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        Assert.Contains(path, error, StringComparison.Ordinal);
        (code, output, _) = Run.Kdt(reader, path, "--json");
        Assert.Equal(2, code);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mce", "a machine check")]
    [InlineData("pci", "a PCI or IOMMU error")]
    [InlineData("log", null)]
    [InlineData("explain", null)]
    public void A_piece_of_a_log_leaves_open_what_the_rest_says_and_a_whole_boot_does_not(string reader, string? record)
    {
        string asked = record is null ? "what the kernel reported before and after"
            : $"whether the kernel reported {record} before or after";
        Assert.Contains(asked, Plain(Run.Kdt(reader, Write("a", Ordinary)).Output), StringComparison.Ordinal);
        Assert.Contains("could be judged", Plain(Run.Kdt(reader, Write("a", Ordinary)).Output), StringComparison.Ordinal);
        Assert.DoesNotContain("unknown:", Run.Kdt(reader, Write("b", Samples.Boot)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_messages_in_a_script_are_no_events()
    {
        string script = Write("kexec-load",
            "#!/bin/sh\necho 'Could not find a free area of memory of 8000 bytes...'\nkexec -p /boot/vmlinuz\n");
        (int code, string output, string error) = Run.Kdt("explain", script);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("a script shows no event", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("mce")]
    [InlineData("pci")]
    public void A_banner_alone_is_not_a_whole_boot(string reader)
    {
        string banner = Write("version", "Linux version 6.1.0-9-amd64 (builder@host) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC\n");
        Assert.Contains("could be judged", Plain(Run.Kdt(reader, banner).Output), StringComparison.Ordinal);
    }

    [Fact]
    public void Config_space_that_is_not_there_is_not_decoded_in_silence()
    {
        string path = Write("boot", Samples.Boot);
        (int code, string output, string error) = Run.Kdt("pci", "--config", path);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"{path}: 2 lines, and none of them is a dump of config space", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0003\0>\0")]
    public void An_input_that_was_named_and_gave_nothing_is_told_beside_a_good_one(string other)
    {
        string good = Write("good.log", Samples.Boot), bad = Write("bad", other);
        (int code, string output, string error) = Run.Kdt("explain", good, bad);
        Assert.Equal(2, code);
        Assert.Contains(bad, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        Assert.Contains("nothing was taken from", Plain(output), StringComparison.Ordinal);
        // A folder has all kinds of files, and nobody named this one.
        Assert.Equal((0, ""), (Run.Kdt("explain", folder).Code, Run.Kdt("explain", folder).Error));
        // A finding is one whatever stands beside it.
        Assert.Equal(1, Run.Kdt("explain", Write("oops.log", Samples.Boot + Samples.Oops), bad).Code);
    }

    [Fact]
    public void A_folder_or_an_archive_that_gave_nothing_is_told_beside_a_good_log()
    {
        string good = Write("good.log", Samples.Boot);
        string other = Directory.CreateDirectory(Path.Combine(folder, "other")).FullName;
        File.WriteAllText(Path.Combine(other, "notes.md"), "called at night\n");
        string tar = Write("other.tar", Tar("notes.md", Encoding.UTF8.GetBytes("called at night\n")));
        foreach (string path in new[] { other, tar })
        {
            (int code, string output, string error) = Run.Kdt("explain", good, path);
            Assert.Equal(2, code);
            Assert.Contains(path, error, StringComparison.Ordinal);
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("kconfig", "diff")]
    [InlineData("log", "diff")]
    [InlineData("image", "diff")]
    [InlineData("host", "diff")]
    public void Of_two_inputs_that_are_both_refused_both_are_told(params string[] verb)
    {
        string a = Write("a", ""), b = Write("b", "hello\n");
        (int code, string output, string error) = Run.Kdt([.. verb, a, b]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(a, error, StringComparison.Ordinal);
        Assert.Contains(b, error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_the_same_is_said_with_how_much_was_compared()
    {
        string a = Write("a", Texts["config"].Text), b = Write("b", Texts["config"].Text);
        Assert.Contains("the same: 2 options", Run.Kdt("kconfig", "diff", a, b).Output, StringComparison.Ordinal);
        a = Write("a.log", Samples.Boot);
        b = Write("b.log", Samples.Boot);
        Assert.Contains("no difference in what could be compared: kernel command lines", Run.Kdt("host", "diff", a, b).Output,
            StringComparison.Ordinal);
        Assert.Matches("no differences except .*, in [0-9]+ lines and [0-9]+ lines", Run.Kdt("log", "diff", a, b).Output);
    }

    [Fact]
    public void An_archive_two_levels_down_is_read_and_a_third_is_told()
    {
        byte[] archive = Tar("one.log", Encoding.UTF8.GetBytes(Samples.Boot + Samples.Oops));
        string one = Write("1.tar", archive), two = Write("2.tar", archive = Tar("1.tar", archive));
        string three = Write("3.tar", Tar("2.tar", archive));
        Assert.Equal(1, Run.Kdt("explain", one).Code);
        Assert.Equal(1, Run.Kdt("explain", two).Code);
        (int code, _, string error) = Run.Kdt("explain", three);
        Assert.Equal(2, code);
        Assert.Contains("3.tar/2.tar/1.tar: an archive in an archive in an archive: not read; unpack the outer one", error,
            StringComparison.Ordinal);
        // Beside something that was read it is told, too.
        (code, string output, error) = Run.Kdt("explain", three, Write("good.log", Samples.Boot));
        Assert.Equal(2, code);
        Assert.Contains("an archive in an archive", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_many_files_that_is_no_machine_is_not_read_to_be_compared()
    {
        string many = Directory.CreateDirectory(Path.Combine(folder, "many")).FullName;
        for (int i = 0; i < 501; i++)
            File.WriteAllText(Path.Combine(many, $"{i}"), Ordinary);
        (int code, string output, string error) = Run.Kdt("host", "diff", many, Write("a.log", Samples.Boot));
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("not the files of a machine", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_count_of_one_is_no_plural(string reader, string text)
    {
        (_, string output, string error) = Run.Kdt(reader, Write("input", Texts[text].Text));
        Assert.DoesNotMatch(OneOfSeveral(), output + error);
    }

    [Fact]
    public void A_record_that_a_log_repeats_is_one_event_however_often()
    {
        const string head = "CPU 2: Machine Check: 0 Bank 4: b600000000000185\n";
        string often = Write("often.log", string.Concat(Enumerable.Repeat(head, 6000))), once = Write("once.log", head);
        Assert.Equal(Events(once), Events(often));
        // Records that wait for more lines still get them.
        const string more = "TSC 0 ADDR 1000\n";
        Assert.Equal("1000", Events(Write("more.log", string.Concat(Enumerable.Repeat(head, 100)) + more)));
    }

    private static string Events(string path)
    {
        using JsonDocument json = JsonDocument.Parse(Run.Kdt("mce", path, "--json").Output);
        JsonElement[] events = [.. json.RootElement.GetProperty("events").EnumerateArray()];
        return string.Join(' ', events.Select(e => e.GetProperty("addr").ToString().Replace("0x", "", StringComparison.Ordinal)).Where(
            a => a.Length > 0).Distinct());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [GeneratedRegex(@"(?<![\d.:,/-])1 (?:more )?(?:lines|findings|files|boots|functions|options|machines|hosts|records|CPUs|events)\b")]
    private static partial Regex OneOfSeveral();

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private string Write(string name, string text) => Write(name, Encoding.Latin1.GetBytes(text));

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Tar(string name, byte[] content)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return bytes.ToArray();
    }
}
