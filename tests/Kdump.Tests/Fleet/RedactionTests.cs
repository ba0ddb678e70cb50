using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Fleet;

/// <summary>A name is planted wherever a machine may print one, and looked for wherever a scan with a key may have written.</summary>
public sealed class RedactionTests : IDisposable
{
    private const string Key = "a key of some length";

    private readonly MadeUpFleet fleet = new();

    /// <summary>What stands in which line; the planted word has <c>5ecret</c> in it, or is listed with it.</summary>
    public static TheoryData<string, string> Places => new()
    {
        { "password in a command line", "Command line: BOOT_IMAGE=/boot/vmlinuz ro password=hunter5ecret" },
        { "a number as password", "Command line: BOOT_IMAGE=/boot/vmlinuz ro cifspass=5901834" },
        { "a bare word", "Command line: BOOT_IMAGE=/boot/vmlinuz ro my5ecretword quiet" },
        { "a host name", "Command line: ro hostname=db5ecret systemd.hostname=db5ecret.corp.example" },
        { "an address", "Command line: ro ip=10.91.82.73::10.91.82.1:255.255.255.0:node5ecret:eth0:none" },
        { "a boot interface", "Command line: ro BOOTIF=01-52-54-00-91-82-73" },
        { "an NFS root", "Command line: ro root=/dev/nfs nfsroot=10.91.82.73:/srv/5ecret" },
        { "a URL", "Command line: ro inst.ks=http://user:5ecret@deploy.corp.example/ks.cfg ds=nocloud;s=http://5ecret/" },
        { "an iSCSI name", "Command line: ro rd.iscsi.initiator=iqn.1994-05.com.redhat:5ecret netroot=iscsi:5ecret@10.91.82.73::::iqn.x" },
        { "a key", "Command line: ro luks.key=/5ecret rd.luks.uuid=5ec2e7aa-0000-4000-8000-5ec2e75ec2e7" },
        { "netconsole", "Command line: ro netconsole=6665@10.91.82.73/eth0,514@10.91.82.74/52:54:00:91:82:73" },
        { "a harmless name with a word", "Command line: ro mitigations=5ecret console=5ecret crashkernel=5ecret nr_cpus=5ecret" },
        { "a long number", "Command line: ro panic=5901834775 crashkernel=590183477512M" },
        { "arguments of init", "Command line: ro quiet -- --token=5ecret 5ecret" },
        { "a parameter's name", "Command line: ro owner5ecret=1 mod5ecret.param=1" },
        { "a board's name", "DMI: ACME web5ecret.corp.example/X, BIOS 1.0 01/02/2023" },
        { "a board's owner", "DMI: ACME bob5ecret@corp.example/X, BIOS 1.0 01/02/2023" },
        { "behind the firmware's date", "DMI: ACME Box/X, BIOS 1.0 01/02/2023 5ecret" },
        { "an address in a model", "Hardware name: Box 10.91.82.73 (DT)" },
        { "a MAC in a disk", "scsi 0:0:0:0: Direct-Access     ACME     52:54:00:91:82:73 0001 PQ: 0 ANSI: 6" },
        { "a panic's words", "Kernel panic - not syncing: node5ecret of bob5ecret is down, ask 10.91.82.73 or 52:54:00:91:82:73" },
        { "a warning's words", "WARNING: license of web5ecret.corp.example (bob5ecret) is over" },
        { "a bug's words", "BUG: web5ecret on /home/bob5ecret/x is broken" },
        { "a file system's words", "EXT4-fs error (device 5ecret): ext4_lookup:1234: comm bob5ecret: iget: /srv/5ecret" },
        { "a process", "Out of memory: Killed process 4711 (bob5ecret) total-vm:1kB, anon-rss:1kB, file-rss:0kB" },
        { "a dump's target", "kdump: saving to root5ecret@10.91.82.73:/srv/5ecret failed" },
        { "an NFS server", "nfs: server nas5ecret.corp.example not responding, timed out" },
        { "a release", "Linux version 6.1.0-corp5ecret-amd64 (bob5ecret@build5ecret) (gcc 12) #1 SMP" },
        { "a user", "systemd[1]: Started Session 4711 of User bob5ecret." },
        { "IPv6", "e1000e 0000:00:1f.6: firmware version fd00:5ec2::91 at fe80::5054:ff:fe91:8273" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void No_name_that_a_machine_prints_gets_into_a_store_or_an_answer(string place, string line)
    {
        string[] secrets = ["5ecret", "5ec2e7", "5901834", "10.91.82.7", "00:91:82", "00-91-82", "fe91:8273", "5ec2::91", "corp.example",
            "web-91.", "/logs/", fleet.Folder];
        string log = fleet.Log("web-91.corp.example", MadeUpFleet.Chain);
        File.AppendAllText(log, string.Concat(new[] { line, "BUG: unable to handle page fault for address: 0000000000000091" }
            .Select((l, i) => $"2026-11-01T02:11:36.00000{i}+00:00 web-91.corp.example kernel: [  200.00000{i}] {l}\n")));
        string alone = Path.Combine(fleet.Logs, "alone.log");
        File.WriteAllText(alone, $"[    0.000000] Linux version 6.1.0-31-amd64 (a@b) #1\n[    5.000000] {line}\n[    5.100000] " +
            "Call Trace:\n[    5.100001]  do_x5+0x1/0x2\n");
        File.WriteAllBytes(Path.Combine(fleet.Logs, "core5ecret"), [0, 1, 2, 255]);
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "link5ecret"), "/nowhere/5ecret");
        string said = "";
        using (FleetStore store = fleet.Open())
        {
            ScanState end = Scan(store);
            Assert.Equal((1, 1), (end.Refused, end.Trouble.Count));
            Assert.True(end.Crashes > 0);
            said += string.Join('\n', end.Trouble);
        }
        said += string.Join('\n', Ask("top"), Ask("top", "--json"), Ask("inputs"), Ask("inputs", "--json"), Ask("export"),
            Ask("export", "--format", "csv"), Ask("lost-dumps"), Ask("lost-dumps", "--json"), Ask("new", "--since", "2000-01-01"));
        using (FleetStore store = fleet.Open())
        {
            said += string.Join('\n', TopClusters.Of(store, 10).Select(c => Ask("show", c.Id) + Ask("suspects", c.Id)));
            said += string.Join('\n', store.Rows("SELECT machine FROM machines").Select(r => Ask("machine", r.Text(0))));
        }
        string page = Path.Combine(fleet.Folder, "page.html");
        Ask("top", "-o", page);
        Ask("export", "--format", "parquet", "-o", Path.Combine(fleet.Folder, "x.parquet"));
        foreach (string file in Directory.GetFiles(fleet.Folder))
            said += System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace(fleet.Store, "", StringComparison.Ordinal);
        said = said.Replace(fleet.Store, "", StringComparison.Ordinal);
        Assert.All(secrets, s => Assert.True(!said.Contains(s, StringComparison.OrdinalIgnoreCase), $"{place}: {s} in …" +
            Around(said, s)));
    }

