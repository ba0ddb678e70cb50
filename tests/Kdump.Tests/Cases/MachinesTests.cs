using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Cases;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Cases;

/// <summary>Logs of several machines in one call: nothing of one explains what happened to another.</summary>
public sealed class MachinesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-machines-").FullName;

    [Fact]
    public void Two_hosts_get_a_verdict_each_and_no_edge_between_them()
    {
        Write("a.log", Boot("alpha", "1111") + "Nov  7 15:39:13 alpha kernel: nvme: probe of 0000:01:00.0 failed with error -28\n");
        Write("b.log", Boot("beta", "2222") +
            "Nov  7 15:40:13 beta systemd[1]: dev-disk-by\\x2duuid-2222.device: Job dev-disk-by\\x2duuid-2222.device/start timed out.\n" +
            "Nov  7 15:40:13 beta dracut-initqueue[300]: Timed out waiting for device dev-disk-by\\x2duuid-2222.device.\n");
        JsonElement[] machines = Machines();
        Assert.Equal(["alpha", "beta"], machines.Select(m => m.GetProperty("host").GetString()).Order());
        foreach (JsonElement machine in machines)
        {
            string host = machine.GetProperty("host").GetString()!;
            string own = host == "alpha" ? "a.log" : "b.log";
            Assert.Equal([Path.Combine(folder, own)], machine.GetProperty("inputs").EnumerateArray().Select(i => i.GetString()));
            foreach (JsonElement finding in machine.GetProperty("verdict").GetProperty("findings").EnumerateArray())
                Assert.All(finding.GetProperty("evidence").EnumerateArray(),
                    e => Assert.EndsWith(own, e.GetProperty("source").GetString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_table_in_the_folder_of_one_machine_belongs_to_it()
    {
        Write("one/console.log", Boot("alpha", "1111"));
        Write("one/interrupts.txt", "           CPU0\n  1:  5  IO-APIC 1-edge i8042\n 24:  7  PCI-MSI 512-edge nvme0q0\n");
        Write("two/console.log", Boot("beta", "2222"));
        JsonElement alpha = Machines().Single(m => m.GetProperty("host").GetString() == "alpha");
        Assert.Contains(alpha.GetProperty("inputs").EnumerateArray(),
            i => i.GetString()!.EndsWith("interrupts.txt", StringComparison.Ordinal));
    }

    /// <summary>Two folders, one of them with nothing that names its machine: judged together as asked, and not as if that were
    /// known.</summary>
    [Fact]
    public void A_log_from_elsewhere_that_names_no_machine_is_joined_with_a_doubt()
    {
        string named = Repository.Path("fixtures", "cases", "driver-missing-in-image"),
            mute = Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus");
        Verdict verdict = Assert.Single(Case.Read([named, mute], () => Stream.Null).Machines).Judge();
        Assert.Contains(verdict.Unknowns, u => u.Question.StartsWith($"whether {mute}", StringComparison.Ordinal));
        // The chain crosses from one to the other: its headline says what it takes for granted.
        Assert.Contains("(if nvme-fell-off-the-bus/console.log and driver-missing-in-image/console.log are from one machine)",
            verdict.Headline, StringComparison.Ordinal);
        Assert.DoesNotContain(Assert.Single(Case.Read([named], () => Stream.Null).Machines).Judge().Unknowns,
            u => u.Question.StartsWith("whether /", StringComparison.Ordinal));
    }

    /// <summary>
    /// A hang in one log and a panic in another: the second may come from the first only where both can be the same run.
    /// </summary>
    [Theory]
    [InlineData("6.1.0-1-amd64", "6.1.0-1-amd64", true, true)]
    [InlineData("6.1.0-1-amd64", "6.1.0-1-amd64", false, false)]
    [InlineData("6.1.0-1-amd64", "6.12.0-2-amd64", false, false)]
    public void Nothing_of_one_run_explains_what_happened_in_another(string first, string second, bool sameRun, bool joined)
    {
        const string hung = "[  300.000001] INFO: task dd:77 blocked for more than 120 seconds.\n";
        const string shared = "[  200.000001] nvme nvme0: I/O 5 QID 1 timeout, aborting\n";
        Write("a.log", Life(first) + shared + hung);
        Write("b.log", Life(second) + (sameRun ? shared : shared.Replace("200", "201", StringComparison.Ordinal)) +
            "[  310.000000] Kernel panic - not syncing: hung_task: blocked tasks\n");
        Verdict verdict = Assert.Single(Case.Read([Path.Combine(folder, "a.log"), Path.Combine(folder, "b.log")],
            () => Stream.Null).Machines).Judge();
        Finding panic = verdict.Findings.Single(f => f.Id.Contains("panic", StringComparison.Ordinal));
        bool crosses = panic.CausedBy.Any(c => verdict.Findings.Single(f => f.Ref == c).Evidence.All(e => e.Input.EndsWith("a.log")));
        Assert.Equal(joined, crosses);
    }

    [Fact]
    public void Of_several_logs_that_name_no_machine_none_explains_another()
    {
        string[] logs = [.. Directory.GetDirectories(Repository.Path("fixtures", "cases")).Order(StringComparer.Ordinal)
            .Select(f => Path.Combine(f, "console.log")).Where(File.Exists)];
        foreach (CaseMachine machine in Case.Read(logs, () => Stream.Null).Machines)
        {
            Verdict verdict = machine.Judge();
            if (machine.Inputs.Count > 2)
                Assert.Contains(verdict.Unknowns, u => u.Question.Contains("so none was taken as the cause of another"));
            foreach (Finding effect in verdict.Findings.Where(f => f.Evidence.Count > 0))
            {
                string[] seen = [.. effect.Evidence.Select(e => e.Input)];
                foreach (Finding cause in verdict.Findings.Where(f => effect.CausedBy.Contains(f.Ref) && f.Evidence.Count > 0))
                {
                    Assert.True(cause.Evidence.Any(e => seen.Contains(e.Input)),
                        $"{cause.Key} of {cause.Evidence[0].Input} -> {effect.Key}");
                }
            }
        }
    }

    [Fact]
    public void What_could_be_of_either_machine_is_judged_by_itself_and_says_so()
    {
        Write("one/console.log", Boot("alpha", "1111"));
        Write("two/console.log", Boot("beta", "2222"));
        Write("three/console.log", "[    5.000000] nvme: probe of 0000:01:00.0 failed with error -28\n");
        JsonElement stray = Machines().Single(m => !m.TryGetProperty("host", out _));
        Assert.Contains("no line shows which", stray.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Hosts_whose_lines_alternate_in_one_file_get_a_verdict_each(bool iso, bool packed)
    {
        string alpha = Boot("alpha", "1111") + "Nov  7 15:39:13 alpha kernel: nvme: probe of 0000:01:00.0 failed with error -28\n";
        string beta = Boot("beta", "2222") +
            "Nov  7 15:39:14 beta dracut-initqueue[300]: Timed out waiting for device dev-disk-by\\x2duuid-2222.device.\n";
        string[] a = alpha.TrimEnd().Split('\n'), b = beta.TrimEnd().Split('\n');
        var lines = new List<string>();
        for (int i = 0; i < Math.Max(a.Length, b.Length); i++)
            lines.AddRange(new[] { a, b }.Where(l => i < l.Length).Select(l => l[i]));
        string text = string.Join('\n', lines) + "\n";
        if (iso)
            text = text.Replace("Nov  7 15", "2026-11-07T15", StringComparison.Ordinal).Replace(" alpha ", ".123+01:00 alpha ",
                StringComparison.Ordinal).Replace(" beta ", ".124+01:00 beta ", StringComparison.Ordinal);
        Write("central.log", text);
        if (packed)
            Tool.Run("gzip central.log", folder);
        JsonElement[] machines = Machines();
        Assert.Equal(["alpha", "beta"], machines.Select(m => m.GetProperty("host").GetString()).Order());
        string[] all = text.Split('\n');
        foreach (JsonElement machine in machines)
        {
            string host = machine.GetProperty("host").GetString()!;
            JsonElement[] findings = [.. machine.GetProperty("verdict").GetProperty("findings").EnumerateArray()];
            Assert.NotEmpty(findings);
            foreach (JsonElement evidence in findings.SelectMany(f => f.GetProperty("evidence").EnumerateArray()))
            {
                // Lines keep their numbers in the file.
                Assert.Contains($" {host} ", all[evidence.GetProperty("line").GetInt32() - 1], StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_machine_that_gets_its_name_while_it_boots_is_one()
    {
        string boot = Boot("installer", "1111") + Boot("alpha", "1111").Split('\n', 2)[1];
        Write("a.log", boot + boot + boot + "Nov  7 15:39:13 alpha kernel: nvme: probe of 0000:01:00.0 failed with error -28\n");
        using JsonDocument json = JsonDocument.Parse(Run.Kdt("explain", folder, "--json").Output);
        Assert.False(json.RootElement.TryGetProperty("machines", out _));
    }

    [Theory]
    [InlineData("info kern kernel: ", "warning kern kernel: ")]
    [InlineData("kern.info kernel: ", "kern.warn kernel: ")]
    [InlineData("info kernel: ", "warning kernel: ")]
    public void A_priority_where_a_host_could_stand_is_none(string one, string other)
    {
        var column = new HostColumn();
        for (int i = 0; i < 10; i++)
            column.Look($"Nov  7 15:39:{i:d2} {(i % 2 == 0 ? one : other)}nvme: probe of 0000:01:00.{i % 8} failed with error -28");
        Assert.Empty(column.Several);
    }

    /// <summary>A central log may have one host's lines behind another's: nothing alternates.</summary>
    [Theory]
    [InlineData("web-1", "web-2", "10:00:00", "10:20:00", "5000.0", "31.5", 2)] // another clock
    [InlineData("web-1", "web-2", "10:00:00", "10:20:00", "5000.0", "90000.0", 2)] // one that is far ahead
    [InlineData("web-1", "web-2", "10:00:00", "10:20:00", null, null, 2)] // no clock tells
    [InlineData("web-1", "web-2", "10:00:00", "10:20:00", "5000.0", "6200.0", 0)] // given another name while it runs
    [InlineData("web-1", "web-2", "23:59:00", "00:01:00", "5000.0", "5120.0", 0)]
    [InlineData("template", "web-2", "10:00:00", "10:00:01", "1.0", "41.0", 0)] // the logger starts late
    [InlineData("web-1", "web-1.example.org", "10:00:00", "10:20:00", "5000.0", "31.5", 0)]
    [InlineData("web-1.b.example", "web-1.a.example", "10:00:00", "10:20:00", "5000.0", "6200.0", 2)]
    [InlineData("10.0.0.1", "10.0.0.2", "10:00:00", "10:20:00", "5000.0", "31.5", 2)]
    [InlineData("fe80::1", "2001:db8::2", "10:00:00", "10:20:00", "5000.0", "31.5", 2)]
    [InlineData("localhost", "web-2", "10:00:00", "10:20:00", "5000.0", "31.5", 0)]
    public void Hosts_one_behind_the_other_are_told_apart_by_their_clocks(string one, string other, string then, string later, string? ran,
        string? runs, int several)
    {
        var column = new HostColumn();
        for (int i = 0; i < 3; i++)
            column.Look($"Nov  7 {then} {one} kernel: nvme: I/O error", Number(ran));
        for (int i = 0; i < 3; i++)
            column.Look($"Nov  7 {later} {other} kernel: nvme: I/O error", Number(runs));
        Assert.Equal(several, column.Several.Count);

        static double? Number(string? text) => text is null ? null : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Two_boots_with_two_names_are_two_machines()
    {
        var column = new HostColumn();
        foreach (string host in (string[])["web-1", "web-2"])
        {
            column.Look($"Nov  7 10:00:00 {host} kernel: Linux version 6.1.0", 0);
            column.Look($"Nov  7 10:00:00 {host} kernel: nvme: I/O error", 5);
        }
        Assert.Equal(["web-1", "web-2"], column.Several.Select(m => m.Name));
    }

    [Theory]
    [InlineData("<3>Nov  7 10:00:00 {0} kernel: nvme: I/O error")]
    [InlineData("<3>1 2026-11-07T10:00:00.123Z {0} kernel - - - nvme: I/O error")]
    [InlineData("1 2026-11-07T10:00:00.123Z {0} kernel - - - nvme: I/O error", 0)]
    [InlineData("Sat 2026-11-07 10:00:00 UTC {0} kernel: nvme: I/O error")]
    [InlineData("2026-11-07 10:00:00 +0100 {0} kernel: nvme: I/O error")]
    [InlineData("Nov 07 10:00:00.123456 {0} kernel: nvme: I/O error")]
    [InlineData("2026 Nov  7 10:00:00 {0} kernel: nvme: I/O error")]
    [InlineData("2026-11-07 10:00:00 {0} kernel: nvme: I/O error")]
    [InlineData("Nov  7 10:00:00 {0}[12]: nvme: I/O error", 0)]
    [InlineData("at 10:00:00 {0} kernel: nvme: I/O error", 0)]
    [InlineData("10:00:00 {0} kernel: nvme: I/O error", 0)]
    [InlineData("Nov  7 10:00:00 {0} said: nvme failed", 2)]
    public void Priorities_and_versions_of_syslog_may_stand_before_the_date(string line, int several = 2)
    {
        var column = new HostColumn();
        for (int i = 0; i < 6; i++)
            column.Look(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, i % 2 == 0 ? "web-1" : "web-2"));
        Assert.Equal(several, column.Several.Count);
    }

    [Fact]
    public void A_central_log_of_hundreds_of_hosts_has_a_verdict_for_each()
    {
        string all = string.Concat(Enumerable.Range(0, 150).Select(i => string.Concat(new[]
        {
            "BUG: kernel NULL pointer dereference, address: 0000000000000008", "Oops: 0000 [#1] SMP PTI",
            "RIP: 0010:nfsd_file_put+0x12/0x90 [nfsd]",
        }.Select(l => $"Nov  7 15:39:10 web-{i} kernel: [{(i * 7919) % 5000}.000001] {l}\n"))));
        Write("central.log", all);
        JsonElement[] machines = Machines();
        Assert.Equal(150, machines.Select(m => m.GetProperty("host").GetString()).Distinct().Count());
        Assert.All(machines, m => Assert.Contains("nfsd_file_put", m.GetProperty("verdict").GetProperty("headline").GetString()!,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Names_that_any_machine_may_have_are_a_machine_of_their_own_beside_two_others()
    {
        static string Oops(string host, string function) => string.Concat(new[]
        {
            "BUG: kernel NULL pointer dereference, address: 0000000000000008", "Oops: 0000 [#1] SMP PTI", $"RIP: 0010:{function}+0x12/0x90",
        }.Select(l => $"Nov  7 15:39:10 {host} kernel: [{host.Length * 977}.000001] {l}\n"));
        Write("central.log", Oops("alpha", "one") + Oops("beta-2", "two") + Oops("localhost", "three"));
        JsonElement[] machines = Machines();
        Assert.Equal(3, machines.Length);
        JsonElement nameless = machines.Single(m => !m.TryGetProperty("host", out _));
        Assert.Contains("three", nameless.GetProperty("verdict").GetProperty("headline").GetString()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("beta", "beta")]
    [InlineData("alpha.example.net", "alpha")]
    public void A_host_whose_name_comes_with_and_without_its_domain_is_one_beside_another(string second, string other)
    {
        string[] oops = ["BUG: kernel NULL pointer dereference, address: 0000000000000008", "Oops: 0000 [#1] SMP PTI",
            "RIP: 0010:nfsd_file_put+0x12/0x90 [nfsd]"];
        Write("central.log", string.Concat(oops.Select((l, i) =>
            $"Nov  7 15:39:10 {(i % 2 == 0 ? "alpha" : "alpha.example.org")} kernel: [ 5000.00000{i}] {l}\n")) +
            string.Concat(oops.Select((l, i) => $"Nov  7 15:39:10 {second} kernel: [ 77.00000{i}] {l}\n")));
        JsonElement[] machines = Machines();
        Assert.Equal(["alpha", other], machines.Select(m => m.GetProperty("host").GetString()).Order());
        Assert.All(machines, m => Assert.Contains("nfsd_file_put", m.GetProperty("verdict").GetProperty("headline").GetString()!,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Hosts_beyond_those_that_are_told_apart_are_said_to_be_left_out()
    {
        var column = new HostColumn();
        for (int i = 0; i < HostColumn.MaxHosts; i++)
            column.Look($"Nov  7 15:39:10 web-{i} kernel: nvme: I/O error");
        Assert.False(column.Full);
        column.Look("Nov  7 15:39:10 one-more kernel: nvme: I/O error");
        Assert.True(column.Full);
    }

    [Fact]
    public void A_crash_kernel_with_a_root_of_its_own_is_no_other_machine()
    {
        Write("a/console.log", Boot("alpha", "1111"));
        Write("b/capture.log", "[    0.000000] Linux version 6.1.0 (x@y) #1 SMP\n" +
            "[    0.000000] Command line: root=UUID=9999 elfcorehdr=0x7a000000 irqpoll nr_cpus=1 reset_devices\n" +
            "[    3.000000] nvme: probe of 0000:01:00.0 failed with error -28\n");
        using JsonDocument json = JsonDocument.Parse(Run.Kdt("explain", folder, "--json").Output);
        Assert.False(json.RootElement.TryGetProperty("machines", out _));
    }

    [Theory]
    [InlineData("alpha", "1111", "alpha", "1111")]
    [InlineData("alpha", "1111", "alpha.example.org", "1111")]
    [InlineData("alpha", "1111", "localhost", "1111")]
    [InlineData("localhost.localdomain", "1111", "alpha", "1111")]
    [InlineData("alpha", "1111", "localhost4.localdomain4", "1111")]
    [InlineData("alpha", "1111", "dracut", "1111")]
    [InlineData("alpha", "1111", "kdump", "1111")]
    [InlineData("alpha", "1111", "fedora", "1111")]
    [InlineData("alpha", "1111", "alpha", "2222")]
    public void Logs_of_one_machine_stay_one_case(string hostA, string rootA, string hostB, string rootB)
    {
        Write("a.log", Boot(hostA, rootA));
        Write("b.log", Boot(hostB, rootB) + "Nov  7 15:39:13 host kernel: nvme: probe of 0000:01:00.0 failed with error -28\n");
        Write("notes.txt", "[    5.000000] usb 1-1: new device\n");
        using JsonDocument json = JsonDocument.Parse(Run.Kdt("explain", folder, "--json").Output);
        Assert.False(json.RootElement.TryGetProperty("machines", out _));
    }

    private static string Life(string release) => $"[    0.000000] Linux version {release} (b@h) (gcc) #1 SMP\n" +
        "[    0.000000] Command line: ro quiet\n[    2.500000] systemd[1]: Hostname not set\n";

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Boot(string host, string root) => string.Concat(new[]
    {
        "Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP",
        $"Command line: root=UUID={root} ro elfcorehdr=638324K nr_cpus=1",
        "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    }.Select(line => $"Nov  7 15:39:10 {host} kernel: {line}\n"));

    private JsonElement[] Machines()
    {
        using JsonDocument json = JsonDocument.Parse(Run.Kdt("explain", folder, "--json").Output);
        return [.. json.RootElement.GetProperty("machines").EnumerateArray().Select(m => m.Clone())];
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
