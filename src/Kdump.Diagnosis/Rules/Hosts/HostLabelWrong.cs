using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>A key or folder of the dump has a label that SELinux's policy keeps from kdump's services.</summary>
public sealed class HostLabelWrong : Rule
{
    public override string Id => "selinux-label-wrong";

    public override Entry Entry => new("selinux-label-wrong", "a wrong SELinux label keeps kdump from its key or its folder")
    {
        Area = Area.Preparing,
        Signature = ["security.selinux of /root/.ssh/kdump_id_rsa or of the dump's folder"],
        Cause = "A moved file keeps the label of its old place, and a file that a crash kernel wrote has no label.",
        Fixes = [new("Restore the labels of the policy", "restorecon -Rv /root/.ssh /var/crash")],
        Origin = "kdump-utils kdumpctl selinux_relabel; selinux-policy ssh_home_t",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (LabelWrong wrong in facts.Of<LabelWrong>())
        {
            yield return new Finding(Id,
                $"{wrong.Path} has {(wrong.Label.Length > 0 ? "the label " + wrong.Label : "no label of SELinux")}" +
                (wrong.Wanted.Length > 0 ? $", not one of type {wrong.Wanted}" : ""), Severity.Warning, wrong.Enforcing ? 0.75 : 0.5,
                (wrong.Enforcing ? "SELinux enforces its policy" : "SELinux only warns now, and may enforce its policy later") +
                ": kdump's service may not read or write what is labelled so, and ssh then asks for a password that nobody types.")
            {
                Subject = wrong.Path,
                Evidence = [wrong.Source],
                Fixes = [new Fix("Give it the policy's own label", $"restorecon -v {ShellWord.Of(wrong.Path)}")
                { Undo = wrong.Label.Length > 0 ? $"chcon {ShellWord.Of(wrong.Label)} {ShellWord.Of(wrong.Path)}" : null }],
            };
        }
    }
}
