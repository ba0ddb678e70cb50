using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Kdump.Tests.Crashes;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>
/// Every command reads its text through one door: packed, transcoded, piped or archived input gives the answer of the plain file.
/// </summary>
public sealed class DoorTests : IDisposable
{
    private const string Fatal = "[   10.000000] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400\n";

    private const string Quiet = "[    1.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd\n";

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-door-").FullName;

    public static TheoryData<string> Packers => ["gzip", "xz", "zstd", "bzip2", "lzop", "lzma", "lz4"];

    public static TheoryData<string[]> Readers => [["mce"], ["explain"], ["log"]];

    [ToolTheory("gzip", "xz", "zstd", "bzip2", "lzop", "lz4")]
    [MemberData(nameof(Packers))]
    public void A_packed_log_gives_the_answer_of_the_plain_one(string packer)
    {
        string command = packer == "lzma" ? "xz --format=lzma" : packer;
        string packed = Write("one.packed", Tool.Run($"{command} -c", folder, Encoding.UTF8.GetBytes(Fatal)));
        string plain = Write("one.log", Fatal);
        foreach (string verb in new[] { "mce", "explain", "log" })
            Assert.Equal(Ids(verb, plain), Ids(verb, packed));
        byte[] errors = File.ReadAllBytes(Repository.Path("fixtures", "cases", "iommu-fault", "console.log"));
        Assert.Equal(Ids("pci", Write("two.log", errors)), Ids("pci", Write("two.packed", Tool.Run($"{command} -c", folder, errors))));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void UTF_16_with_or_without_its_mark_and_either_way_round_is_text(string[] verb)
    {
        string[] plain = Ids(verb[0], Write("one.log", Fatal));
        Assert.NotEmpty(plain);
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            Assert.Equal(plain, Ids(verb[0], Write("marked", [.. encoding.GetPreamble(), .. encoding.GetBytes(Fatal)])));
            Assert.Equal(plain, Ids(verb[0], Write("bare", encoding.GetBytes(Fatal))));
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_log_alone_in_an_archive_is_that_log(string[] verb)
    {
        string[] plain = Ids(verb[0], Write("one.log", Fatal));
        Assert.Equal(plain, Ids(verb[0], Write("one.zip", Zip(("one.log", Fatal)))));
        Assert.Equal(plain, Ids(verb[0], Write("one.tar", Tar(("one.log", Fatal)))));
    }

    [ToolTheory("mkfifo")]
    [InlineData("mce")]
    [InlineData("pci")]
    [InlineData("log")]
    [InlineData("explain")]
    [InlineData("image", "list")]
    [InlineData("vmcore", "info")]
    public void A_named_pipe_that_nobody_writes_to_is_refused(params string[] verb)
    {
        Tool.Run("mkfifo pipe", folder);
        (int code, _, string error) = Run.Kdt([.. verb, Path.Combine(folder, "pipe")]);
        Assert.Equal(2, code);
        Assert.Contains("a named pipe", error, StringComparison.Ordinal);
    }

    /// <summary>An image is held in memory, as one from standard input is; a dump needs its file.</summary>
    [ToolFact("mkfifo", "cpio")]
    public void An_image_is_read_from_a_pipe_that_somebody_writes_to()
    {
        Tool.Run("mkfifo pipe; echo x > init; echo init | cpio -o -H newc > image 2> /dev/null", folder);
        string pipe = Path.Combine(folder, "pipe");
        using var writer = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"cat '{folder}/image' > '{pipe}'"]);
        (int code, string output, _) = Run.Kdt("image", "list", pipe);
        Assert.Equal(0, code);
        Assert.Contains("init", output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_encrypted_file_is_not_called_several()
    {
        string archive = Write("one.7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4, .. new byte[24]]);
        Assert.DoesNotContain("several", Run.Kdt("mce", archive).Error, StringComparison.Ordinal);
    }

    [ToolFact("mkfifo")]
    public void A_named_pipe_that_somebody_writes_to_is_read()
    {
        Tool.Run("mkfifo pipe", folder);
        string plain = Write("one.log", Fatal), pipe = Path.Combine(folder, "pipe");
        using var writer = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"cat '{plain}' > '{pipe}'"]);
        Assert.Equal(Ids("mce", plain), Ids("mce", pipe));
    }

    [Theory]
    [InlineData("mce")]
    [InlineData("pci")]
    [InlineData("log")]
    [InlineData("explain")]
    public void Where_nothing_is_recognised_nothing_is_called_right(string verb)
    {
        string prose = Write("README.md", "# A project\n\nIt does one thing, and does it well.\n");
        foreach (string path in new[] { prose, Write("zeros", new byte[8192]), Write("empty", ""), "/dev/null", "/bin/sh", folder + "/no" })
        {
            (int code, string output, string error) = Run.Kdt(verb, path);
            Assert.True(code == 2, $"{verb} {path}: {code}");
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
            Assert.NotEqual("", error);
        }
    }

    /// <summary>F6 of an early review: /etc beside a log.</summary>
    [Fact]
    public void Words_of_trouble_in_the_comments_of_a_configuration_are_no_trouble()
    {
        string place = Path.Combine(folder, "machine");
        Directory.CreateDirectory(place);
        File.Copy(Repository.Path("fixtures", "cases", "dump-saved", "console.log"), Path.Combine(place, "console.log"));
        string before = Run.Kdt("explain", place).Output;
        File.WriteAllText(Path.Combine(place, "interpret.conf"), "# Assertion or Deassertion events are possible.\n# fatal error\n" +
            "; EXT4-fs error (device sda1): ext4_find_entry: reading directory\nmode = strict\nfirst = 1\nsecond = 2\nthird = 3\n");
        Assert.Equal(before.Split("\nread:")[0], Run.Kdt("explain", place).Output.Split("\nread:")[0]);
    }

    [ToolTheory("dotnet", "timeout")]
    [InlineData("explain")]
    [InlineData("log")]
    [InlineData("mce")]
    public void A_closed_standard_input_is_refused_and_not_waited_for(string verb)
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        string told = Encoding.UTF8.GetString(Tool.Run($"timeout 60 dotnet '{kdt}' {verb} - 2>&1 <&-; echo $?", folder));
        Assert.Contains("is closed", told, StringComparison.Ordinal);
        Assert.EndsWith("2\n", told, StringComparison.Ordinal);
    }

