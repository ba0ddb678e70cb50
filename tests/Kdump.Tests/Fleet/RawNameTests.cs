using System.Text;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli.Commands;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Fleet;

/// <summary>Names that are not UTF-8 are read by their bytes and shown with <c>\\xNN</c>.</summary>
public sealed class RawNameTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [ToolFact("python3", "gzip")]
    public void Files_and_folders_of_any_name_are_read_and_unchanged_the_second_time()
    {
        fleet.Log("web-1", MadeUpFleet.Chain, name: "1");
        fleet.Log("web-2", MadeUpFleet.Chain, name: "2");
        fleet.Log("web-3", MadeUpFleet.Chain, name: "3");
        fleet.Log("web-4", MadeUpFleet.Chain, name: "4");
        fleet.Log("web-5", MadeUpFleet.Chain, name: "5");
        fleet.Log("web-6", MadeUpFleet.Chain, name: "6");
        Python("""
            import os, gzip
            os.rename(b'1', b'caf\xe9.log')
            os.mkdir(b'gr\xf6\xdfe'); os.rename(b'2', b'gr\xf6\xdfe/plain.log')
            os.mkdir(b'a\xff'); os.mkdir(b'a\xff/b\xfe'); os.mkdir(b'a\xff/b\xfe/crash'); os.rename(b'3', b'a\xff/b\xfe/crash/vmcore-dmesg.txt')
            open(b'a\xff/b\xfe/crash/kexec-dmesg.log', 'w').close()
            open(b'p\xe4.log.gz', 'wb').write(gzip.compress(open(b'4', 'rb').read())); os.remove(b'4')
            os.rename(b'5', b'literal\\xe9.log')
            os.rename(b'6', b'\xe2\x82.log')
            """);
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        Assert.Equal((0, 6), (end.Refused, end.Crashes));
        Assert.Equal(["\\xe2\\x82.log", "a\\xff/b\\xfe/crash/kexec-dmesg.log", "a\\xff/b\\xfe/crash/vmcore-dmesg.txt", "caf\\xe9.log",
            "gr\\xf6\\xdfe/plain.log", "literal\\xe9.log", "p\\xe4.log.gz"],
            store.Rows("SELECT path FROM inputs").Select(r => r.Text(0)[(fleet.Logs.Length + 1)..]).Order(StringComparer.Ordinal));
        Assert.All(FleetCrash.All(store), c => Assert.StartsWith(Path.GetDirectoryName(c.Input)! + "/", c.Evidence,
            StringComparison.Ordinal));
        Assert.Equal(end.Units, fleet.Scan(store).Skipped);
        Python("""open(b'caf\\xe9.log', 'a').write('one more line\\n')""".Replace("\\\\", "\\", StringComparison.Ordinal));
        Assert.Equal(end.Units - 1, fleet.Scan(store).Skipped);
        Clean();
    }

    [ToolFact("python3", "mkfifo")]
    public void What_of_such_a_name_is_not_read_has_its_reason_and_its_bytes()
    {
        Directory.CreateDirectory(fleet.Logs);
        Directory.CreateDirectory(Path.Combine(fleet.Folder, "away"));
        Python("""
            import os
            os.mkfifo(b'p\xe9'); os.symlink(b'/nowhere', b'd\xe9'); os.symlink(b'../away', b'l\xe9'); os.mkdir(b'empty\xe9')
            """);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(["d\\xe9: its name is not UTF-8, and it could not be opened by its bytes: rename it",
            "l\\xe9: a link to a folder outside of the source: not followed, give the folder as a source",
                "p\\xe9: a named pipe: not read"],
            store.Rows("SELECT path, reason FROM inputs").Select(r => $"{r.Text(0)[(fleet.Logs.Length + 1)..]}: {r.Text(1)}")
                .Order(StringComparer.Ordinal));
        Clean();
    }

    [ToolFact("python3")]
    public void A_list_of_paths_and_a_pattern_find_them_too()
    {
        fleet.Log("web-1", MadeUpFleet.Chain, name: "1");
        Python("""
            import os
            os.rename(b'1', b'caf\xe9.log')
            """);
        byte[] list = [.. Encoding.UTF8.GetBytes(fleet.Logs + "/caf"), 0xe9, .. ".log\0"u8];
        Assert.Equal([$"{fleet.Logs}/caf\\xe9.log"], PathList.Read(new MemoryStream(list)));
        foreach (string source in new[] { $"{fleet.Logs}/caf\\xe9.log", $"{fleet.Logs}/*.log" })
        {
            using var store = FleetStore.Open(Path.Combine(fleet.Folder, $"{Guid.NewGuid()}.db"), create: true);
            Assert.Equal((0, 1), (new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run([source]) is var end ? (int)end.Refused
                : 9,
                (int)end.Crashes));
        }
        // A program that called this one has lost the bytes: the reason says how to go on.
        using var other = fleet.Open();
        Assert.Equal(ScanUnits.NotUtf8,
            Assert.Single(new Scan(other, "1", () => new MadeUpFleet.HereJudge(), 1).Run([$"{fleet.Logs}/caf\ufffd.log"]).Trouble).Reason);
        Clean();
    }

    [Theory]
    [InlineData("/logs/x.log", false)]
    [InlineData("/logs/caf\\xe9.log", true)]
    [InlineData("/logs/caf\\x41.log", false)]
    [InlineData("/logs/caf\\xE9.log", false)]
    [InlineData("/logs/caf\\xe", false)]
    public void Only_bytes_that_are_no_ASCII_are_written_so(string path, bool odd)
    {
        Assert.Equal(odd, RawPaths.IsOdd(path));
        using var raw = new RawPaths();
        // It leads nowhere: it stays as it is.
        Assert.Equal(path, raw.Openable(path));
    }

    public void Dispose() => fleet.Dispose();

    private void Python(string program)
    {
        File.WriteAllText(Path.Combine(fleet.Folder, "make.py"),
            program.Replace("\n            ", "\n", StringComparison.Ordinal).TrimStart());
        Tool.Run("python3 ../make.py", fleet.Logs);
    }

    /// <summary>.NET cannot remove such names.</summary>
    private void Clean() => Tool.Run("rm -rf logs", fleet.Folder);
}
