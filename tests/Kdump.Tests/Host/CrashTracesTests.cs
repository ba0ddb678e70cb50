using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Sources.Hosts;
using Kdump.Sources.Trees;

namespace Kdump.Tests.Host;

/// <summary>kdt explain without a path: the newest crash of a machine, wherever it left something.</summary>
public sealed class CrashTracesTests : IDisposable
{
    private const string Oops = "[    5.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008\n" +
        "[    5.000001] RIP: 0010:f+0x1/0x2\n[    5.000002] Kernel panic - not syncing: Fatal exception\n";

    private readonly string root = Directory.CreateTempSubdirectory("kdt-traces").FullName;

    public CrashTracesTests() => Put("etc/os-release", "ID=test\n", 0);

    [Fact]
    public void The_newest_dump_is_taken_and_the_older_ones_are_named()
    {
        Put("var/crash/127.0.0.1-2026-11-01-10:00:00/vmcore-dmesg.txt", Explained.FirstBoot + Oops, 1_000_000);
        Put("var/crash/127.0.0.1-2026-11-20-10:00:00/vmcore-dmesg.txt", Explained.FirstBoot + Oops, 2_000_000);
        NewestCrash newest = Find();
        Assert.Equal(root + "/var/crash/127.0.0.1-2026-11-20-10:00:00", Assert.Single(newest.Taken).Place);
        Assert.Contains(newest.Left, l => l.Contains("127.0.0.1-2026-11-01", StringComparison.Ordinal));
        (int code, string output, string error) = Run("explain", "--root", root);
        Assert.Equal((1, ""), (code, error));
        Assert.Contains("the kernel panicked", output, StringComparison.Ordinal);
        Assert.Contains("newest crash:\n  dump: ", output, StringComparison.Ordinal);
        Assert.Contains("journalctl cannot be used", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/kdump.conf", "path /srv/dumps\n", "srv/dumps/127.0.0.1-x/vmcore-dmesg.txt")]
    [InlineData("etc/default/kdump-tools", "USE_KDUMP=1\nKDUMP_COREDIR=\"/srv/dumps\"\n", "srv/dumps/202611281200/dmesg.202611281200")]
    [InlineData("etc/sysconfig/kdump", "KDUMP_SAVEDIR=\"file:///srv/dumps\"\n", "srv/dumps/2026-11-28-12:00/vmcore")]
    [InlineData("etc/os-release", "ID=debian\n", "var/crash/linux-image-6.1.0-x.crash")]
    [InlineData("etc/os-release", "ID=debian\n", "var/crash/host7/127.0.0.1-x/vmcore-dmesg.txt")]
    [InlineData("etc/os-release", "ID=debian\n", "var/lib/systemd/pstore/176000000/dmesg.txt")]
    [InlineData("etc/os-release", "ID=debian\n", "sys/fs/pstore/dmesg-efi_pstore-176000000")]
    public void Every_place_where_a_distribution_keeps_crashes_is_looked_into(string settings, string content, string crash)
    {
        Put(settings, content, 0);
        Put(crash, Oops, 1_000_000);
        CrashTrace trace = Assert.Single(Find().Taken);
        Assert.StartsWith(trace.Place, $"{root}/{crash}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_written_within_an_hour_is_of_one_crash()
    {
        Put("var/crash/a/vmcore-dmesg.txt", Oops, 2_000_000);
        Put("var/lib/systemd/pstore/1/dmesg.txt", Oops, 1_999_000);
        Put("sys/fs/pstore/dmesg-ramoops-0", Oops, 1_000_000);
        NewestCrash newest = Find();
        Assert.Equal(["dump", "pstore"], newest.Taken.Select(t => t.Kind));
        Assert.Single(newest.Left);
    }

    [Fact]
    public void A_boot_that_ended_without_a_shutdown_is_read_from_the_journal()
    {
        var asked = new List<string>();
        NewestCrash newest = Find(arguments =>
        {
            asked.Add(string.Join(' ', arguments));
            return Encoding.UTF8.GetBytes(arguments.Contains("short-unix") ? "1764000000.5 host kernel: BUG: something\n" : Oops);
        });
        CrashTrace trace = Assert.Single(newest.Taken);
        Assert.Equal(("journalctl -b -1 -k -o short-precise", 1764000000), (trace.Place, trace.Time));
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public void A_boot_that_was_shut_down_is_no_crash()
    {
        NewestCrash newest = Find(_ => "1764000000.5 host systemd-journald[300]: Journal stopped\n"u8.ToArray());
        Assert.Empty(newest.Taken);
        Assert.Contains(newest.Looked, l => l.Contains("ended with a normal shutdown", StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_that_has_none_is_no_all_clear_and_says_where_was_looked()
    {
        (int code, string output, string error) = Run("explain", "--root", root);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("kdt: no crash of this machine was found; these places were searched:\n", error, StringComparison.Ordinal);
        foreach (string place in new[] { "/var/crash: does not exist", "/sys/fs/pstore: does not exist",
            "/var/lib/systemd/pstore: does not exist",
            "journal", "BERT: nothing" })
            Assert.Contains(place, error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_firmware_kept_is_told_where_no_journal_shows_it()
    {
        Directory.CreateDirectory(Path.Combine(root, "sys/firmware/acpi/tables/data"));
        File.WriteAllBytes(Path.Combine(root, "sys/firmware/acpi/tables/data/BERT"), [1, 0, 0, 0, 0]);
        Assert.Contains(Find().Left, l => l.Contains("firmware kept a hardware error", StringComparison.Ordinal));
    }

    [Fact]
    public void As_JSON_it_says_what_was_taken()
    {
        Put("var/crash/a/vmcore-dmesg.txt", Explained.FirstBoot + Oops, 2_000_000);
        using JsonDocument json = JsonDocument.Parse(Run("explain", "--json", "--root", root).Output);
        JsonElement taken = json.RootElement.GetProperty("newestCrash").GetProperty("taken")[0];
        Assert.Equal(("dump", 2_000_000), (taken.GetProperty("kind").GetString(), taken.GetProperty("time").GetInt64()));
    }

    [Fact]
    public void A_root_and_a_path_exclude_each_other() => Assert.Equal(2, Run("explain", "--root", root, "x").Code);

    public void Dispose() => Directory.Delete(root, recursive: true);

    private NewestCrash Find(Func<string[], byte[]?>? journal = null) =>
        new CrashTraces(new MachineTree(root), journal ?? (_ => null), live: journal is not null).Find();

    private void Put(string path, string content, long time)
    {
        string file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(time));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        return (Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain), output.ToString(), error.ToString());
    }
}