    [ToolTheory("dotnet", "timeout", "cat")]
    [InlineData("")]
    [InlineData("exec 5<&0; ")]
    public void A_pipe_is_read_however_many_reading_ends_this_process_was_given(string before)
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll"), log = Write("boot.log", Samples.Boot + Samples.Oops);
        string told = Encoding.UTF8.GetString(Tool.Run($"cat '{log}' | sh -c \"{before}timeout 60 dotnet '{kdt}' log - 2>&1\"; :", folder));
        Assert.DoesNotContain("is closed", told, StringComparison.Ordinal);
        Assert.Contains("NULL", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_folders_that_hold_no_machine_are_not_alike()
    {
        Write("a.conf", "x = 1\n");
        string other = Directory.CreateDirectory(folder + "/other").FullName;
        (int code, string output, string error) = Run.Kdt("host", "diff", folder, other);
        Assert.Equal(2, code);
        Assert.DoesNotContain("no difference", output, StringComparison.Ordinal);
        Assert.Contains("it contains nothing about a machine", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_machine_is_not_compared_with_itself()
    {
        (int code, string output, string error) = Run.Kdt("host", "diff", folder, folder + "/");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("given twice", error, StringComparison.Ordinal);
    }

    [ToolTheory("bash", "dotnet", "gzip", "tar")]
    [InlineData("cat one.log", "explain")]
    [InlineData("gzip -c one.log", "explain")]
    [InlineData("tar -cf - one.log", "explain")]
    [InlineData("cat one.log", "log")]
    public void What_the_shell_pipes_in_place_of_a_file_is_read(string command, string verb)
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        Write("one.log", Samples.Boot + Samples.Oops);
        string told = Encoding.UTF8.GetString(Tool.Run($"bash -c \"cd '{folder}'; dotnet '{kdt}' {verb} <({command}) 2>&1\"; :", folder));
        Assert.Contains("NULL", told, StringComparison.Ordinal);
    }

    [ToolFact("bash", "dotnet", "tar")]
    public void A_machine_s_archive_may_come_through_a_pipe()
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        Directory.CreateDirectory(folder + "/m/etc");
        Directory.CreateDirectory(folder + "/m/proc");
        Write("m/etc/hostname", "db1\n");
        Write("m/proc/cmdline", "ro quiet\n");
        string told = Encoding.UTF8.GetString(Tool.Run(
            $"bash -c \"cd '{folder}'; dotnet '{kdt}' host check --root <(tar -cf - m) 2>&1\"; :", folder));
        Assert.DoesNotContain("damaged", told, StringComparison.Ordinal);
        Assert.Contains("crashkernel", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_logs_that_name_no_machine_are_joined_only_with_a_word_about_it()
    {
        string cause = Write("a.log", File.ReadAllText(Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus", "console.log")));
        string effect = Write("b.log", File.ReadAllText(Repository.Path("fixtures", "cases", "driver-missing-in-image", "console.log"))
            .Replace("root=UUID=", "root=PARTUUID=", StringComparison.Ordinal).Replace("DMI: ", "", StringComparison.Ordinal));
        const string Doubt = "are from one machine, as the chain above takes for granted";
        Assert.Contains(Doubt, Whole("explain", cause, effect), StringComparison.Ordinal);
        Assert.DoesNotContain(Doubt, Whole("explain", effect), StringComparison.Ordinal);
        // Who gives a folder says that its files belong together.
        Assert.DoesNotContain(Doubt, Whole("explain", folder), StringComparison.Ordinal);
    }

    private static string Whole(params string[] args) => string.Join(' ', Run.Kdt(args).Output.Split((char[]?)null,
        StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Archives_of_a_case_give_the_verdict_of_its_folder()
    {
        (string, string)[] files = [("ticket/console.log", Explained.CaptureBoot + Fatal), ("ticket/notes.txt", "called at night\n")];
        string[] plain = Ids("explain", Write("console.log", files[0].Item2));
        byte[] tar = Tar(files);
        Assert.Equal(plain, Ids("explain", Write("a.tar", tar)));
        Assert.Equal(plain, Ids("explain", Write("a.zip", Zip(files))));
        Assert.Equal(plain, Ids("explain", Write("a.tgz", Gzip(tar))));
        // One archive in another, as a ticket system packs what a user packed.
        Assert.Equal(plain, Ids("explain", Write("b.tar", TarOf(("mail/a.tgz", Gzip(tar))))));
    }

    [Fact]
    public void Hostile_names_in_an_archive_lead_nowhere()
    {
        string outside = Path.Combine(folder, "outside.log");
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../outside.log") { DataStream = Text(Fatal) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "/etc/absolute.log") { DataStream = Text(Explained.FirstBoot) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.log") { LinkName = "/etc/passwd" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "null"));
        }
        (_, string output, _) = Run.Kdt("explain", Write("x.tar", bytes.ToArray()));
        Assert.Matches(@"not\s+read:\s+(its\s+name\s+leads|their\s+names\s+lead)\s+out\s+of\s+the\s+archive", output);
        Assert.DoesNotContain("root:", output, StringComparison.Ordinal);
        Assert.False(File.Exists(outside));
        Assert.Equal(["x.tar"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_cut_archive_gives_what_was_read_and_says_that_it_is_cut()
    {
        byte[] packed = Gzip(Tar(("a/console.log", Explained.CaptureBoot + Fatal), ("a/z.bin", new string('x', 400_000))));
        (int code, string output, _) = Run.Kdt("explain", Write("cut.tgz", packed[..(packed.Length * 3 / 4)]));
        Assert.Equal(1, code);
        Assert.Contains("damaged or truncated", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_a_zip_archive_that_is_damaged_is_not_taken_for_whole()
    {
        byte[] zip = Zip(("one.log", string.Concat(Enumerable.Repeat(Fatal, 50))));
        int at = zip.AsSpan().IndexOf("PK\x01\x02"u8) - 12;
        zip[at] ^= 0x55;
        (int code, string output, string error) = Run.Kdt("explain", Write("bad.zip", zip));
        Assert.Contains("damaged", output + error, StringComparison.Ordinal);
        Assert.NotEqual(0, code);
    }

    [Fact]
    public void A_cut_packed_log_says_so_and_is_no_all_clear()
    {
        var quiet = new StringBuilder();
        for (int i = 0; i < 4000; i++)
            quiet.Append($"[   {10 + i}.{i * 7919 % 1000000:d6}] usb 1-{i % 7}: new high-speed USB device number {i} using xhci_hcd\n");
        byte[] packed = Gzip(Encoding.UTF8.GetBytes(quiet.ToString()));
        string cut = Write("cut.gz", packed[..(packed.Length / 2)]);
        foreach (string[] call in new string[][] { ["mce", cut], ["pci", cut], ["log", cut], ["explain", cut], ["log", "diff", cut, cut] })
        {
            (int code, string output, string error) = Run.Kdt(call);
            Assert.True(code == 2, call[0]);
            Assert.Contains("cut short", error, StringComparison.Ordinal);
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_quiet_log_beside_an_input_that_is_not_there_is_no_all_clear()
    {
        (int code, string output, string error) = Run.Kdt("explain", Write("one.log", Quiet), folder + "/no");
        Assert.Equal(2, code);
        Assert.Contains("there is no such file", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        Assert.Equal(0, Run.Kdt("explain", folder).Code);
    }

    [Fact]
    public void A_member_of_a_zip_archive_that_cannot_be_read_costs_no_other()
    {
        byte[] damaged = Zip(("a.log", Quiet), ("b.log", Fatal)), encrypted = [.. damaged];
        int central = encrypted.AsSpan().IndexOf("PK\x01\x02"u8);
        // The checksum in the central directory is what counts.
        damaged[central + 16] ^= 0x55;
        encrypted[6] |= 1;
        encrypted[central + 8] |= 1;
        foreach ((byte[] zip, string why) in new[] { (damaged, "a.log is damaged"), (encrypted, "a.log is encrypted") })
        {
            (int code, string output, _) = Run.Kdt("explain", Write("one.zip", zip));
            Assert.Equal(1, code);
            Assert.Contains("mce-fatal", output, StringComparison.Ordinal);
            Assert.Contains(why, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_packed_tar_archive_that_is_cut_between_two_files_is_not_taken_for_whole()
    {
        byte[] tar = Tar(("a.log", Quiet));
        // Without the blocks of zeros at its end, as a cut leaves it; the checksum of the packing is gone as well.
        byte[] packed = Gzip(tar[..^1024]);
        (int code, _, string error) = Run.Kdt("explain", Write("cut.tgz", packed[..^8]));
        Assert.Equal(2, code);
        Assert.Contains("ends too early", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_empty_files_in_an_archive_hide_no_log()
    {
        (string, string)[] files = [.. Enumerable.Range(0, 10_050).Select(i => ($"a/{i:d6}", "")), ("z/console.log", Fatal)];
        Assert.Contains("mce-fatal", Ids("explain", Write("many.tar", Tar(files))));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string[] Ids(string verb, string path)
    {
        (int code, string output, string error) = Run.Kdt(verb, path, "--json");
        Assert.True(code == 1, $"{verb} {path}: {code} {error}");
        using JsonDocument json = JsonDocument.Parse(output);
        return [.. json.RootElement.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("id").GetString()!)];
    }

    private string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Tar(params (string Name, string Text)[] files) =>
        TarOf([.. files.Select(f => (f.Name, Encoding.UTF8.GetBytes(f.Text)))]);

    private static byte[] TarOf(params (string Name, byte[] Content)[] files)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return bytes.ToArray();
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string text) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }
}
