using System.IO.Compression;
using System.Text;
using Kdump.Formats.Archives;
using Kdump.Sources.Inputs;
using Kdump.Sources.Trees;
using Kdump.Tests.Builders;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>Archives that other people's tools made of one folder, against the folder itself; whole, cut and damaged.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const string Fatal = "[   10.000000] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400\n";

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-archive-").FullName;

    public ArchiveTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "sos/logs"));
        Write("sos/logs/console.log", Fatal);
        Write("sos/logs/empty", "");
        Write("sos/cmdline", "BOOT_IMAGE=x root=/dev/sda1\n");
        var long1 = new StringBuilder();
        for (int i = 0; i < 700_000; i++)
            long1.Append(i).Append('\n');
        // Larger than what is kept of a member while an archive is indexed.
        Write("sos/logs/large.txt", long1.ToString());
        using FileStream sparse = File.Create(Path.Combine(folder, "sos/logs/sparse.log"));
        foreach (long at in new[] { 300_000L, 900_000, 910_000, 1_500_000, 1_900_000, 2_400_000 })
        {
            sparse.Position = at;
            sparse.Write(Encoding.UTF8.GetBytes(Fatal));
        }
        sparse.SetLength(3_000_000);
    }

    public static TheoryData<string> Tars => ["--format=v7", "--format=ustar", "--format=gnu", "--format=pax"];

    public static TheoryData<string> SparseTars =>
        ["--format=oldgnu", "--format=gnu", "--format=pax --sparse-version=0.0", "--format=pax --sparse-version=0.1",
            "--format=pax --sparse-version=1.0"];

    public static TheoryData<string> SevenZips =>
        ["-ms=on", "-ms=off", "-m0=lzma", "-m0=bzip2", "-m0=ppmd", "-m0=deflate", "-m0=copy", "-mhc=off", "-m0=bcj -m1=lzma2"];

    public static TheoryData<string> Zips => ["-q -0", "-q -9"];

    [ToolTheory("tar")]
    [InlineData(1)]
    [InlineData(2)]
    public void The_archive_of_a_machine_in_a_ticket_is_its_root_if_it_is_the_only_one(int machines)
    {
        Directory.CreateDirectory(Path.Combine(folder, "machine/etc"));
        Directory.CreateDirectory(Path.Combine(folder, "machine/proc"));
        Write("machine/etc/os-release", "ID=rhel\nPRETTY_NAME=\"Red Hat Enterprise Linux 9.4\"\n");
        Write("machine/proc/version", "Linux version 5.14.0-427.el9.x86_64 (x) #1 SMP\n");
        Tool.Run("tar czf sos.tar.gz machine", folder);
        string ticket = Path.Combine(folder, "ticket.zip");
        using (var zip = ZipFile.Open(ticket, ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(Path.Combine(folder, "sos/cmdline"), "note.txt");
            for (int i = 0; i < machines; i++)
                zip.CreateEntryFromFile(Path.Combine(folder, "sos.tar.gz"), $"node{i}/sos.tar.gz");
        }
        (int code, string output, string error) = Run.Kdt("host", "check", "--root", ticket);
        if (machines == 1)
            Assert.Contains("kernel 5.14.0-427.el9.x86_64", output, StringComparison.Ordinal);
        else
        {
            Assert.Equal((2, ""), (code, output));
            Assert.Contains("contains 2 machines", error, StringComparison.Ordinal);
            Assert.Contains("node1/sos.tar.gz", error, StringComparison.Ordinal);
        }
    }

    [ToolTheory("tar")]
    [MemberData(nameof(Tars))]
    public void A_tar_archive_holds_what_was_put_in(string format)
    {
        Tool.Run($"tar {format} -cf x.archive sos && tar {format} -cf - sos | gzip > x.tgz", folder);
        Same("x.archive");
        Same("x.tgz");
    }

    [ToolTheory("tar")]
    [MemberData(nameof(SparseTars))]
    public void Holes_of_a_sparse_file_are_zeros_again(string format)
    {
        // A temporary file system may know no holes: then the zeros were archived, and this proves less.
        Tool.Run($"tar {format} -S -cf x.archive sos", folder);
        Same("x.archive");
    }

    [ToolTheory("7z")]
    [MemberData(nameof(SevenZips))]
    public void A_7z_archive_holds_what_was_put_in(string options)
    {
        Tool.Run($"7z a {options} x.7z sos", folder);
        Same("x.7z");
    }

    [ToolTheory("zip")]
    [MemberData(nameof(Zips))]
    public void A_zip_archive_holds_what_was_put_in(string options)
    {
        Tool.Run($"zip -r {options} x.zip sos", folder);
        Same("x.zip");
    }

    [ToolFact("zip")]
    public void A_zip_whose_sizes_were_not_known_beforehand_is_whole()
    {
        Write("console.log", Fatal);
        Tool.Run("cat console.log | zip -q x.zip - && (echo front; cat x.zip) > y.zip", folder);
        ArchiveTree tree = Tree("x.zip");
        Assert.Null(tree.Note);
        Assert.Equal(Fatal, Encoding.UTF8.GetString(tree.Kept("/-")!));
        using FileStream behind = File.OpenRead(Path.Combine(folder, "y.zip"));
        Assert.Equal(["-"], ZipDirectory.Read(behind)!.Select(f => f.Name));
    }

    [ToolFact("7z", "zip", "gzip")]
    public void An_archive_that_was_packed_once_more_is_read()
    {
        Tool.Run("7z a x.7z sos && zip -qr x.zip sos && gzip x.7z x.zip", folder);
        Same("x.7z.gz");
        Same("x.zip.gz");
    }

    [Fact]
    public void A_rar_archive_holds_what_was_put_in()
    {
        Write("x.rar", RarBuilder.Of(("a.txt", "one\n"), ("dir/console.log", Fatal)));
        ArchiveTree tree = Tree("x.rar");
        Assert.Null(tree.Note);
        Assert.Equal(["/a.txt", "/dir/console.log"], tree.Files);
        Assert.Equal(Fatal, Encoding.UTF8.GetString(tree.Kept("/dir/console.log")!));
        Assert.Contains("mce-fatal", Run.Kdt("explain", Path.Combine(folder, "x.rar")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rar_archive_that_is_cut_anywhere_says_so()
    {
        byte[] four = RarBuilder.Of(("a.txt", "one\n"), ("dir/console.log", Fatal));
        byte[] five = RarBuilder.Five("console.log", Fatal, checksum: true, wrong: false);
        Assert.False(RarBlocks.IsCut(new MemoryStream(four)));
        Assert.False(RarBlocks.IsCut(new MemoryStream(five)));
        // Without its last block of 7 bytes a RAR 4 archive is whole: old versions wrote none; a file may end between two blocks.
        int[] between = [.. Enumerable.Range(8, four.Length - 14).Where(n => !RarBlocks.IsCut(new MemoryStream(four[..n])))];
        Assert.Equal([20, 20 + 32 + "a.txt".Length + 4, four.Length - 7], between);
        Assert.All(Enumerable.Range(9, five.Length - 9 - 2), n => Assert.True(n >= five.Length - 3 || RarBlocks.IsCut(
            new MemoryStream(five[..n])), $"{n}"));
        foreach (byte[] archive in new[] { four, five })
        {
            Write("cut.rar", archive[..(archive.Length - 40)]);
            (int code, string output, string error) = Run.Kdt("explain", Path.Combine(folder, "cut.rar"));
            Assert.NotEqual(0, code);
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
            Assert.Contains("damaged or truncated", output + error, StringComparison.Ordinal);
        }
    }

    /// <summary>By the program itself; -ma4 is known by its versions before 7.</summary>
    [ToolTheory("rar")]
    [InlineData("-m0")]
    [InlineData("-m1")]
    [InlineData("-m5")]
    [InlineData("-s")]
    [InlineData("-htb")]
    [InlineData("-rr5p")]
    [InlineData("-ma4 -m5")]
    [InlineData("-ma4 -s")]
    public void A_rar_archive_by_rar_itself_holds_what_was_put_in(string options)
    {
        Tool.Run($"rar a -idq -r {options} x.rar sos || rar a -idq -r {options.Replace("-ma4", "", StringComparison.Ordinal)} x.rar sos",
            folder);
        Same("x.rar");
        byte[] whole = File.ReadAllBytes(Path.Combine(folder, "x.rar"));
        Write("cut.rar", whole[..(whole.Length / 2)]);
        Assert.NotNull(Tree("cut.rar").Note);
    }

    [ToolTheory("rar")]
    [InlineData("-psecret", "x.rar", "is encrypted")]
    [InlineData("-hpsecret", "x.rar", "encrypted")]
    [InlineData("-ma4 -psecret", "x.rar", "is encrypted")]
    [InlineData("-ma4 -hpsecret", "x.rar", "encrypted")]
    [InlineData("-m0 -v100k", "x.part01.rar", "unpack all volumes")]
    [InlineData("-m0 -v100k", "x.part02.rar", "unpack all volumes")]
    public void A_rar_archive_that_cannot_be_read_says_what_to_do(string options, string file, string says)
    {
        Tool.Run($"rar a -idq -r {options} x.rar sos || rar a -idq -r {options.Replace("-ma4", "", StringComparison.Ordinal)} x.rar sos",
            folder);
        (int code, string output, string error) = Run.Kdt("explain", Path.Combine(folder, file));
        Assert.Equal(2, code);
        Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    public void A_rar_5_archive_is_damaged_where_its_checksum_differs_and_not_where_it_has_none(bool checksum, bool wrong, bool whole)
    {
        Write("five.rar", RarBuilder.Five("console.log", Fatal, checksum, wrong));
        Assert.Equal(whole, Tree("five.rar").Note is null);
        Assert.Contains("mce-fatal", Run.Kdt("explain", Path.Combine(folder, "five.rar")).Output, StringComparison.Ordinal);
    }

    [ToolTheory("7z")]
    [InlineData("Deflate")]
    [InlineData("Deflate64")]
    [InlineData("BZip2")]
    [InlineData("LZMA")]
    [InlineData("PPMd")]
    [InlineData("Copy")]
    public void Members_of_a_zip_archive_are_read_however_they_are_packed(string method)
    {
        Tool.Run($"7z a -tzip -mm={method} {method}.zip sos", folder);
        ArchiveTree tree = Tree($"{method}.zip");
        Assert.Null(tree.Note);
        Assert.Equal(Fatal, Encoding.UTF8.GetString(tree.Kept("/logs/console.log")!));
        using Stream large = tree.Open("/logs/large.txt")!;
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "sos/logs/large.txt")), new StreamReader(large).ReadToEnd());
    }

    [ToolTheory("7z", "zip")]
    [InlineData("7z a -v2k x.7z sos", "x.7z.001", "cat x.7z.* > x.7z")]
    [InlineData("7z a -v2k x.7z sos", "x.7z.002", "cat x.7z.* > x.7z")]
    [InlineData("7z a -tzip -v2k x.zip sos", "x.zip.002", "cat x.zip.* > x.zip")]
    [InlineData("zip -qr0 -s 64k x.zip sos/logs/large.txt", "x.z01", "zip -s 0 x.zip")]
    [InlineData("zip -qr0 -s 64k x.zip sos/logs/large.txt", "x.zip", "zip -s 0 x.zip")]
    public void A_piece_of_an_archive_says_how_to_join_it(string command, string piece, string advice)
    {
        Tool.Run(command, folder);
        (int code, string output, string error) = Run.Kdt("explain", Path.Combine(folder, piece));
        Assert.Equal(2, code);
        Assert.Contains(advice, output + error, StringComparison.Ordinal);
    }

    [ToolFact("7z", "zip", "tar")]
    public void Links_in_an_archive_are_links()
    {
        Tool.Run("ln -s logs/console.log sos/link && 7z a -snl x.7z sos && zip -qry x.zip sos && tar -cf x.tar sos", folder);
        foreach (string archive in new[] { "x.7z", "x.zip", "x.tar" })
        {
            ArchiveTree tree = Tree(archive);
            Assert.Equal("logs/console.log", tree.LinkTarget("/link"));
            Assert.DoesNotContain("/link", tree.Files);
        }
    }

    [ToolTheory("zip")]
    [InlineData("zip -qr -")]
    [InlineData("zip -qr0 -")]
    [InlineData("zip -qr x.zip")]
    public void A_cut_zip_archive_gives_the_members_before_the_cut(string command)
    {
        // Written to a pipe, sizes stand behind the data.
        const string members = "sos/cmdline sos/logs/console.log sos/logs/empty sos/logs/large.txt";
        byte[] whole = Tool.Run($"{command} {members} | cat; cat x.zip 2>/dev/null; true", folder);
        Write("cut.zip", whole[..(whole.Length - 2000)]);
        ArchiveTree tree = Tree("cut.zip");
        Assert.NotNull(tree.Note);
        if (command.Contains("r0 -", StringComparison.Ordinal))
            return;
        Assert.Equal(Fatal, Encoding.UTF8.GetString(tree.Kept("/logs/console.log") ?? tree.Kept("/sos/logs/console.log")!));
        (int code, string output, _) = Run.Kdt("explain", Path.Combine(folder, "cut.zip"));
        Assert.Equal(1, code);
        Assert.Contains("mce-fatal", output, StringComparison.Ordinal);
    }

    /// <summary>APPNOTE 4.3.9.2: behind the data of such a member the sizes have 64 bits.</summary>
    [ToolTheory("python3")]
    [InlineData("True")]
    [InlineData("False")]
    public void A_cut_zip_archive_of_64_bits_gives_the_members_before_the_cut(string wide)
    {
        File.WriteAllText(Path.Combine(folder, "pack.py"), $"""
            import sys, zipfile
            class Pipe:
                def write(self, data): return sys.stdout.buffer.write(data)
                def flush(self): pass
            with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as packed:
                for name in 'sos/cmdline', 'sos/logs/empty', 'sos/logs/console.log', 'sos/logs/large.txt':
                    with packed.open(name, 'w', force_zip64={wide}) as member, open(name, 'rb') as file:
                        member.write(file.read())
            """);
        byte[] whole = Tool.Run("python3 pack.py", folder);
        Write("whole.zip", whole);
        Holds(Tree("whole.zip"), "/sos/logs/console.log");
        Assert.Null(Tree("whole.zip").Note);
        Write("cut.zip", whole[..(whole.Length - 2000)]);
        Assert.NotNull(Tree("cut.zip").Note);
        Holds(Tree("cut.zip"), "/sos/logs/console.log");

        static void Holds(ArchiveTree tree, string file) => Assert.Equal(Fatal, Encoding.UTF8.GetString(
            (tree.Kept(file) ?? tree.Kept(file["/sos".Length..]))!));
    }

    [ToolFact("7z")]
    public void An_encrypted_archive_says_so()
    {
        Tool.Run("7z a -psecret a.7z sos && 7z a -psecret -mhe=on b.7z sos", folder);
        foreach (string archive in new[] { "a.7z", "b.7z" })
        {
            (int code, _, string error) = Run.Kdt("explain", Path.Combine(folder, archive));
            Assert.Equal(2, code);
            Assert.Contains("encrypted", error, StringComparison.Ordinal);
        }
    }

    [ToolFact("7z")]
    public void Damage_in_one_block_of_a_7z_archive_costs_no_other_block()
    {
        Tool.Run("7z a -ms=off -m0=lzma x.7z sos", folder);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "x.7z"));
        // The files' blocks stand in the order of their list; the large one's fills the middle.
        bytes.AsSpan(bytes.Length / 2, 64).Fill(0x55);
        Write("x.7z", bytes);
        ArchiveTree tree = Tree("x.7z");
        Assert.Equal(Fatal, Encoding.UTF8.GetString(tree.Kept("/logs/console.log")!));
        Assert.ThrowsAny<Exception>(() => All(tree, "/logs/large.txt"));
    }

    [ToolTheory("7z", "zip", "tar", "gzip", "xz")]
    [InlineData("7z a x.a sos -t7z", true)]
    [InlineData("zip -qr x.zip sos && mv x.zip x.a", true)]
    [InlineData("tar -cf x.a sos", false)]
    [InlineData("tar -czf x.a sos", true)]
    [InlineData("tar -cJf x.a sos", true)]
    public void A_damaged_archive_is_never_taken_for_another_whole_one(string command, bool proves)
    {
        File.Delete(Path.Combine(folder, "sos/logs/large.txt"));
        Tool.Run(command, folder);
        byte[] whole = File.ReadAllBytes(Path.Combine(folder, "x.a"));
        Dictionary<string, string> right = Contents("x.a", out _);
        var random = new Random(7);
        for (int i = 0; i < 60; i++)
        {
            byte[] bad = i % 2 == 0 ? whole[..random.Next(1, whole.Length - whole.Length / 10)] : [.. whole];
            if (i % 2 == 1)
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            Write("bad", bad);
            Dictionary<string, string> got = Contents("bad", out bool complete);
            if (complete && (proves || i % 2 == 0))
                Assert.Equal(right, got);
        }
    }

    [Fact]
    public void A_tar_archive_that_ends_between_two_files_is_cut()
    {
        Tool.Run("tar -cf x.tar sos/cmdline", folder);
        Write("cut.tar", File.ReadAllBytes(Path.Combine(folder, "x.tar"))[..1024]);
        Assert.Contains("ends too early", Tree("cut.tar").Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_begins_with_zeros_is_read_behind_them()
    {
        Write("x.log", [.. new byte[70_001], .. Encoding.UTF8.GetBytes(Fatal)]);
        Assert.Contains("mce-fatal", Run.Kdt("explain", Path.Combine(folder, "x.log")).Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private ArchiveTree Tree(string name)
    {
        string path = Path.Combine(folder, name);
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        Assert.True(input.Kind.IsArchive, input.Kind.Name);
        return ArchiveInput.Open(path, input);
    }

    private void Same(string name)
    {
        ArchiveTree tree = Tree(name);
        Assert.Null(tree.Note);
        string top = Path.Combine(folder, "sos");
        string[] files =
        [
            .. Directory.GetFiles(top, "*", SearchOption.AllDirectories).Select(f => f[top.Length..]).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(files, tree.Files);
        foreach (string file in files)
            Assert.True(File.ReadAllBytes(top + file).AsSpan().SequenceEqual(All(tree, file)), file);
    }

    private Dictionary<string, string> Contents(string name, out bool complete)
    {
        complete = true;
        var all = new Dictionary<string, string>();
        string path = Path.Combine(folder, name);
        using OpenInput input = OpenInput.Open(path, () => Stream.Null);
        complete = input.Kind.IsArchive;
        if (!complete)
            return all;
        ArchiveTree tree = ArchiveInput.Open(path, input);
        foreach (string file in tree.Files)
        {
            try
            {
                all[file] = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(All(tree, file)));
            }
            catch (IOException)
            {
                complete = false;
            }
        }
        complete &= tree.Note is null;
        return all;
    }

    private static byte[] All(ArchiveTree tree, string file)
    {
        using Stream? content = tree.Open(file);
        var all = new MemoryStream();
        (content ?? throw new IOException("not there")).CopyTo(all);
        return all.ToArray();
    }

    private void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
}