    [Fact]
    public void What_tells_of_no_place_or_person_is_kept()
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        File.WriteAllText(log, File.ReadAllText(log).Replace("ro quiet crashkernel=512M", "ro quiet crashkernel=1G-4G:192M,4G-:256M " +
            "nr_cpus=4 mitigations=off intel_iommu=on,sm_on transparent_hugepage=never ip=10.1.2.3 isolcpus=2-7,10",
                StringComparison.Ordinal));
        using FleetStore store = fleet.Open();
        Scan(store);
        string[] kept = [.. store.Rows("SELECT value FROM traits WHERE name = 'parameter' ORDER BY value").Select(r => r.Text(0))];
        Assert.Equal(["crashkernel=1G-4G:192M,4G-:256M", "intel_iommu=on,sm_on", "isolcpus=2-7,10", "mitigations=off",
            "nr_cpus=4", "quiet", "ro", "transparent_hugepage=never"], kept.Where(k => !k.Contains('#')).Order(StringComparer.Ordinal));
        Assert.StartsWith("ip=#", Assert.Single(kept, k => k.Contains('#')), StringComparison.Ordinal);
        Assert.Equal(["Dell Inc. PowerEdge R740", "2.19.1 06/04/2023"],
            store.Rows("SELECT value FROM traits WHERE name IN ('model', 'firmware') " +
            "ORDER BY name DESC").Select(r => r.Text(0)));
        ClusterRow kind = Assert.Single(TopClusters.Of(store, 5));
        Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in i40e_clean_rx_irq", kind.Title);
        Assert.Equal("6.1.0-31-amd64", Assert.Single(kind.Releases));
    }

    [Theory]
    [InlineData("6.1.0-31-amd64", "6.1.0-31-amd64")]
    [InlineData("5.14.0-570.12.1.el9_6.x86_64+debug", "5.14.0-570.12.1.el9_6.x86_64+debug")]
    [InlineData("6.8.12-4-pve", "6.8.12-4-pve")]
    [InlineData("5.15.0-1-azure-fde", "5.15.0-1-azure-<fde>")]
    [InlineData("6.1.0-acme.web17", "6.1.0-<acme>.<web17>")]
    public void Of_a_release_the_numbers_and_the_words_of_distributions_are_kept(string release, string kept) =>
        Assert.Equal(kept, RedactedRelease.Of(release, w => $"<{w}>"));

    [Fact]
    public void Another_key_makes_other_numbers_of_everything_by_which_an_input_is_known()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        string log = fleet.Log("x", MadeUpFleet.Chain, name: "unnamed");
        File.WriteAllLines(log, File.ReadAllLines(log).Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "link"), "/nowhere");
        string[][] cells = [.. new[] { null, Key, "another key than that" }.Select(key =>
        {
            using var store = FleetStore.Open(Path.Combine(fleet.Folder, $"{key?.Length}.db"), create: true);
            Scan(store, key);
            return new[] { "SELECT id FROM records", "SELECT input FROM records", "SELECT machine FROM machines", "SELECT path FROM inputs",
                "SELECT hash FROM inputs", "SELECT CAST(bytes AS TEXT) FROM inputs WHERE state <> 'refused'",
                "SELECT CAST(modified AS TEXT) FROM inputs WHERE state <> 'refused'", "SELECT id FROM crashes" }
                .SelectMany(s => store.Rows(s)).Select(r => r.Text(0)).ToArray();
        })];
        Assert.All(cells, c => Assert.True(c.Length > 12));
        Assert.Empty(cells[0].Intersect(cells[1]));
        Assert.Empty(cells[0].Intersect(cells[2]));
        Assert.Empty(cells[1].Intersect(cells[2]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("        ")]
    [InlineData("short")]
    public void A_key_that_is_found_by_trying_is_refused(string key)
    {
        (int code, string output, string error) = Run("scan", fleet.Folder, "--into", fleet.Store, "--redact", key);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("is too short", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_takes_names_of_one_kind()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        using FleetStore redacted = fleet.Open();
        using var plain = FleetStore.Open(Path.Combine(fleet.Folder, "plain.db"), create: true);
        using var other = FleetStore.Open(Path.Combine(fleet.Folder, "other.db"), create: true);
        Scan(redacted);
        Scan(plain, null);
        Scan(other, "another key than that");
        Assert.Contains("made with --redact", Refused(() => Scan(redacted, null)), StringComparison.Ordinal);
        Assert.Contains("another key", Refused(() => Scan(redacted, "another key than that")), StringComparison.Ordinal);
        Assert.Contains("plain names", Refused(() => Scan(plain)), StringComparison.Ordinal);
        Assert.Contains("plain names", Refused(() => plain.Merge(redacted)), StringComparison.Ordinal);
        Assert.Contains("another key", Refused(() => redacted.Merge(other)), StringComparison.Ordinal);
        using var empty = FleetStore.Open(Path.Combine(fleet.Folder, "empty.db"), create: true);
        redacted.Merge(empty);
        empty.Merge(redacted);
        Assert.Contains("made with --redact", Refused(() => empty.Merge(plain)), StringComparison.Ordinal);
        Assert.Equal(1, Scan(redacted).Skipped);
    }

    [Fact]
    public void A_store_that_an_older_version_redacted_takes_nothing_more()
    {
        using (var database = new Database("store", SqliteConnections.Open(fleet.Store, write: true), shared: false))
        {
            database.Run("CREATE TABLE kdump_fleet (step INTEGER NOT NULL)");
            database.Run("INSERT INTO kdump_fleet VALUES (2)");
            foreach (string sql in Schema.Steps[..2].SelectMany(s => s))
                database.Run(sql);
            database.Run("INSERT INTO inputs VALUES ('#0123456789ab', 'h', 1, 1, '', 'judged', NULL, '1')");
        }
        using FleetStore store = fleet.Open();
        Assert.Contains("older kdt", Refused(() => Scan(store)), StringComparison.Ordinal);
        Assert.Contains("older kdt", Refused(() => Scan(store, null)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_owner_finds_a_machine_and_a_refused_input_by_the_key()
    {
        fleet.Log("web-1.a.example", MadeUpFleet.Chain);
        string link = Path.Combine(fleet.Logs, "link");
        File.CreateSymbolicLink(link, "/nowhere");
        using (FleetStore store = fleet.Open())
            Scan(store);
        Assert.Contains("i40e_clean_rx_irq", Run("machine", fleet.Store, "web-1.a.example", "--redact", Key).Output,
            StringComparison.Ordinal);
        Assert.Matches("^#[0-9a-f]{16}: refused, not read \\(a link that leads nowhere\\)\n$",
            Run("inputs", fleet.Store, link, "--redact", Key).Output);
        Assert.Contains("another key", Run("inputs", fleet.Store, link, "--redact", "another key than that").Error,
            StringComparison.Ordinal);
        Assert.Contains("no scan was given it", Run("inputs", fleet.Store, "/x", "--redact", Key).Error, StringComparison.Ordinal);
        Assert.Equal(2, Run("machine", fleet.Store, "web-1.a.example").Code);
    }

    public void Dispose() => fleet.Dispose();

    private ScanState Scan(FleetStore store, string? key = Key) => new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1)
    {
        Redact = key is null ? null : new Redaction(key),
    }.Run([fleet.Logs]);

    private static string Refused(Action act) => Assert.Throws<InputException>(act).Message;

    private string Ask(string question, params string[] words)
    {
        (int code, string output, string error) = Run([question, fleet.Store, .. words]);
        Assert.True(code == 0, $"{question}: {error}");
        return output + error;
    }

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        return (KdtFleet.Run(words, output, error, () => Stream.Null, Terminal.Plain), output.ToString(), error.ToString());
    }

    private static string Around(string text, string word) => text.IndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var at
        ? text[Math.Max(0, at - 80)..Math.Min(text.Length, at + 80)] : "";
}
