using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class KdumpConfTests
{
    [Theory]
    [InlineData("ext4 UUID=1-2", TargetKind.FileSystem, "UUID=1-2", "/dev/disk/by-uuid/1-2")]
    [InlineData("xfs /dev/mapper/vg-lv", TargetKind.FileSystem, "/dev/mapper/vg-lv", "/dev/mapper/vg-lv")]
    [InlineData("ext4 LABEL=/boot dir", TargetKind.FileSystem, "LABEL=/boot dir", @"/dev/disk/by-label/\x2fboot\x20dir")]
    [InlineData("raw /dev/sda5", TargetKind.Raw, "/dev/sda5", "/dev/sda5")]
    [InlineData("nfs host:/export", TargetKind.Nfs, "host:/export", null)]
    [InlineData("ssh user@host", TargetKind.Ssh, "user@host", null)]
    [InlineData("virtiofs tag", TargetKind.Other, "tag", null)]
    public void Every_form_of_target_is_read(string line, TargetKind kind, string spec, string? path)
    {
        DumpTarget target = Assert.Single(Read.With(new KdumpConf(), line + "\npath /x\n").Of<DumpTarget>());
        Assert.Equal((kind, spec, path), (target.Kind, target.Spec, target.Device.Path));
        Assert.Equal(1, target.Source.Line);
        Assert.Equal(kind == TargetKind.Raw ? "" : "/x", target.Path);
    }

    [Fact]
    public void A_value_ends_at_its_first_hash_and_loses_one_pair_of_quotes()
    {
        Facts facts = Read.With(new KdumpConf(),
            "# raw /dev/sda1\n  #raw /dev/sda2\ncore_collector \"makedumpfile -l\" # why\ndracut_args \"\"x\"\"\n");
        Assert.Equal(["makedumpfile -l", "\"x\""], facts.Of<KdumpSetting>().Select(s => s.Value));
        Assert.Empty(facts.Of<DumpTarget>());
    }

    [Theory]
    [InlineData("path /a\npath /b", "given twice")]
    [InlineData("raw /dev/a\nnfs h:/b", "more than one dump target")]
    [InlineData("net host", "no longer accepted")]
    [InlineData("frobnicate yes", "no directive")]
    [InlineData("failure_action explode", "must be one of")]
    [InlineData("final_action shell", "must be one of")]
    [InlineData("path", "has no value")]
    public void What_kdumpctl_would_refuse_is_said(string text, string problem) =>
        Assert.Contains(Read.With(new KdumpConf(), text).Of<KdumpConfProblem>(), p => p.Problem.Contains(problem));

    [Fact]
    public void Two_lists_of_binaries_are_a_duplicate_that_kdumpctl_refuses() =>
        Assert.Contains("given twice",
            Assert.Single(Read.With(new KdumpConf(), "extra_bins /a\nextra_bins /b\nfailure_action dump_to_rootfs\n")
                .Of<KdumpConfProblem>())
            .Problem);

    [Theory]
    [InlineData("failure_acton shell", "Write failure_action")]
    [InlineData("core_colector x", "Write core_collector")]
    [InlineData("frobnicate x", "")]
    public void A_misspelt_directive_is_told_with_the_one_that_was_meant(string line, string correction) =>
        Assert.Equal(correction, Read.With(new KdumpConf(), line).Of<KdumpConfProblem>()[0].Correction);

    [Theory]
    [InlineData("kdump.conf")]
    [InlineData("kdump-tools")]
    public void A_file_of_a_hundred_thousand_misspelt_lines_is_read_in_one_go(string form)
    {
        string text = string.Concat(
            Enumerable.Range(0, 100_000).Select(i => form == "kdump.conf" ? $"core_colectr{i} x\n" : $"KDUMP_COREDI{i}=x\n"));
        Facts facts = Read.With(form == "kdump.conf" ? new KdumpConf() : new DebianKdumpConf(), text);
        Assert.NotEmpty(facts.Of<KdumpConfProblem>());
        Assert.True(facts.Of<KdumpConfProblem>().Count(p => p.Correction.Length > 0) <= 65);
    }

    [Fact]
    public void A_quote_over_several_lines_is_one_value_and_one_that_never_ends_is_refused()
    {
        Assert.DoesNotContain(Read.With(new DebianKdumpConf(), "USE_KDUMP=1\nKDUMP_FAIL_CMD=\"a\nb = c\nd\"\nKDUMP_NUM_DUMPS=3\n")
            .Of<KdumpConfProblem>(), p => p.Effect == ConfEffect.Refused);
        KdumpConfProblem open = Assert.Single(Read.With(new DebianKdumpConf(), "USE_KDUMP=1\nKDUMP_FAIL_CMD=\"a\nKDUMP_NUM_DUMPS=3\n")
            .Of<KdumpConfProblem>());
        Assert.Equal((2L, ConfEffect.Refused), (open.Source.Line, open.Effect));
    }

    [Theory]
    [InlineData("KDUMP_COMMANDLINE_APPEND", "KDUMP_CMDLINE_APPEND")]
    [InlineData("KDUMP_SAVEDIR", "KDUMP_COREDIR")]
    public void A_setting_of_another_distribution_is_named_as_what_it_is_here(string name, string meant) =>
        Assert.Contains(Read.With(new DebianKdumpConf(), $"USE_KDUMP=1\n{name}=/x\n").Of<KdumpConfProblem>(),
            p => p.Problem.Contains($"{meant} is meant"));

    [Fact]
    public void Debian_names_its_targets()
    {
        Facts facts = Read.With(new DebianKdumpConf(),
            "USE_KDUMP=1\nKDUMP_COREDIR=\"/var/crash\"\nSSH=\"root@h\"\n#NFS=\"x:/y\"\nPATH=/x\nKDUMP_CMDLINE_APPEND+=\" a\"\n");
        Assert.Equal((TargetKind.Ssh, "root@h"), (facts.Of<DumpTarget>()[0].Kind, facts.Of<DumpTarget>()[0].Spec));
        Assert.Equal(["USE_KDUMP", "KDUMP_COREDIR", "SSH"], facts.Of<KdumpSetting>().Select(s => s.Name));
        Assert.Contains("bash only", Assert.Single(facts.Of<KdumpConfProblem>()).Problem);
    }

    [Theory]
    [InlineData("file:///var/crash", TargetKind.Root, "", "/var/crash")]
    [InlineData("/var/crash", TargetKind.Root, "", "/var/crash")]
    [InlineData("nfs://host/export/d", TargetKind.Nfs, "host:/export/d", "")]
    [InlineData("ssh://u@host/d", TargetKind.Ssh, "u@host/d", "")]
    [InlineData("cifs://host/share", TargetKind.Other, "cifs://host/share", "")]
    public void Suse_names_its_target_as_a_url(string url, TargetKind kind, string spec, string path)
    {
        DumpTarget target = Assert.Single(Read.With(new SuseKdumpConf(), $"KDUMP_SAVEDIR='{url}'\n").Of<DumpTarget>());
        Assert.Equal((kind, spec, path), (target.Kind, target.Spec, target.Path));
    }

    [Fact]
    public void The_file_of_the_same_name_on_red_hat_holds_no_target() =>
        Assert.Empty(Read.With(new SuseKdumpConf(), "KDUMP_COMMANDLINE_APPEND=\"irqpoll nr_cpus=1\"\nKEXEC_ARGS=\"-s\"\n")
            .Of<DumpTarget>());

    [Fact]
    public void Fstab_in_an_image_is_the_dump_target_and_in_a_root_only_its_root()
    {
        const string Text = "UUID=1 / ext4 defaults 0 1\n/dev/vda2 /mnt\\040x xfs defaults,nofail 0 0\nh:/e /n nfs4 soft 0 0\ntmpfs /tmp " +
            "tmpfs x 0 0\n/dev/vda3 none swap sw 0 0\n";
        Facts image = Read.With(new Fstab(FstabScope.Image), Text);
        Assert.Equal([TargetKind.Root, TargetKind.FileSystem, TargetKind.Nfs], image.Of<DumpTarget>().Select(t => t.Kind));
        Assert.Equal("/mnt x", image.Of<DumpTarget>()[1].Path);
        Assert.Contains("nofail", Assert.Single(image.Of<KdumpConfProblem>()).Problem);
        Assert.Equal("UUID=1", Assert.Single(Read.With(new Fstab(FstabScope.Root), Text).Of<DumpTarget>()).Spec);
    }

    [Theory]
    [InlineData("/var/crash", "/dev/b")]
    [InlineData("/var/crash/x", "/dev/b")]
    [InlineData("/var/crashes", "/dev/a")]
    [InlineData("/srv/dumps", null)]
    public void In_a_root_that_the_crash_kernel_starts_the_folders_mount_is_the_target(string folder, string? target)
    {
        const string Text = "UUID=1 / ext4 defaults 0 1\n/dev/a /var ext4 defaults 0 2\n/dev/b /var/crash ext4 defaults 0 2\n" +
            "/dev/c /data xfs nofail 0 2\n/dev/d /backup xfs noauto 0 0\n/dev/e /far xfs _netdev 0 0\n/dev/f none swap sw 0 0\n" +
            "h:/e /n nfs4 soft 0 0\n";
        IReadOnlyList<DumpTarget> targets = Read.With(new Fstab(FstabScope.Start, folder), Text).Of<DumpTarget>();
        Assert.Equal(["UUID=1", "/dev/a", "/dev/b"], targets.Select(t => t.Spec));
        Assert.Equal(target, targets.SingleOrDefault(t => t.Kind == TargetKind.FileSystem)?.Spec);
        Assert.All(targets.Where(t => t.Spec != target && t.Kind != TargetKind.Root), t => Assert.Equal(TargetKind.Wait, t.Kind));
    }

    [Fact]
    public void A_mount_unit_names_the_device_it_waits_for()
    {
        Facts facts = Read.With(new MountUnit(), "[Unit]\nWhat=no\n[Mount]\nWhat=/dev/disk/by-uuid/1\nWhere=/kdumproot\nType=ext4\n");
        Assert.Equal(("/dev/disk/by-uuid/1", "/kdumproot", 4L),
            (facts.Of<DumpTarget>()[0].Spec, facts.Of<DumpTarget>()[0].Path, facts.Of<DumpTarget>()[0].Source.Line));
    }

    [Fact]
    public void Dracut_arguments_and_hooks_name_devices()
    {
        var facts = new Facts();
        DracutParameters.BuildArguments(
            new TextLine("b", 1, " --kver '6.1'  --mount '/dev/disk/by-uuid/1 /kdumproot ext4 defaults' --device=/dev/sdb -o \"plymouth\""),
            facts);
        DracutParameters.DeviceExists(new TextLine("h", 1, "[ -e \"/dev/disk/by-label/a\\x20b\" ]"), facts);
        Assert.Equal([(TargetKind.FileSystem, "/dev/disk/by-uuid/1"), (TargetKind.Wait, "/dev/sdb"),
            (TargetKind.Wait, @"/dev/disk/by-label/a\x20b")],
            facts.Of<DumpTarget>().Select(t => (t.Kind, t.Spec)));
        Assert.Equal(@"/dev/disk/by-label/a\x20b", facts.Of<DumpTarget>()[2].Device.Path);
        Assert.Equal("a b", facts.Of<DumpTarget>()[2].Device.Value);
    }

    [Theory]
    [InlineData("UUID=\"1\"", "/dev/disk/by-uuid/1")]
    [InlineData("block:/dev/disk/by-uuid/1", "/dev/disk/by-uuid/1")]
    [InlineData("/dev/disk/by-path/pci-0000:00:1f.2-ata-1", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1")]
    [InlineData("nfs:h:/x", null)]
    [InlineData("", null)]
    [InlineData("=", null)]
    public void A_device_has_one_path_however_it_is_named(string spec, string? path) =>
        Assert.Equal(path, DeviceReference.Parse(spec).Path);
}
