using System.Text;
using System.Text.Json;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Probe.Checks;
using Kdump.Probe.Commands;
using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

namespace Kdump.Tests.Probe;

public sealed class ReportTests
{
    [Fact]
    public void Exhausted_vectors_explain_the_missing_disk()
    {
        using TreeBuilder tree = TreeBuilder.From("vectors-6.12");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);

        Assert.Empty(facts.Of<CheckFailed>());
        Finding cause = Assert.Single(verdict.RootCauses, f => f.Severity == Severity.Critical);
        Assert.Equal("vector-exhaustion", cause.Id);
        Assert.Contains(cause.Fixes, f => f.Text.Contains("nr_cpus=2"));
        Assert.Contains(verdict.Findings, f => f.Key == "driver-probe-failed:virtio110");
        Finding missing = Assert.Single(verdict.Findings, f => f.Id == "dump-target-missing");
        Assert.Contains("5eed0004-0000-4000-8000-0123456789ab", missing.Title);
        Assert.NotEmpty(missing.CausedBy);
        KernelState kernel = Assert.Single(facts.Of<KernelState>());
        Assert.True(kernel.Capture);
        Assert.Equal((1, 1, 1), (kernel.NrCpus, kernel.Possible, kernel.Online));
        Assert.Equal(201, Assert.Single(facts.Of<VectorSummary>()).Held);
    }

    [Fact]
    public void The_screen_is_narrow_short_plain_ascii_and_says_what_to_do()
    {
        using TreeBuilder tree = TreeBuilder.From("vectors-6.12");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);
        string screen = Screen.Of(facts, verdict);
        string[] lines = screen.TrimEnd().Split('\n');

        Assert.All(lines, line => Assert.True(line.Length < 80, line));
        Assert.InRange(lines.Length, 10, 50);
        Assert.All(screen, c => Assert.True(c is '\n' or (>= ' ' and < '\x7f')));
        Assert.Contains("MISSING", screen);
        Assert.Contains("nr_cpus=2", screen);
        // The tree has /etc/kdump.conf: what other distributions have is no advice.
        Assert.Contains("(/etc/sysconfig/kdump:", screen);
        Assert.DoesNotContain("Debian", screen);
        Assert.Contains("virtio110 (virtio block on 0000:00:1e.0", screen);
    }

    [Theory]
    [InlineData(false, "", "not a capture kernel, release not known, CPUs not known")]
    [InlineData(null, "", "kernel, release not known, CPUs not known")]
    [InlineData(false, "6.1.0", "not a capture kernel: 6.1.0, CPUs not known")]
    [InlineData(true, "6.1.0", "capture kernel 6.1.0, CPUs not known")]
    public void A_tree_without_a_release_is_told_as_such(bool? capture, string release, string said)
    {
        var facts = new Facts();
        facts.Add(new KernelState(new Source("x", "x"), release, "", capture, false, null, null, -1, -1, -1));
        string screen = Screen.Of(facts, Verdict.From(facts, []));
        Assert.Contains($": {said}\n", screen, StringComparison.Ordinal);
        // In the first kernel "nothing wrong" does not mean that a crash would leave a dump.
        Assert.Equal(capture == false, screen.Contains("kdt host check", StringComparison.Ordinal));
    }

    /// <summary>A forecast of exhaustion that comes true is no miss.</summary>
    [Theory]
    [InlineData(true, "1 refused as predicted")]
    [InlineData(false, "1 device differs, first 0000:09:00.0 xhci_pci: 0 of 2")]
    public void The_forecast_line_says_when_refusals_were_expected(bool refused, string said)
    {
        var source = new Source("x", "x");
        var facts = new Facts();
        facts.Add(new VectorOutcome(source, 1, "", "", 222, 222, 201) { Short = 201 });
        facts.Add(new VectorOutcome(source, 1, "0000:09:00.0", "xhci_pci", 2, 2, 0) { Refused = refused });
        string screen = Screen.Of(facts, Verdict.From(facts, []));
        Assert.Contains("222 interrupts predicted on 1 CPU, more than the 201 available vectors: refusals were predicted; 201 here; " +
            said, string.Join(' ', screen.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>openSUSE/kdump dracut/module-setup.sh: its settings stand where kdump-utils has its own.</summary>
    [Fact]
    public void The_target_of_an_image_of_SUSE_is_read_out_of_its_kdump_conf()
    {
        using TreeBuilder tree = new TreeBuilder().File("kdump/kdump-save", "#!/bin/bash\n").File("etc/kdump.conf",
            "KDUMP_CPUS='32'\nKDUMP_SAVEDIR='nfs://192.0.2.9/srv/dumps'\nKDUMP_PROTO=nfs\n");
        using var root = new Root(tree.Path);
        (Facts facts, _) = Report.Gather(root, CheckTable.All);
        Assert.Equal("192.0.2.9:/srv/dumps", Assert.Single(facts.Of<DumpTarget>()).Spec);
        Assert.Empty(facts.Of<KdumpConfProblem>());
    }

    [Theory]
    [InlineData("proc/iomem")]
    [InlineData("proc/meminfo")]
    public void A_file_of_rubbish_is_told_and_gets_no_all_clear(string file)
    {
        using TreeBuilder tree = new TreeBuilder().File("proc/cmdline", "root=/dev/sda1 ro\n").File(file, "rubbish 123\n");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);
        Assert.Contains(facts.Of<CheckFailed>(), c => c.Source.Input == "/" + file);
        Assert.DoesNotContain("othing wrong", verdict.Headline, StringComparison.Ordinal);
        Assert.Equal(2, Report.Run(Options.Parse(["--root", tree.Path])));
    }

    [Fact]
    public void An_empty_tree_gives_a_report_that_claims_nothing()
    {
        using var tree = new TreeBuilder();
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);

        Assert.False(verdict.Bad);
        Assert.Empty(verdict.Findings);
        Assert.Equal("log", Assert.Single(facts.Of<CheckFailed>()).Check);
        Assert.Contains("no configuration of a dump target found", Screen.Of(facts, verdict));
    }

    [Fact]
    public void A_proc_that_lies_costs_only_what_it_lies_about()
    {
        byte[] noise = new byte[3 << 20];
        new Random(1).NextBytes(noise);
        using TreeBuilder tree = new TreeBuilder()
            .File("proc/cmdline", new string('x', 50_000_000))
            .File("proc/interrupts", noise)
            .File("proc/meminfo", "MemTotal: -5 kB\nMemFree: 99999999999999999999 kB\nMemAvailable: 1000 kB\n")
            .File("proc/uptime", "-3.5 1\n")
            .File("proc/iomem", "ffffffffffffffff-0 : System RAM\n00000000-ffffffffffffffff : System RAM\n00001000-00001fff : System RAM\n")
            .File("proc/7/status", noise)
            .File("sys/devices/system/cpu/possible", "0-99999999\n")
            .File("sys/devices/system/cpu/online", "5-2\n")
            .Pci("0000:00:01.0", 0x010802, 0x8086, 0x0953)
            .File("sys/bus/pci/devices/0000:00:02.0/class", "0x99999999999999999999\n")
            .File("sys/bus/pci/devices/not-an-address/class", "\0\0\0")
            .Link("sys/bus/pci/devices/0000:00:03.0", "0000:00:03.0")
            .Link("sys/class/block/sda", "../block/sda").Link("sys/class/block/sdb", "sda")
            .File("sys/class/block/vda/size", "-1\n").File("sys/class/block/vda/dev", "../../../etc/passwd\n")
            .File("etc/kdump.conf", noise)
            .File("etc/fstab", noise)
            .File("dev/kmsg", noise);
        using var root = new Root(tree.Path);
        (Facts facts, _) = Report.Gather(root, CheckTable.All);

        Assert.Empty(facts.Of<CheckFailed>());
        Assert.True(Assert.Single(facts.Of<KernelState>()).CommandLine.Length <= Root.SmallFile);
        Assert.Equal(-1, facts.Of<KernelState>()[0].Possible);
        Assert.Equal(1000, Assert.Single(facts.Of<MemoryState>()).Available);
        Assert.Equal(-1, facts.Of<MemoryState>()[0].Total);
        Assert.Equal(4096, Assert.Single(facts.Of<PhysicalMemory>()).SystemRam);
        Assert.Equal(0x0953, Assert.Single(facts.Of<PciFunction>(), f => f.Address == "0000:00:01.0").Device);
        Assert.Equal(-1, Assert.Single(facts.Of<PciFunction>(), f => f.Address == "0000:00:02.0").Class);
        Assert.Equal(0, Assert.Single(facts.Of<BlockDevice>(), b => b.Name == "vda").Bytes);
    }

    [Fact]
    public void Links_do_not_lead_out_of_a_saved_tree()
    {
        using TreeBuilder tree = new TreeBuilder().Link("etc/kdump.conf", "/etc/hostname")
            .Link("proc/cmdline", "../../../../../../../../etc/hostname");
        using var root = new Root(tree.Path);
        Assert.Null(root.Text("/etc/kdump.conf"));
        Assert.Null(root.Text("/proc/cmdline"));
    }

    [Fact]
    public void A_directory_where_a_file_should_be_is_as_good_as_missing()
    {
        using TreeBuilder tree = new TreeBuilder().File("proc/cmdline/x", "").File("etc/kdump.conf/x", "");
        using var root = new Root(tree.Path);
        Assert.Null(root.Text("/proc/cmdline"));
        (Facts facts, _) = Report.Gather(root, CheckTable.All);
        Assert.DoesNotContain(facts.Of<CheckFailed>(), f => f.Check != "log");
    }

    [Fact]
    public void A_fifo_without_a_writer_is_not_waited_for()
    {
        using var tree = new TreeBuilder();
        tree.File("proc/x", "");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(tree.Path, "proc/cmdline")]))
            mkfifo.WaitForExit();
        using var root = new Root(tree.Path);
        Assert.Equal("", root.Text("/proc/cmdline") ?? "");
    }

    [Fact]
    public void A_check_that_throws_becomes_a_fact_and_the_others_run()
    {
        using TreeBuilder tree = new TreeBuilder().File("proc/meminfo", "MemTotal: 1000 kB\n");
        using var root = new Root(tree.Path);
        Facts facts = CheckTable.Run(root, [new Throwing(), new MemoryCheck()]);
        Assert.Equal(("throwing", "no luck"), (facts.Of<CheckFailed>()[0].Check, facts.Of<CheckFailed>()[0].Reason));
        Assert.Equal(1000, facts.Of<MemoryState>()[0].Total);
    }

    [Fact]
    public void Hostile_names_reach_the_screen_without_control_characters()
    {
        using TreeBuilder tree = new TreeBuilder().File("etc/kdump.conf", "ext4 /dev/\x1b[31mred\u202e\n")
            .File("proc/cmdline", "a\x1b]0;title\x07 elfcorehdr=1\n").File("proc/uptime", "99.0 1\n");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);
        Assert.All(Screen.Of(facts, verdict), c => Assert.True(c is '\n' or (>= ' ' and < '\x7f')));
    }

    [Fact]
    public void A_target_that_is_there_is_named_with_its_disk()
    {
        using TreeBuilder tree = new TreeBuilder()
            .File("etc/kdump.conf", "ext4 UUID=AB-CD\n").File("proc/cmdline", "elfcorehdr=1\n").File("proc/uptime", "99.0 1\n")
            .File("dev/vda1", "").Link("dev/disk/by-uuid/AB-CD", "../../vda1");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);
        Assert.Equal("vda1", Assert.Single(facts.Of<TargetState>()).Node);
        Assert.Empty(facts.Of<DeviceWait>());
        Assert.False(verdict.Bad);
    }

    [Fact]
    public void Without_udev_its_database_and_the_kernel_know_the_disk()
    {
        using TreeBuilder tree = new TreeBuilder()
            .File("etc/kdump.conf", "xfs PARTUUID=0000-01\n")
            .File("sys/class/block/sda1/dev", "8:1\n").File("sys/class/block/sda1/uevent", "MAJOR=8\nPARTN=1\nPARTUUID=0000-01\n");
        using var root = new Root(tree.Path);
        (Facts facts, _) = Report.Gather(root, CheckTable.All);
        Assert.Equal("sda1", Assert.Single(facts.Of<TargetState>()).Node);
    }

    [Fact]
    public void Without_udev_a_file_system_uuid_is_unknown_not_missing()
    {
        using TreeBuilder tree = new TreeBuilder().File("etc/kdump.conf", "xfs UUID=1\n").File("sys/class/block/sda/dev", "8:0\n")
            .File("proc/uptime", "99.0 1\n");
        using var root = new Root(tree.Path);
        (Facts facts, Verdict verdict) = Report.Gather(root, CheckTable.All);
        TargetState state = Assert.Single(facts.Of<TargetState>());
        Assert.False(state.Present);
        Assert.False(state.Certain);
        Assert.Empty(verdict.Findings);
    }

    [Fact]
    public void Every_check_stands_in_the_table()
    {
        IEnumerable<string> all = typeof(Check).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Check)) && t != typeof(Throwing))
            .Select(t => t.Name);
        Assert.Equal(all.Order(), CheckTable.All.Select(c => c.GetType().Name).Order());
    }

    [Fact]
    public void The_json_report_holds_every_section()
    {
        using TreeBuilder tree = TreeBuilder.From("vectors-6.12");
        using var root = new Root(tree.Path);
        (Facts facts, _) = Report.Gather(root, CheckTable.All);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            ProbeReport.WriteJson(json, facts);
            json.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        foreach (string section in new[] { "kernel", "target", "devices", "vectors", "memory", "log", "checks" })
            Assert.True(document.RootElement.TryGetProperty(section, out _), section);
        Assert.True(document.RootElement.GetProperty("kernel").GetProperty("capture").GetBoolean());
        JsonElement nvme = document.RootElement.GetProperty("devices").GetProperty("pci").EnumerateArray()
            .Single(p => p.GetProperty("bdf").GetString() == "0000:01:00.0");
        Assert.Equal("Red Hat/QEMU NVMe, NVMe", nvme.GetProperty("name").GetString());
        Assert.Equal("nvme", nvme.GetProperty("modules").GetString());
    }

    private sealed class Throwing : Check
    {
        public override string Name => "throwing";

        public override void Run(Root root, Facts facts) => throw new InvalidOperationException("no luck");
    }
}
