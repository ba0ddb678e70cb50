using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Sources.Hosts;

namespace Kdump.Tests.Host;

/// <summary><c>kdt host history</c>: dumps that lie here, ends of earlier runs, and what changed since.</summary>
public sealed class HostHistoryTests : IDisposable
{
    private static readonly DateTime Crash = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly HostForm form = new("rhel9");
    private readonly List<byte> wtmp = [];
    private string? root;

    [Fact]
    public void A_machine_that_never_dumped_is_said_to_be_untested()
    {
        JsonElement json = History();
        Assert.Equal("never, according to the files here", json.GetProperty("tested").GetString());
        Assert.Equal(["dump-never-tested"], Ids(json));
    }

    [Fact]
    public void A_dump_with_the_same_kernel_image_and_options_needs_no_word()
    {
        Dumped(form.Release, form.Files["proc/cmdline"].Trim());
        JsonElement json = History();
        Assert.Contains("none of the checked items changed since", json.GetProperty("tested").GetString());
        Assert.Empty(Ids(json));
        JsonElement dump = json.GetProperty("dumps")[0];
        Assert.Equal((true, form.Release, 9), (dump.GetProperty("complete").GetBoolean(), dump.GetProperty("kernel").GetString(),
            dump.GetProperty("bytes").GetInt32()));
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("command line")]
    [InlineData("firmware")]
    [InlineData("image")]
    [InlineData("configuration")]
    public void What_changed_since_the_dump_is_named(string what)
    {
        Dumped(what == "kernel" ? "5.14.0-1.el9.x86_64" : form.Release,
            what == "command line" ? "root=/dev/sda ro" : form.Files["proc/cmdline"].Trim());
        form.Files["sys/class/dmi/id/bios_version"] = what == "firmware" ? "U99\n" : "U46\n";
        LayOut();
        if (what == "image")
            File.SetLastWriteTimeUtc(Path.Combine(root!, $"boot/initramfs-{form.Release}kdump.img"), Crash.AddDays(1));
        if (what == "configuration")
            File.SetLastWriteTimeUtc(Path.Combine(root!, "etc/kdump.conf"), Crash.AddDays(1));
        JsonElement json = History();
        Assert.Equal([what], json.GetProperty("changed").EnumerateArray().Select(c => c.GetProperty("what").GetString()!));
        Assert.Equal(["dump-never-tested"], Ids(json));
    }

    [Fact]
    public void A_rehearsal_is_told_with_its_image_and_whether_that_is_the_present_one()
    {
        LayOut();
        string image = Path.Combine(root!, $"boot/initramfs-{form.Release}kdump.img"),
            folder = Path.Combine(root!, "var/lib/kdt/rehearsals");
        Directory.CreateDirectory(folder);
        using (FileStream file = File.OpenRead(image))
            Keep("b", PastRehearsals.Hash(file), "dump", true);
        Keep("a", new string('0', 64), "crash kernel", false);
        File.WriteAllText(Path.Combine(folder, "torn.json"), "{\"schema\": \"kdt.host.rehearse/1\", ");
        File.WriteAllText(Path.Combine(folder, "other.json"), "[]");
        JsonElement json = History();
        Assert.Equal([(false, "crash kernel"), (true, "dump")], json.GetProperty("rehearsals").EnumerateArray()
            .Select(r => (r.GetProperty("presentImage").GetBoolean(), r.GetProperty("reached").GetString()!)));
        Assert.Matches("^no dump of a real crash was found here; rehearsed on .* with this image$", json.GetProperty("tested").GetString());

        void Keep(string name, string hash, string reached, bool opens)
        {
            string dump = opens ? "{\"opens\":true}" : "null";
            File.WriteAllText(Path.Combine(folder, name + ".json"), "{\"schema\":\"kdt.host.rehearse/1\",\"reached\":\"" + reached +
                $"\",\"kernel\":\"{form.Release}\",\"imageSha256\":\"{hash}\",\"dump\":{dump}" + "}");
        }
    }

    [Fact]
    public void A_boot_after_a_boot_without_a_shutdown_between_them_ended_it_without_a_dump()
    {
        Record(2, "reboot", form.Release, Crash.AddDays(-9));
        Record(1, "shutdown", form.Release, Crash.AddDays(-8));
        Record(2, "reboot", form.Release, Crash.AddDays(-7));
        Record(2, "reboot", form.Release, Crash);
        JsonElement json = History();
        Assert.Equal(["shutdown", "unclean", "running"], json.GetProperty("runs").EnumerateArray()
            .Select(r => r.GetProperty("end").GetString()!));
        Assert.Contains("boot-ended-without-dump", Ids(json));
    }

