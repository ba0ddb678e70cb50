using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Sources.Hosts;
using Kdump.Sources.Trees;

namespace Kdump.Tests.Host;

/// <summary>SELinux's labels of the ssh key and of the dump's folder.</summary>
public sealed class HostLabelsTests : IDisposable
{
    private const string Key = "/root/.ssh/kdump_id_rsa";

    private readonly string folder = Directory.CreateTempSubdirectory("kdump-labels-").FullName;

    [Fact]
    public void A_key_with_the_label_of_where_it_came_from_is_told_with_what_takes_the_fix_back()
    {
        Finding finding = Assert.Single(Judge(ssh: true, (Key, "unconfined_u:object_r:admin_home_t:s0")));
        Assert.Equal(("selinux-label-wrong", Severity.Warning, Key), (finding.Id, finding.Severity, finding.Subject));
        Assert.Equal("restorecon -v " + Key, finding.Fixes[0].Command);
        Assert.Equal("chcon unconfined_u:object_r:admin_home_t:s0 " + Key, finding.Fixes[0].Undo);
    }

    [Fact]
    public void A_folder_without_a_label_is_told() =>
        Assert.Equal("/var/crash", Assert.Single(Judge(ssh: false, ("/var/crash", ""))).Subject);

    [Fact]
    public void Right_labels_and_trees_without_labels_are_quiet()
    {
        Assert.Empty(Judge(ssh: true, (Key, "unconfined_u:object_r:ssh_home_t:s0")));
        Assert.Empty(Judge(ssh: false, ("/var/crash", "system_u:object_r:kdump_crash_t:s0")));
        Assert.Empty(Judge(ssh: true));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Finding[] Judge(bool ssh, params (string Path, string Label)[] labels)
    {
        foreach (string path in new[] { Key, "/sys/fs/selinux/enforce", "/var/crash/keep" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder + path)!);
            File.WriteAllText(folder + path, path.EndsWith("enforce", StringComparison.Ordinal) ? "1" : "");
        }
        var facts = new Facts();
        var source = new Source("kdump.conf", "line");
        facts.Add(new KdumpSetup(source, KdumpTools.RedHat, "kdump.service", true));
        facts.Add(new KdumpSetting(source, "path", "/var/crash"));
        facts.Add(ssh ? new DumpTarget(source, TargetKind.Ssh, "kdump@server", "", "")
            : new DumpTarget(source, TargetKind.FileSystem, "UUID=1", "xfs", "/var/crash"));
        HostLabels.Collect(new MachineTree(new Labelled(new FolderTree(folder), labels.ToDictionary()), "machine"), facts);
        return [.. new HostLabelWrong().Judge(facts).OfType<Finding>()];
    }

    /// <summary>A tree whose files have labels.</summary>
    private sealed class Labelled(IFileTree files, Dictionary<string, string> labels) : IFileTree
    {
        public string? Label(string path) => labels.GetValueOrDefault(path);

        public string Shown(string path) => files.Shown(path);

        public bool IsFile(string path) => files.IsFile(path);

        public bool IsFolder(string path) => files.IsFolder(path);

        public Stream? Open(string path) => files.Open(path);

        public bool IsForbidden(string path) => files.IsForbidden(path);

        public string? LinkTarget(string path) => files.LinkTarget(path);

        public IEnumerable<string> Names(string folder) => files.Names(folder);

        public long Modified(string path) => files.Modified(path);
    }
}
