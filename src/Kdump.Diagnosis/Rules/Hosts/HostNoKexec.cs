using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The running kernel does not support crash kernels: it was built without kexec or without crash dumps.</summary>
public sealed class HostNoKexec : Rule
{
    public override string Id => "kernel-config-lacks-kdump";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<KexecAbsent>() is not [var absent, ..] || facts.Of<KernelOption>()
            .Any(o => o.Off && o.Name is "KEXEC_CORE" or "CRASH_DUMP"))
            yield break;
        yield return new Finding(Id, "the running kernel cannot load a crash kernel", Severity.Critical, 0.9,
            "A kernel with CONFIG_CRASH_DUMP and kexec shows kexec_crash_loaded in /sys/kernel, and this one does not.")
        {
            Evidence = [absent.Source],
            Fixes = [
                new Fix("Boot a kernel with CONFIG_KEXEC_CORE=y and CONFIG_CRASH_DUMP=y: every distribution's standard kernel has them; " +
                "those of containers and small virtual machines often do not")],
        };
    }
}
