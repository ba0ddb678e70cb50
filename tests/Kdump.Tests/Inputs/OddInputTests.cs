using System.IO.Compression;
using System.Text;
using Kdump.Tests.Builders;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>
/// Every command on every odd input: each answers by the contract's exit codes, in our words, and gives no all-clear over nothing.
/// </summary>
public sealed class OddInputTests(OddInputTests.Odd odd) : IClassFixture<OddInputTests.Odd>
{
    /// <summary>Words of .NET's own exceptions, and names of its types.</summary>
    private static readonly string[] Raw =
    [
        "Exception", "Parameter '", "Could not find", "Access to the path", "Object reference", "Index was outside", "Value cannot be",
        "   at ", "Arithmetic operation", "Unexpected end of", "Found invalid data", "The file is in use", "Invalid argument :",
        "Unable to", "Central Directory", "Cannot determine", "System.", "Offset and length", "Specified argument", "Illegal", "Stream",
        "SharpCompress", "Operation",
    ];

    public static TheoryData<string> Inputs => [.. Odd.Names];

    public static string[][] Commands(string path) =>
    [
        ["explain", path], ["log", path], ["log", "diff", path, path], ["mce", path], ["mce", "--mcelog", path], ["pci", path],
        ["pci", "--config", path], ["kconfig", "diff", path, path], ["image", "list", path], ["image", "check", "--root", "none", path],
        ["image", "cat", path, "/etc/kdump.conf"], ["image", "diff", path, path], ["vmcore", "info", path], ["vmcore", "log", path],
        ["vmcore", "bt", path], ["vmcore", "verify", path], ["vmcore", "memory", path], ["vmcore", "locks", path],
        ["vmcore", "sys", path], ["vmcore", "report", path], ["vmcore", "ps", path], ["vmcore", "print", "-e", "jiffies", path],
            ["host", "diff", path, path], ["host", "check", "--root", path],
        ["host", "check", "--verbose", "--root", path], ["host", "history", "--root", path], ["host", "memory", "--root", path],
        ["host", "vectors", "--root", path], ["image", "check", "--root", path, path],
    ];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void No_command_calls_an_odd_input_right_or_shows_raw_words(string name)
    {
        string path = odd.Path(name);
        var wrong = new List<string>();
        foreach (string[] call in Commands(path))
        {
            (int code, string output, string error) = Run.Kdt(call);
            string shown = string.Join(' ', call).Replace(path, name, StringComparison.Ordinal);
            if (code is not (1 or 2))
                wrong.Add($"{shown}: exit {code}: {output.ReplaceLineEndings("|")} {error}");
            else if (code == 2 && error.Length == 0)
                wrong.Add($"{shown}: nothing on standard error");
            if (Array.Find(Raw, r => (output + error).Contains(r, StringComparison.Ordinal)) is { } raw)
                wrong.Add($"{shown}: raw '{raw}': {error}");
            if (output.Contains("Nothing wrong", StringComparison.Ordinal))
                wrong.Add($"{shown}: all-clear");
            if (code == 2 && !error.Contains(Path.GetFileName(path), StringComparison.Ordinal))
                wrong.Add($"{shown}: does not name the input: {error}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void An_empty_name_is_refused_in_our_words()
    {
        foreach (string[] call in Commands(""))
        {
            (int code, string output, string error) = Run.Kdt(call);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains("empty name", error, StringComparison.Ordinal);
            Assert.True(Array.Find(Raw, r => error.Contains(r, StringComparison.Ordinal)) is null, error);
        }
    }

    public static TheoryData<string> OtherThings =>
        ["text", "html", "text.gz", "text.zip", "empty.zip", "cut.tar", "text.7z", "text.rar", "elf", "json", "qcow2", "ext4", "gpt"];

    [Theory]
    [MemberData(nameof(OtherThings))]
    public void What_is_no_image_is_refused_and_not_judged_as_a_broken_one(string name)
    {
        string path = odd.Path(name);
        foreach (string[] call in new string[][] { ["image", "list", path], ["image", "check", "--root", "none", path],
            ["image", "diff", path, path], ["image", "cat", path, "/init"] })
        {
            (int code, string output, string error) = Run.Kdt(call);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains("not an initramfs: it is ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_comes_from_standard_input_is_answered_alike()
    {
        const string text = "It does one thing, and does it well.\n";
        foreach (string[] call in Commands("-"))
        {
            (int code, string output, string error) = Run.KdtOn(text, call);
            string shown = string.Join(' ', call);
            Assert.True(code == 2, $"{shown}: {code} {output}");
            Assert.True(error.Length > 0, shown);
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
            Assert.True(Array.Find(Raw, r => error.Contains(r, StringComparison.Ordinal)) is null, $"{shown}: {error}");
        }
    }

    [Theory]
    [InlineData("log", "diff")]
    [InlineData("image", "diff")]
    [InlineData("kconfig", "diff")]
    [InlineData("host", "diff")]
    public void Standard_input_is_not_both_sides_of_a_comparison(params string[] verb)
    {
        string input = verb[0] == "kconfig" ? "CONFIG_PCI=y\n"
            : "[    0.000000] Linux version 6.1.0 (x@y) #1 SMP\n[    0.000000] Command line: root=/dev/sda1\n";
        (int code, _, string error) = Run.KdtOn(input, [.. verb, "-", "-"]);
        Assert.Equal(2, code);
        Assert.True(verb[0] == "image" || error.Contains("can be read only once", StringComparison.Ordinal), error);
    }

    /// <summary>The inputs, in a folder of their own.</summary>
    public sealed class Odd : IDisposable
    {
        private static readonly byte[] Prose = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("It does one thing, and does it well. Nobody knows why.\n", 2000)));

        private static readonly Dictionary<string, Func<string, byte[]?>> Makers = new()
        {
            ["missing"] = _ => null,
            ["empty"] = _ => [],
            ["one byte"] = _ => [7],
            ["text"] = _ => Prose,
            ["zeros"] = _ => new byte[10_000],
            ["noise"] = _ => Noise(20_000),
            ["html"] = _ => Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body>Not found</body></html>\n"),
            ["folder"] = p => Made(() => Directory.CreateDirectory(p)),
            ["folder of text"] = p => Made(() =>
            {
                Directory.CreateDirectory(p);
                File.WriteAllBytes(System.IO.Path.Combine(p, "README"), Prose);
            }),
            ["pipe"] = p => Made(() => Tool.Run($"mkfifo '{p}'", ".")),
            ["device"] = p => Made(() => File.CreateSymbolicLink(p, "/dev/null")),
            ["loop"] = p => Made(() => File.CreateSymbolicLink(p, p)),
            ["dangling"] = p => Made(() => File.CreateSymbolicLink(p, p + ".not")),
            ["text.gz"] = _ => Gzip(Prose),
            ["cut.gz"] = _ => Gzip(Noise(30_000))[..15_000],
            ["head.gz"] = _ => Gzip(Prose)[..12],
            ["cut.xz"] = _ => Packed("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
            ["cut.zst"] = _ => Packed("zstd", [0x28, 0xb5, 0x2f, 0xfd]),
            ["cut.bz2"] = _ => Packed("bzip2", "BZh9"u8),
            ["cut.lz4"] = _ => Packed("lz4", [0x04, 0x22, 0x4d, 0x18]),
            ["cut.lzo"] = _ => Packed("lzop", [0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a]),
            ["magic.xz"] = _ => [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
            ["magic.zst"] = _ => [0x28, 0xb5, 0x2f, 0xfd],
            ["magic.bz2"] = _ => "BZh9"u8.ToArray(),
            ["magic.lzma"] = _ => [0x5d, 0, 0],
            ["text.zip"] = _ => Zip(("README", Prose), ("b", Prose)),
            ["cut.zip"] = _ => Zip(("README", Prose), ("b", Noise(5000)))[..3000],
            ["empty.zip"] = _ => Zip(),
            ["empty.tar"] = _ => new byte[10_240],
            ["cut.tar"] = _ => Tool.Run("tar -cf - -C / etc/hostname etc/passwd", ".")[..700],
            ["text.7z"] = p => SevenZip(p),
            ["cut.7z"] = p => SevenZip(p)[..^20],
            ["head.7z"] = p => SevenZip(p)[..20],
            ["text.rar"] = _ => RarBuilder.Of(("README", Encoding.UTF8.GetString(Prose))),
            ["cut.rar"] = _ => RarBuilder.Of(("README", Encoding.UTF8.GetString(Prose)))[..500],
            ["head.rar"] = _ => "Rar!\x1a\x07\0"u8.ToArray(),
            ["elf"] = _ => File.ReadAllBytes("/bin/true"),
            ["cut elf"] = _ => File.ReadAllBytes("/bin/true")[..100],
            ["core.magic"] = _ => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0],
            ["KDUMP"] = _ => "KDUMP   \x06\0\0\0"u8.ToArray(),
            ["makedumpfile"] = _ => "makedumpfile\0\0\0\0"u8.ToArray(),
            ["cpio.magic"] = _ => "070701"u8.ToArray(),
            ["cut.cpio"] = _ => "070701000000010000"u8.ToArray(),
            ["empty.cpio"] = _ => Encoding.ASCII.GetBytes("070701" + new string('0', 8 * 11) + "0000000b" + "00000000" +
                "TRAILER!!!\0\0\0\0"),
            // The headers of a dump whose pages are lost.
            ["cut.core"] = _ => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0, 1, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 0, 0, 0, 0, 0, 0,
                1, 0, 0, 0, 7, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 255, 255, 255, 255, 0, 0, 1, 0, 0, 0, 0, 0,
                0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ["squashfs.magic"] = _ => "hsqs\0\0\0\0"u8.ToArray(),
            ["json"] = _ => "{\"schema\": \"kdump-probe.report/1\""u8.ToArray(),
            ["qcow2"] = _ => [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3],
            ["ext4"] = _ => DiskBytes.Ext4(),
            ["gpt"] = _ => DiskBytes.Gpt(),
        };

        private readonly string folder = Directory.CreateTempSubdirectory("kdt-odd-").FullName;

        public static IEnumerable<string> Names => Makers.Keys;

        public string Path(string name)
        {
            string path = System.IO.Path.Combine(folder, name.Replace(' ', '-'));
            if (Makers[name](path) is { } bytes && !Directory.Exists(path))
                File.WriteAllBytes(path, bytes);
            return path;
        }

        public void Dispose() => Directory.Delete(folder, recursive: true);

        private static byte[]? Made(Action make)
        {
            make();
            return null;
        }

        private static byte[] Noise(int length)
        {
            var noise = new byte[length];
            new Random(9).NextBytes(noise);
            noise[0] = 1;
            return noise;
        }

        /// <summary>The first half of what the tool writes; its magic alone where it is not installed.</summary>
        private static byte[] Packed(string tool, ReadOnlySpan<byte> magic)
        {
            if (Tool.Find(tool) is null)
                return magic.ToArray();
            byte[] all = Tool.Run($"{tool} -q -c", ".", Noise(40_000));
            return all[..(all.Length / 2)];
        }

        private static byte[] Gzip(byte[] bytes)
        {
            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(bytes);
            return packed.ToArray();
        }

        private static byte[] Zip(params (string Name, byte[] Content)[] files)
        {
            var bytes = new MemoryStream();
            using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach ((string name, byte[] content) in files)
                {
                    using Stream entry = zip.CreateEntry(name).Open();
                    entry.Write(content);
                }
            }
            return bytes.ToArray();
        }

        private static byte[] SevenZip(string path)
        {
            if (Tool.Find("7z") is null)
                return [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4];
            string text = path + ".txt", packed = path + ".tmp.7z";
            File.WriteAllBytes(text, Prose);
            Tool.Run($"7z a -y '{packed}' '{text}'", ".");
            byte[] bytes = File.ReadAllBytes(packed);
            File.Delete(text);
            File.Delete(packed);
            return bytes;
        }
    }
}
