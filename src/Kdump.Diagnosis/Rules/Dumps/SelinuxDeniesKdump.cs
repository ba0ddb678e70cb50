using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>SELinux denies kdump's service a file or call that it needs (policy kdump_t and kdumpctl_t).</summary>
public sealed class SelinuxDeniesKdump : Rule
{
    public override string Id => "selinux-denies-kdump";

    public override Entry Entry => new("selinux-denies-kdump", "SELinux denies kdump access to a file that it needs")
    {
        Area = Area.Preparing,
        Signature = ["avc:  denied  { read } for  pid=… comm=\"kexec\" name=\"vmlinuz-…\" … scontext=…:kdump_t:… tcontext=…:…"],
        Cause = "The file has a label that the policy does not let kdump read: " +
            "it was moved or copied with its old label, or an image-based system uses different labels in /boot.",
        Fixes = [new("Restore the label of the file", "restorecon -v FILE")],
        Origin = "selinux-policy kdump.te; cockpit issue 8466",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        SelinuxDenial[] denials = facts.Of<SelinuxDenial>().Where(d => d.Boot?.Capture != true).ToArray();
        if (denials.Length == 0)
            yield break;
        SelinuxDenial first = denials[0];
        string file = first.Object.Length == 0 ? "what it needs" : first.Object;
        // For a name without its directory: the directory of the kernel and its image.
        string path;
        if (first.Object.StartsWith('/'))
            path = ShellWord.Of(first.Object);
        else if (first.Object.Length == 0)
            path = "/boot /var/lib/kdump";
        else
            path = $"$(find /boot /var/lib/kdump /lib/modules -name {ShellWord.Quoted(first.Object)})";
        yield return new Finding(Id, $"SELinux does not let {first.Program} (kdump) {first.Permission} {file}", Severity.Error, 0.95,
            $"The denial (avc: denied) names the label {(first.Label.Length == 0 ? "of the object" : first.Label)}, " +
                "which the policy does not let kdump's service use. The program reports \"Permission denied\".")
        {
            Explains = ["kexec-load-rejected", "kdump-service-failed", "kdump-image-not-built"],
            Evidence = [.. denials.Select(d => d.Source).Take(4)],
            Fixes =
            [
                new("Restore the label that the policy defines for the file, then start kdump again",
                    $"restorecon -v {path} && systemctl restart kdump"),
                new("If the label is already correct, it is a bug of the policy: update selinux-policy, and report it with the denial",
                    "ausearch -m avc -ts boot -c kexec"),
            ],
        };
    }
}
