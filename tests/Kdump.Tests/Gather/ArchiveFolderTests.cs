using System.Formats.Tar;
using System.Text;
using Kdump.Cli.Collect;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Tests.Gather;

public sealed class ArchiveFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-archive-").FullName;

    [Fact]
    public void What_was_put_in_comes_out_with_mode_time_and_links()
    {
        var when = new DateTimeOffset(2021, 5, 6, 7, 8, 9, TimeSpan.Zero);
        string path = Tar("a.tar.zst", tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "m/proc/x") { DataStream = new MemoryStream("hello"u8.ToArray()), Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead, ModificationTime = when });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "m/link") { LinkName = "proc/x" });
        });
        using ArchiveFolder archive = ArchiveFolder.Open(path);
        Assert.Null(archive.Damage);
        Assert.Equal("hello", File.ReadAllText(archive.Folder + "/link"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(archive.Folder + "/proc/x"));
        Assert.Equal(when.UtcDateTime, File.GetLastWriteTimeUtc(archive.Folder + "/proc/x"));
    }

    [Fact]
    public void Nothing_leads_out_of_its_folder()
    {
        string outside = Path.Combine(folder, "outside");
        Directory.CreateDirectory(outside);
        string path = Tar("evil.tar", tar =>
        {
            Write(tar, "../escaped");
            Write(tar, "/etc/absolute");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "way") { LinkName = outside });
            Write(tar, "way/through-a-link");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "file") { LinkName = Path.Combine(outside, "over") });
            Write(tar, "file");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "zero") { DeviceMajor = 1, DeviceMinor = 5 });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Fifo, "pipe"));
            Write(tar, "good");
        });
        string at;
        using (ArchiveFolder archive = ArchiveFolder.Open(path))
        {
            at = archive.Folder;
            Assert.Equal("x", File.ReadAllText(at + "/good"));
            Assert.Equal("x", File.ReadAllText(at + "/etc/absolute"));
            Assert.False(File.Exists(at + "/../escaped"));
            Assert.Equal(["etc", "file", "good", "way"], Directory.GetFileSystemEntries(at).Select(Path.GetFileName).Order());
        }
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.False(Directory.Exists(at));
    }

    [Fact]
    public void One_that_is_cut_gives_what_it_still_holds_and_says_so()
    {
        string path = Tar("cut.tar", tar =>
        {
            Write(tar, "a");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "b") { DataStream = new MemoryStream(new byte[100_000]) });
        });
        byte[] all = File.ReadAllBytes(path);
        File.WriteAllBytes(path, all[..(all.Length - 60_000)]);
        using ArchiveFolder archive = ArchiveFolder.Open(path);
        Assert.Equal("x", File.ReadAllText(archive.Folder + "/a"));
        Assert.NotNull(archive.Damage);
    }

    [Fact]
    public void What_is_no_archive_is_refused_in_one_line()
    {
        string path = Path.Combine(folder, "no.tar.gz");
        File.WriteAllText(path, new string('n', 5000));
        InputException e = Assert.Throws<InputException>(() => ArchiveFolder.Open(path));
        Assert.DoesNotContain("\n", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flipped_bytes_end_in_damage_or_refusal_and_in_nothing_else()
    {
        byte[] whole = File.ReadAllBytes(Tar("flip.tar.zst", tar => { for (int i = 0; i < 20; i++) Write(tar, $"m/{i}"); }));
        byte[] plain = File.ReadAllBytes(Tar("flip.tar", tar => { for (int i = 0; i < 20; i++) Write(tar, $"m/{i}"); }));
        var random = new Random(7);
        for (int round = 0; round < 120; round++)
        {
            bool packed = round % 2 == 0;
            byte[] bytes = (byte[])(packed ? whole : plain).Clone();
            for (int i = 0; i < 4; i++)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            string path = Path.Combine(folder, packed ? "broken.tar.zst" : "broken.tar");
            File.WriteAllBytes(path, bytes);
            try
            {
                using ArchiveFolder archive = ArchiveFolder.Open(path);
            }
            catch (InputException)
            {
                // Refused in one line: as good.
            }
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Write(TarWriter tar, string name) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.ASCII.GetBytes("x")) });

    private string Tar(string name, Action<TarWriter> fill)
    {
        string path = Path.Combine(folder, name);
        using FileStream file = File.Create(path);
        using var tar = new TarWriter(name.EndsWith(".zst", StringComparison.Ordinal) ? new ZstdEncoder(file) : file, TarEntryFormat.Pax);
        fill(tar);
        return path;
    }
}
