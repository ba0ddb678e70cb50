using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The kernel was built without an option that kdump requires.</summary>
public sealed class KernelConfigLacksKdump : Rule
{
    private static readonly (string Option, string Needed)[] Must =
    [
        ("KEXEC_CORE", "no crash kernel can be loaded"),
        ("CRASH_DUMP", "it cannot be a crash kernel and cannot reserve memory for one"),
        ("PROC_VMCORE", "a crash kernel of this build has no /proc/vmcore to copy"),
        ("BLK_DEV_INITRD", "it does not support an initramfs"),
    ];

    public override string Id => "kernel-config-lacks-kdump";

    public override Entry Entry => new("kernel-config-lacks-kdump", "the kernel was built without an option that kdump requires")
    {
        Area = Area.Preparing,
        Signature =
        [
            "# CONFIG_CRASH_DUMP is not set",
            "# CONFIG_PROC_VMCORE is not set",
        ],
        Cause = "A self-built kernel, " +
            "or one of a small distribution, whose configuration lacks kexec, crash dumps or the compression of the image.",
        Fixes = [new("Build it with the missing options", "kdt kconfig diff OURS DISTRIBUTION")],
        Origin = "kernel/Kconfig.kexec, init/Kconfig",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach ((string option, string needed) in Must)
        {
            if (facts.Of<KernelOption>().FirstOrDefault(o => o.Name == option && o.Off) is not { } off)
                continue;
            yield return new Finding(Id, $"this kernel is built without CONFIG_{option}", Severity.Error, 0.95, $"Without it {needed}.")
            {
                Subject = option,
                Evidence = [off.Source],
                Fixes = [new Fix($"Use a kernel with CONFIG_{option}=y")],
            };
        }
    }
}
