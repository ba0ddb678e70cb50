using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The running kernel refuses to load a crash kernel, or refuses the system call that the tools use.</summary>
public sealed class HostKexecForbidden : Rule
{
    public override string Id => "kexec-load-rejected";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<KexecLoaded>().Any(l => l.Loaded))
            yield break;
        if (facts.Of<Sysctl>().FirstOrDefault(s => s.Name == "kernel.kexec_load_disabled" && s.On) is { } disabled)
        {
            yield return new Finding(Id, "loading a crash kernel is switched off until the next boot", Severity.Error, 0.97,
                "kernel.kexec_load_disabled=1 cannot be undone without a reboot; " +
                    "hardening guides set it, often before the kdump service has loaded its kernel.")
            {
                Subject = "kernel.kexec_load_disabled",
                Evidence = [disabled.Source],
                Fixes = [.. DumpImage.ForEach(t => new Fix(
                    $"Set it only after the crash kernel is loaded (in a unit ordered After={DumpImage.Service(t)}.service), then reboot",
                    "grep -rs kexec_load_disabled /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d"))],
            };
        }
        if (facts.Of<Sysctl>().FirstOrDefault(s => s.Name == "kernel.kexec_load_limit_panic" && s.Value == "0") is { } limit)
        {
            yield return new Finding(Id, "no more crash kernels may be loaded until the next boot", Severity.Error, 0.95,
                "kernel.kexec_load_limit_panic has reached 0, and can only be lowered.")
            {
                Subject = "kernel.kexec_load_limit_panic",
                Evidence = [limit.Source],
                Fixes = [new Fix("Reboot; where the limit is set, raise it or set it to -1",
                    "grep -rs kexec_load_limit_panic /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d")],
            };
        }
        // -a tries kexec_file_load first; -c uses only the old system call, which a locked-down kernel refuses.
        if (facts.Of<LockdownMode>().FirstOrDefault(l => l.Mode != "none") is { } lockdown &&
            facts.Of<KdumpSetting>().FirstOrDefault(
                s => s.Name is "KEXEC_ARGS" or "KDUMP_KEXEC_ARGS" && s.Value.Split(' ')
                .Any(w => w is "-c" or "--kexec-syscall")) is { } old)
        {
            yield return new Finding(Id, "the crash kernel is loaded with a system call that this locked-down kernel refuses",
                Severity.Error, 0.9,
                $"Lockdown is '{lockdown.Mode}' (secure boot): " +
                    "only kexec_file_load with a signed kernel is allowed, and the options request the old system call.")
            {
                Subject = old.Name,
                Evidence = [lockdown.Source, old.Source],
                Fixes = [new Fix($"Remove -c from {old.Name}, or replace it with -s", $"grep -n {old.Name} " +
                    (old.Name == "KDUMP_KEXEC_ARGS" ? "/etc/default/kdump-tools" : "/etc/sysconfig/kdump"))],
            };
        }
    }
}
