using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// SELinux's labels of what kdump's services read and write: a key that was copied keeps the label of where it came from, and a file that
/// the crash kernel writes has none. Only where SELinux runs and the tree has labels.
/// </summary>
internal static class HostLabels
{
    public static void Collect(MachineTree root, Facts facts)
    {
        if (root.Text("/sys/fs/selinux/enforce") is not ("0" or "1") ||
            facts.Of<KdumpSetup>() is not [{ Tools: KdumpTools.RedHat or KdumpTools.Suse }, ..])
            return;
        bool enforcing = root.Text("/sys/fs/selinux/enforce") == "1";
        if (facts.Of<DumpTarget>().Any(t => t.Kind == TargetKind.Ssh))
        {
            string key = facts.Of<KdumpSetting>().LastOrDefault(s => s.Name is "sshkey" or "KDUMP_SSH_IDENTITY" && s.Value.StartsWith('/'))
                ?.Value ?? "/root/.ssh/kdump_id_rsa";
            foreach (string path in new[] { key, key + ".pub", "/root/.ssh", "/root/.ssh/known_hosts" })
                Judge(path, "ssh_home_t");
        }
        if (facts.Of<DumpTarget>().All(t => t.Kind is not (TargetKind.Ssh or TargetKind.Nfs)))
        {
            foreach (KdumpSettingPlace place in KdumpSettingPlace.Of(facts).Distinct())
                Judge(place.Path, "");
        }

        void Judge(string path, string wanted)
        {
            if (!root.Exists(path) || root.Label(path) is not { } label)
                return;
            string type = label.Split(':') is [_, _, var third, ..] ? third : "";
            if (type is "" or "unlabeled_t" or "default_t" or "file_t" || (wanted.Length > 0 && type != wanted))
                facts.Add(new LabelWrong(new Source(root.Shown(path), label.Length > 0 ? label : "no label"), path, label, wanted,
                    enforcing));
        }
    }
}