    [Fact]
    public void A_dump_of_that_time_explains_the_end()
    {
        Record(2, "reboot", form.Release, Crash.AddDays(-7));
        Record(2, "reboot", form.Release, Crash.AddMinutes(5));
        Dumped(form.Release, form.Files["proc/cmdline"].Trim());
        Assert.Empty(Ids(History()));
    }

    [Fact]
    public void A_dump_that_was_only_begun_is_no_dump()
    {
        Record(2, "reboot", form.Release, Crash.AddDays(-7));
        Record(2, "reboot", form.Release, Crash.AddMinutes(5));
        form.Files["var/crash/127.0.0.1-2026-03-01-12:00:00/vmcore-incomplete"] = "KDUMP";
        JsonElement json = History();
        Assert.Equal(["dump-never-tested", "last-dump-lost"], Ids(json));
        Assert.False(json.GetProperty("dumps")[0].GetProperty("complete").GetBoolean());
    }

    /// <summary>What is left of the newest crash, and what is said of it.</summary>
    [Theory]
    [InlineData("vmcore-incomplete", "", "only an incomplete dump", "warning")]
    [InlineData("dump-incomplete", "", "only an incomplete dump", "warning")]
    [InlineData("kexec-dmesg.log", "kdump[513]: saving vmcore failed, exitcode:1", "its log and no dump", "warning")]
    [InlineData("vmcore-dmesg.txt", "[   10.0] Kernel panic - not syncing: x", "its log and no dump", "info")]
    [InlineData("dmesg.202603011200", "[   10.0] Kernel panic - not syncing: x", "its log and no dump", "info")]
    public void The_newest_crash_without_a_whole_dump_is_told(string file, string text, string left, string severity)
    {
        form.Files["var/crash/127.0.0.1-2026-03-01-12:00:00/" + file] = text + "\n";
        JsonElement json = History();
        JsonElement lost = json.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Single(f => f.GetProperty("id").GetString() == "last-dump-lost");
        Assert.EndsWith(left, lost.GetProperty("title").GetString());
        Assert.Equal(severity, lost.GetProperty("severity").GetString());
        Assert.Equal("kdt explain '/var/crash/127.0.0.1-2026-03-01-12:00:00'", lost.GetProperty("fixes")[0].GetProperty("command")
            .GetString());
        Assert.StartsWith("a crash of ", json.GetProperty("tested").GetString());
        Assert.Equal(text.Contains("failed", StringComparison.Ordinal), lost.GetProperty("evidence").EnumerateArray()
            .Any(e => e.GetProperty("text").GetString()!.Contains("exitcode", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_lost_dump_after_a_whole_one_is_told_beside_it()
    {
        Dumped(form.Release, form.Files["proc/cmdline"].Trim());
        form.Files["var/crash/127.0.0.1-2026-04-01-12:00:00/vmcore-incomplete"] = "KDUMP";
        LayOut();
        File.SetLastWriteTimeUtc(Path.Combine(root!, "var/crash/127.0.0.1-2026-04-01-12:00:00/vmcore-incomplete"), Crash.AddDays(31));
        JsonElement json = History();
        Assert.Matches("^a dump of 2026-03-01 .*; a later crash of 2026-04-01 12:00 UTC left no whole dump$",
            json.GetProperty("tested").GetString());
        Assert.Equal(["last-dump-lost"], Ids(json));
    }

    [Fact]
    public void A_whole_dump_after_a_lost_one_is_what_counts()
    {
        Dumped(form.Release, form.Files["proc/cmdline"].Trim());
        form.Files["var/crash/127.0.0.1-2026-02-01-12:00:00/vmcore-incomplete"] = "KDUMP";
        LayOut();
        File.SetLastWriteTimeUtc(Path.Combine(root!, "var/crash/127.0.0.1-2026-02-01-12:00:00/vmcore-incomplete"), Crash.AddDays(-28));
        Assert.Empty(Ids(History()));
    }

    /// <summary>openSUSE/kdump kdump-save: the dump has its name from its first byte on; README.txt tells what became of it.</summary>
    [Theory]
    [InlineData("Kernel crashdump\n----------------\ndmesg status: saved successfully\nvmcore status: saved successfully\n", "KDUMP", true)]
    [InlineData("Kernel crashdump\nvmcore status: error while saving, return code: 1\n", "KDUMP", false)]
    [InlineData("Kernel crashdump\nvmcore status: skipped\n", "KDUMP", false)]
    [InlineData("This file will be overwritten when the dump is finished.\nIf you see this text the crash dump is likely incomplete.\n",
        "KDUMP", false)]
    [InlineData("", "KDUMP", true)]
    [InlineData("", "", false)]
    public void A_dump_of_SUSE_is_whole_by_what_its_readme_says(string readme, string dump, bool whole)
    {
        using var own = new HostForm("leap");
        own.Files["var/crash/2026-03-01-12-00/vmcore"] = dump;
        own.Files["var/crash/2026-03-01-12-00/README.txt"] = readme;
        root = own.LayOut();
        Assert.Equal(whole, History().GetProperty("dumps")[0].GetProperty("complete").GetBoolean());
    }

    /// <summary>A path of kdump.conf begins at the root of the target's file system.</summary>
    [Theory]
    [InlineData("xfs /dev/vda2", "/dev/vda2 /srv xfs rw 0 0")]
    [InlineData("ext4 UUID=aaaaaaaa-0000-1111-2222-333344445555", "/dev/vda2 /srv ext4 rw 0 0")]
    [InlineData("nfs server.example:/dumps", "server.example:/dumps /srv nfs4 rw,vers=4.2 0 0")]
    public void A_dump_on_a_file_system_of_its_own_is_looked_for_where_that_is_mounted(string target, string mount)
    {
        form.Line(target);
        form.Change(form.Conf, "path /var/crash", "path /kept");
        form.Links["dev/disk/by-uuid/aaaaaaaa-0000-1111-2222-333344445555"] = "../../vda2";
        form.Links["sys/class/block/vda2"] = "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2";
        form.Files["sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2/dev"] = "252:2\n";
        form.Files["proc/mounts"] += mount + "\n";
        form.Files["srv/kept/192.0.2.7-2026-03-01-12:00:00/vmcore"] = "KDUMP";
        Assert.Equal("/srv/kept/192.0.2.7-2026-03-01-12:00:00/vmcore", History().GetProperty("dumps")[0].GetProperty("path").GetString());
    }

    [Fact]
    public void A_torn_wtmp_and_one_of_noise_are_read_as_far_as_they_go()
    {
        Record(2, "reboot", form.Release, Crash);
        wtmp.AddRange(new byte[100]);
        Assert.Single(History().GetProperty("runs").EnumerateArray());
        wtmp.Clear();
        wtmp.AddRange(Enumerable.Range(0, 4000).Select(i => (byte)(i * 31 % 256)));
        Assert.Empty(History().GetProperty("runs").EnumerateArray());
    }

    public void Dispose() => form.Dispose();

    private void Dumped(string release, string line)
    {
        const string Folder = "var/crash/127.0.0.1-2026-03-01-12:00:00/";
        form.Files[Folder + "vmcore"] = "KDUMP   x";
        form.Files[Folder + "vmcore-dmesg.txt"] = $"[    0.000000] Linux version {release} (x) #1 SMP\n[    0.000000] Command line: " +
            $"{line}\n" +
            "[    0.000000] DMI: HPE ProLiant DL380 Gen10/ProLiant DL380 Gen10, BIOS U46 05/16/2024\n";
    }

    private void Record(short type, string user, string host, DateTime when)
    {
        byte[] record = new byte[384];
        BinaryPrimitives.WriteInt16LittleEndian(record, type);
        Encoding.ASCII.GetBytes("~").CopyTo(record, 8);
        Encoding.ASCII.GetBytes(user).CopyTo(record, 44);
        Encoding.ASCII.GetBytes(host).CopyTo(record, 76);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(340), (int)new DateTimeOffset(when).ToUnixTimeSeconds());
        wtmp.AddRange(record);
    }

    private void LayOut()
    {
        root ??= form.LayOut();
        foreach (string path in new[] { $"boot/initramfs-{form.Release}kdump.img", "etc/kdump.conf", "etc/sysconfig/kdump" })
            File.SetLastWriteTimeUtc(Path.Combine(root, path), Crash.AddDays(-30));
        foreach (string dump in Directory.EnumerateFiles(Path.Combine(root, "var/crash"), "vmcore*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(dump, Crash);
        Directory.CreateDirectory(Path.Combine(root, "var/log"));
        File.WriteAllBytes(Path.Combine(root, "var/log/wtmp"), [.. wtmp]);
    }

    private JsonElement History()
    {
        if (root is null || wtmp.Count > 0)
            LayOut();
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = Kdt.Run(["host", "history", "--root", root!, "--json"], output, error, () => Stream.Null, Terminal.Plain);
        Assert.True(exit == 0, error.ToString());
        return JsonDocument.Parse(output.ToString()).RootElement;
    }

    private static string[] Ids(JsonElement json) => [.. json.GetProperty("verdict").GetProperty("findings").EnumerateArray()
        .Select(f => f.GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
}
