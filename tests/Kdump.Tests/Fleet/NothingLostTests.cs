using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli.Commands;

namespace Kdump.Tests.Fleet;

/// <summary>Whatever a scan meets and does not read is an input with its reason.</summary>
public sealed class NothingLostTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [ToolFact("mkfifo", "python3")]
    public void Everything_in_a_tree_that_is_not_read_is_an_input_with_its_reason()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        Directory.CreateDirectory(Path.Combine(fleet.Folder, "elsewhere"));
        File.WriteAllText(Path.Combine(fleet.Folder, "elsewhere", "x.log"), "x");
        Tool.Run("""
            mkdir inner && cp web-1.log inner/other.log && ln -s /nowhere/x dangling && ln -s loop-b loop-a && ln -s loop-a loop-b && mkfifo pipe &&
            ln -s ../elsewhere away && ln -s inner latest && ln -s ../logs self && ln -s web-1.log linked.log &&
            python3 -c "import socket, os
            s = socket.socket(socket.AF_UNIX); s.bind('socket')
            open(b'caf\xe9.log', 'w'); open(b'caf\xe8.log', 'w'); os.mkdir(b'ordner\xff')
            os.makedirs('/'.join(['d'] * 40)); open('/'.join(['d'] * 40) + '/deep.log', 'w')"
            """.Replace("\n            ", "\n", StringComparison.Ordinal), fleet.Logs);
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        string below = string.Join('/', Enumerable.Repeat("d", 33));
        Assert.Equal(
        [
            "away: a link to a folder outside of the source: not followed, give the folder as a source",
            $"{below}: a folder below 32 others: not walked, give it as a source",
            "dangling: a link that leads nowhere",
            "loop-a: a link that leads back to itself",
            "loop-b: a link that leads back to itself",
            "pipe: a named pipe: not read",
            "socket: a socket: not read",
        ], store.Rows("SELECT path, reason FROM inputs WHERE state = 'refused'").Select(r =>
            $"{r.Text(0)[(fleet.Logs.Length + 1)..]}: {r.Text(1)}")
            .Order(StringComparer.Ordinal).OrderBy(r => r[0] == 'd' && r[1] == '/' ? "b" : r, StringComparer.Ordinal));
        Assert.Equal((7, 0, 1), (end.Refused, end.RefusedBefore, end.Crashes));
        // Once told, it is no news: only what is new since is trouble.
        Assert.Equal((7, 7, 0), Numbers(fleet.Scan(store)));
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "dangling-2"), "/nowhere");
        File.Delete(Path.Combine(fleet.Logs, "loop-b"));
        ScanState third = fleet.Scan(store);
        Assert.Equal((7, 5, 2), Numbers(third));
        // The other end of the loop leads nowhere now.
        Assert.Equal(["dangling-2", "loop-a"], third.Trouble.Select(t => Path.GetFileName(t.Path)).Order());
        // .NET cannot remove names that are not UTF-8.
        Tool.Run("rm -r caf* ordner*", fleet.Logs);

        static (long, long, int) Numbers(ScanState s) => (s.Refused, s.RefusedBefore, s.Trouble.Count);
    }

    [Fact]
    public void A_source_that_gives_nothing_is_told_though_others_give_something()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        string empty = Directory.CreateDirectory(Path.Combine(fleet.Folder, "empty")).FullName;
        using FleetStore store = fleet.Open();
        ScanState end = new Scan(store, "1", () => new MadeUpFleet.HereJudge(),
            1).Run([fleet.Logs, empty, $"{fleet.Folder}/*.none", "/nowhere"]);
        Assert.Equal((4, 3, 1), (end.Units, end.Refused, end.Crashes));
        Assert.Equal([("no file has such a name", $"{fleet.Folder}/*.none"), ("no file in it", empty),
            ("there is no such file", "/nowhere")],
            end.Trouble.Select(t => (t.Reason, t.Path)).Order());
        // A file in it: the folder is forgiven.
        File.Copy(Path.Combine(fleet.Logs, "web-1.log"), Path.Combine(empty, "x.log"));
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run([empty]);
        Assert.Equal(0, store.Count("SELECT COUNT(*) FROM inputs WHERE path = @p AND state = 'refused'", ("p", empty)));
    }

    [NotRootFact]
    public void A_folder_that_may_not_be_read_is_told_and_forgiven_when_it_may()
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain), closed = Directory.CreateDirectory(Path.Combine(fleet.Logs, "closed")).FullName;
        File.Copy(log, Path.Combine(closed, "x.log"));
        File.SetUnixFileMode(closed, UnixFileMode.None);
        using FleetStore store = fleet.Open();
        Assert.Equal((closed, ScanUnits.NoFolder), Assert.Single(fleet.Scan(store).Trouble));
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        Assert.Equal(0, fleet.Scan(store).Refused);
        Assert.Empty(store.Refused(10));
    }

    [Theory]
    [InlineData("a.log\nb.log\n", "a.log|b.log")]
    [InlineData("a.log\r\n\nb.log", "a.log|b.log")]
    [InlineData("a\nb.log\0c.log\0", "a\nb.log|c.log")]
    [InlineData("caf\u00e9.log\n", "caf\u00e9.log")]
    [InlineData("", "")]
    public void A_list_of_paths_ends_them_by_lines_or_by_zero_bytes(string text, string paths) =>
        Assert.Equal(paths, string.Join('|', PathList.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)))));

    [Fact]
    public void A_long_list_of_paths_is_read_to_its_end()
    {
        string[] paths = [.. Enumerable.Range(0, 20_000).Select(i => $"/logs/machine-{i}.log")];
        Assert.Equal(paths, PathList.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', paths)))));
    }

    [ToolFact("gzip", "tar", "xz", "zip")]
    public void A_log_without_a_host_is_one_machine_and_one_crash_in_whatever_wrapper()
    {
        string log = fleet.Log("x", MadeUpFleet.Chain);
        File.WriteAllLines(log, File.ReadAllLines(log).Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
        // Without times, too: nothing in it dates the crash.
        string untimed = Path.Combine(fleet.Logs, "untimed.log");
        File.WriteAllLines(untimed, File.ReadAllLines(log).Select(l => l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..]
            .Replace("i40e", "ixgbe", StringComparison.Ordinal)));
        Tool.Run("""
            for f in x untimed; do gzip -k $f.log && xz -k $f.log && tar czf $f.tgz $f.log && cp $f.log $f-copy.log && zip -q $f.zip $f.log; done
            iconv -t UTF-16 x.log > utf16.log; sed 's/$/\r/' x.log > crlf.log; gzip -c x.tgz > twice.tgz.gz; mkdir dump; cp x.log dump/vmcore-dmesg.txt; echo > dump/kexec-dmesg.log
            """, fleet.Logs);
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        Assert.Equal(0, end.Refused);
        Assert.Equal((2, 2), (end.Crashes, end.Machines));
        Assert.Equal(2, TopClusters.Of(store, 9).Sum(c => c.Machines));
    }

    public void Dispose() => fleet.Dispose();
}

/// <summary>A fact that root's rights spoil.</summary>
public sealed class NotRootFactAttribute : FactAttribute
{
    public NotRootFactAttribute()
    {
        if (Environment.UserName == "root")
            Skip = "needs a user whom rights of files bind: root reads everything";
    }
}
