using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The kernel was built without something that a dump cannot do without.</summary>
public sealed class KernelConfigLacksKdump : Rule
{
    private static readonly (string Option, string Needed)[] Must =
    [
        ("KEXEC_CORE", "no crash kernel can be loaded"),
        ("CRASH_DUMP", "it can be no crash kernel and reserves no memory for one"),
        ("PROC_VMCORE", "a crash kernel of this build has no /proc/vmcore to copy"),
        ("BLK_DEV_INITRD", "it can have no initramfs"),
    ];

    public override string Id => "kernel-config-lacks-kdump";

    public override Entry Entry => new("kernel-config-lacks-kdump", "the kernel was built without something that a dump cannot do without")
    {
        Area = Area.Preparing,
        Signature =
        [
            "# CONFIG_CRASH_DUMP is not set",
            "# CONFIG_PROC_VMCORE is not set",
        ],
        Cause = "A kernel of one's own, or of a small distribution, whose configuration leaves out kexec, crash dumps or the compressor " +
            "of the image.",
        Fixes = [new("Build it with what is missing", "kdt kconfig diff OURS DISTRIBUTION")],
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
