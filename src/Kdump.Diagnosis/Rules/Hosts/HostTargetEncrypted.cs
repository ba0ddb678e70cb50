using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The dump target is on a LUKS volume that cannot be unlocked in the crash kernel.</summary>
public sealed class HostTargetEncrypted : Rule
{
    public override string Id => "dump-target-encrypted";

    public override Entry Entry => new("dump-target-encrypted", "the dump target is on an encrypted device")
    {
        Area = Area.Preparing,
        Signature = ["CRYPT-LUKS… in /sys/class/block/dm-N/dm/uuid below the target"],
        Cause = "In the crash kernel nobody can enter the passphrase, and deriving the key needs more memory than it has.",
        Fixes = [new("Dump to a target that is not encrypted, or pass the volume key to the crash kernel (CONFIG_CRASH_DM_CRYPT)",
            "kdumpctl setup-crypttab && kdumpctl restart", "an unencrypted dump contains the machine's secrets")],
        Kernels = "without CONFIG_CRASH_DM_CRYPT",
        Origin = "kdump-utils commit d70f205; kernel/crash_dump_dm_crypt.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (TargetEncrypted t in facts.Of<TargetEncrypted>().Where(t => !t.KeysKept))
        {
            yield return new Finding(Id, $"the dump target {t.Target} is on the encrypted device {t.Device}", Severity.Error, 0.85,
                "The crash kernel would wait for the passphrase at an unattended console, " +
                    "and deriving the key (argon2) needs up to a gigabyte of memory, which it does not have.")
            {
                Subject = t.Device,
                Evidence = [t.Source],
                Fixes =
                [
                    .. new[] { (KdumpTools.RedHat, "an unencrypted partition, nfs or ssh in /etc/kdump.conf"),
                        (KdumpTools.Debian, "NFS or SSH in /etc/default/kdump-tools"),
                        (KdumpTools.Suse, "an unencrypted partition, nfs:// or ssh:// as KDUMP_SAVEDIR in /etc/sysconfig/kdump") }
                        .Select(w => new Fix($"Send the dump elsewhere: {w.Item2}", null,
                            "the dump contains the machine's memory, including keys: protect its target") { For = w.Item1 }),
                    new Fix("Or pass the volume key to the crash kernel: " +
                        "kernels with CONFIG_CRASH_DM_CRYPT and kdump-utils that set it up " +
                        "(kdumpctl setup-crypttab)") { For = KdumpTools.RedHat },
                ],
            };
        }
    }
}
