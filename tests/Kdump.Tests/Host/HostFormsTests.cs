using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Host;

/// <summary>
/// <c>kdt host check</c> on machines in the form of ten distributions: quiet on the healthy ones, and of each planted fault exactly what it
/// is.
/// </summary>
public sealed class HostFormsTests
{
    public static TheoryData<string> Forms => [.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian, .. HostForm.Others];

    public static TheoryData<string, string> Planted => InTurn(HostFaults.All);

    public static TheoryData<string, string> Whole => InTurn([.. HostLayers.Whole()]);

    /// <summary>Each on one machine of each family that can have it, in turn; KDT_ALL_FORMS=1 takes all.</summary>
    private static TheoryData<string, string> InTurn(HostFault[] faults)
    {
        var data = new TheoryData<string, string>();
        bool all = Environment.GetEnvironmentVariable("KDT_ALL_FORMS") == "1";
        for (int i = 0; i < faults.Length; i++)
        {
            foreach (string[] family in (string[][])[HostForm.RedHat, HostForm.Suse, HostForm.Debian])
            {
                string[] forms = [.. faults[i].Forms.Where(family.Contains)];
                foreach (string form in all ? forms : forms.Length == 0 ? [] : [forms[i % forms.Length]])
                    data.Add(faults[i].Name, form);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_healthy_machine_is_left_alone(string name)
    {
        using var form = new HostForm(name);
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Empty(findings);
        Assert.Empty(document.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
        Assert.Equal(0, exit);
        Assert.Contains("a panic", form.Run(out _));
        form.Image.Clear();
        Directory.Delete(form.LayOut(), recursive: true);
        Assert.Equal(["kdump-image-missing"], form.Check().Findings);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_fault_is_told_and_nothing_else(string name, string on)
    {
        HostFault fault = HostFaults.All.Single(f => f.Name == name);
        using var form = new HostForm(on);
        fault.Plant(form);
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(fault.Ids.Order(StringComparer.Ordinal), findings);
        Assert.Equal(fault.Bad ? 1 : 0, exit);
        Own(form, document);
        // The headline leads to the finding that is listed first.
        JsonElement verdict = document.GetProperty("verdict");
        Assert.Contains(verdict.GetProperty("findings")[0].GetProperty("title").GetString()!, verdict.GetProperty("headline").GetString());
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_machine_that_has_what_its_target_needs_is_left_alone(string name, string on)
    {
        using var form = new HostForm(on);
        HostLayers.Whole().Single(f => f.Name == name).Plant(form);
        (int exit, string[] findings, _) = form.Check();
        Assert.Empty(findings);
        Assert.Equal(0, exit);
    }

    /// <summary>fs/squashfs/Kconfig, drivers/block/Kconfig, fs/overlayfs/Kconfig: what dracut's squash module needs of a kernel.</summary>
    [ToolTheory("mksquashfs")]
    [InlineData("rhel9", "xz", "SQUASHFS")]
    [InlineData("fedora", "gzip", "SQUASHFS_ZLIB")]
    [InlineData("rhel8", "xz", "SQUASHFS_XZ")]
    [InlineData("rhel10", "gzip", "BLK_DEV_LOOP")]
    [InlineData("fedora", "xz", "OVERLAY_FS")]
    public void A_root_inside_the_image_that_the_kernel_cannot_mount_is_told(string name, string packing, string option)
    {
        using var form = new HostForm(name) { Squash = packing };
        string config = "boot/config-" + form.Release;
        form.Files[config] += string.Concat(((string[])["SQUASHFS", "SQUASHFS_ZLIB", "SQUASHFS_XZ", "SQUASHFS_ZSTD", "BLK_DEV_LOOP",
            "OVERLAY_FS"]).Where(o => o != option).Select(o => $"CONFIG_{o}=m\n"));
        Assert.Empty(form.Check().Findings);
        form.Files[config] += $"# CONFIG_{option} is not set\n";
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["image-refused-by-kernel"], findings);
        Assert.Equal(1, exit);
        Assert.Contains("CONFIG_" + option, document.ToString());
        // Another packing's option is nothing to this image.
        form.Files[config] = form.Files[config].Replace($"# CONFIG_{option} is not set", "# CONFIG_SQUASHFS_ZSTD is not set")
            .Replace("CONFIG_SQUASHFS_ZSTD=m\n", "") + $"CONFIG_{option}=m\n";
        Assert.Empty(form.Check().Findings);
    }

    [Fact]
    public void A_command_line_that_nobody_read_is_not_said_to_lack_anything()
    {
        using var form = new HostForm("rhel9");
        form.Files.Remove("proc/cmdline");
        form.Files.Remove("sys/kernel/kexec_crash_size");
        form.Files["proc/iomem"] = string.Join('\n', form.Files["proc/iomem"].Split('\n').Where(l => !l.Contains("Crash kernel")));
        string said = form.Run(out _, "--json");
        Assert.Contains("\"crashkernel-not-reserved\"", said);
        Assert.Contains("not among the inputs", said);
        Assert.DoesNotContain("was started without", said);
        using var bare = new HostForm("rhel9");
        foreach (string path in bare.Files.Keys.Where(k => k.StartsWith("boot/loader/", StringComparison.Ordinal) ||
            k is "proc/cmdline" or "sys/kernel/kexec_crash_size" or "etc/default/grub" or "etc/kernel/cmdline").ToArray())
            bare.Files.Remove(path);
        bare.Files["proc/iomem"] = form.Files["proc/iomem"];
        said = bare.Run(out _, "--json");
        Assert.Contains("not among the inputs", said);
        Assert.DoesNotContain("The command line has no", said);
    }

    [Fact]
    public void The_worst_finding_leads_whatever_explains_more()
    {
        using var form = new HostForm("rhel9");
        form.Line("failure_acton shell");
        form.CopyConf();
        form.Files["proc/sys/kernel/panic_on_oops"] = "0\n";
        form.Files.Remove(form.Files.Keys.Single(k => k.StartsWith("etc/systemd/system/multi-user.target.wants/",
            StringComparison.Ordinal)));
        form.Files["etc/systemd/system/multi-user.target.wants/sshd.service"] = "";
        form.Image.Remove(form.Modules + "drivers/block/virtio_blk.ko");
        JsonElement verdict = form.Check().Document.GetProperty("verdict");
        Assert.Equal("critical", verdict.GetProperty("findings")[0].GetProperty("severity").GetString());
        Assert.EndsWith(verdict.GetProperty("findings")[0].GetProperty("title").GetString()!, verdict.GetProperty("headline").GetString());
    }

    [Fact]
    public void An_id_that_is_wrong_in_the_settings_is_told_of_them_and_not_of_the_image()
    {
        using var form = new HostForm("rhel9");
        HostFaults.Target(form, "xfs UUID=ffffffff-0000-0000-0000-000000000000");
        form.Put("etc/kdump.conf", form.Files["etc/kdump.conf"].Replace("UUID=", "/dev/disk/by-uuid/"));
        JsonElement finding = Assert.Single(form.Check().Document.GetProperty("verdict").GetProperty("findings").EnumerateArray(),
            f => f.GetProperty("id").GetString() == "dump-target-wrong-id");
        Assert.StartsWith("the dump target is UUID=ffffffff-0000-0000-0000-000000000000", finding.GetProperty("title").GetString());
        Assert.EndsWith("etc/kdump.conf", finding.GetProperty("evidence")[0].GetProperty("source").GetString());
    }

    [Fact]
    public void A_tree_of_another_machine_is_said_to_be_mended_there()
    {
        using var form = new HostForm("rhel9");
        form.Line("failure_acton shell");
        string said = form.Run(out _);
        Assert.Contains("are for the machine itself: run their commands there", said);
        // A command names the machine's own file, and never the copy.
        Assert.All(said.Split('\n').Where(l => l.TrimStart().StartsWith("$ ", StringComparison.Ordinal)),
            l => Assert.DoesNotContain("kdump-host-", l));
    }

    [Fact]
    public void A_second_target_of_SUSE_is_no_part_of_the_first_and_shows_no_password()
    {
        using var form = new HostForm("sles15");
        form.Set("KDUMP_SAVEDIR", "\"ftp://one:hidden1@a.example/x ftp://two:hidden2@b.example/y\"");
        form.CopyConf();
        JsonElement document = form.Check().Document;
        Assert.DoesNotContain("hidden", document.ToString());
        JsonElement finding = Assert.Single(document.GetProperty("verdict").GetProperty("findings").EnumerateArray(),
            f => f.GetProperty("id").GetString() == "kdump-conf-invalid");
        Assert.StartsWith("KDUMP_SAVEDIR names 2 targets", finding.GetProperty("title").GetString());
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.DoesNotContain("b.example", string.Join(' ', document.GetProperty("verdict").GetProperty("unknowns").EnumerateArray()
            .Select(u => u.GetProperty("question").GetString())));
    }

    [Fact]
    public void For_a_monitor_a_machine_that_cannot_be_read_is_unknown()
    {
        var output = new StringWriter();
        int exit = Kdt.Run(["host", "check", "--root", "/nonexistent", "--nagios"], output, TextWriter.Null, () => Stream.Null,
            Terminal.Plain);
        Assert.Equal(3, exit);
        Assert.StartsWith("KDUMP UNKNOWN - /nonexistent", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_faults_are_many_and_of_every_family()
    {
        Assert.True(HostFaults.All.Length >= 40, $"{HostFaults.All.Length}");
        foreach (string form in (string[])[.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian])
            Assert.True(HostFaults.All.Count(f => f.Forms.Contains(form)) >= 15, form);
    }

    [Fact]
    public void Monitoring_reads_the_severity_from_the_exit_code_and_one_line()
    {
        using var form = new HostForm("rhel9");
        string fine = form.Run(out int ok, "--nagios");
        Assert.Equal((0, 1), (ok, fine.Trim().Split('\n').Length));
        Assert.StartsWith("KDUMP OK - ", fine);
        Assert.Contains(" | errors=0 warnings=0 loaded=1 reserved=268435456B", fine);
        form.Files["proc/sys/kernel/panic_on_oops"] = "0\n";
        Assert.StartsWith("KDUMP WARNING - ", form.Run(out int warning, "--nagios"));
        form.Line("failure_acton shell");
        Assert.StartsWith("KDUMP CRITICAL - 'failure_acton' is no directive", form.Run(out int critical, "--nagios"));
        Assert.Equal((1, 2), (warning, critical));
    }

    [Fact]
    public void Metrics_count_findings_and_name_those_that_matter()
    {
        using var form = new HostForm("debian12");
        form.Set("USE_KDUMP", "0");
        string[] lines = form.Run(out int exit, "--prometheus").Split('\n');
        Assert.Equal(0, exit);
        Assert.Contains("kdump_check_findings{severity=\"warning\"} 1", lines);
        Assert.Contains("kdump_check_finding{id=\"kdump-service-off\",severity=\"warning\",subject=\"\"} 1", lines);
        Assert.Contains("kdump_crash_kernel_loaded 1", lines);
        Assert.All(lines, l => Assert.Matches("^(#.*|[a-z_]+(\\{[^}]*\\})? [0-9]+|)$", l));
    }

    [Fact]
    public void Nothing_is_said_to_be_dumped_where_nothing_shows_it()
    {
        using var form = new HostForm("rhel9");
        form.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
        Assert.Contains("dumps on nothing: no crash kernel is loaded", form.Run(out _));
        form.Files.Remove("sys/kernel/kexec_crash_loaded");
        form.Files.Remove("sys/kernel/uevent_seqnum");
        using var bare = new HostForm("rhel9");
        bare.Files.Remove("sys/kernel/kexec_crash_loaded");
        bare.Files.Remove("sys/kernel/uevent_seqnum");
        Assert.Contains("dumps on not known", bare.Run(out _));
    }

    private static readonly string[] Writes = [" > ", ">>", "sed -i", "grubby ", "systemctl enable", "echo 1 >", "sysctl -w", "chcon",
        "mv ",
        "rm "];

    /// <summary>No fix is for another distribution, and each that writes something says how to take it back.</summary>
    private static void Own(HostForm form, JsonElement document)
    {
        string[] foreign = form.IsRedHat ? ["kdump-config", "mkdumprd -f", "update-grub", "apt-get", "apt install", "kdump-tools",
            "MAKEDUMP_ARGS",
            "initramfs-tools", "SUSE"]
            : form.IsSuse ? ["kdumpctl", "kdump-config", "update-grub", "grubby", "kdump-tools", "/etc/kdump.conf", "MAKEDUMP_ARGS"]
            : ["kdumpctl", "mkdumprd", "grubby", "/etc/sysconfig/", "/etc/kdump.conf", "KDUMP_KERNELVER", "COMMANDLINE", "SUSE"];
        foreach (JsonElement finding in document.GetProperty("verdict").GetProperty("findings").EnumerateArray())
        {
            foreach (JsonElement fix in finding.GetProperty("fixes").EnumerateArray())
            {
                foreach (string part in (string[])["text", "command", "undo"])
                {
                    string words = fix.TryGetProperty(part, out JsonElement c) ? c.GetString()! : "";
                    Assert.False(foreign.Any(f => words.Contains(f, StringComparison.Ordinal)), words);
                }
                // What is written into a file or switched on can be taken back.
                string command = fix.TryGetProperty("command", out JsonElement made) ? made.GetString()! : "";
                // A test crash is for nothing but its crash.
                Assert.True(fix.TryGetProperty("undo", out _) || command.Contains("sysrq-trigger") ||
                    !Writes.Any(w => command.Contains(w, StringComparison.Ordinal)), command);
            }
        }
    }
}
