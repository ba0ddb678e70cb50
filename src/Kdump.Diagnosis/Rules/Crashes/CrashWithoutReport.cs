using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A dump whose log does not say why the kernel stopped (unreadable, overwritten, silent): its memory still says where.</summary>
public sealed class CrashWithoutReport : Rule
{
    public override string Id => "crash-without-report";

    public override Entry Entry => new("crash-without-report", "the kernel stopped and its log does not say why")
    {
        Area = Area.Crashing,
        Signature = ["a vmcore whose log holds no report of a crash"],
        Cause = "The log was overwritten, lies in pages that are missing, or the dump was taken from outside (a hypervisor, an NMI); " +
            "registers and stack of the CPU still say where it stood.",
        Fixes = [new("See the whole stack", "kdt vmcore bt vmcore")],
        Origin = "kernel/crash_core.c, kernel/panic.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (DumpCrash crash in facts.Of<DumpCrash>().Where(d => !facts.Of<Crash>().Any(c => c.Boot == d.Boot)))
        {
            if (crash.Function is null)
            {
                yield return new Unknown($"why the kernel stopped on CPU {crash.Cpu}: its log tells of no crash and the CPU left no stack",
                    "the console log, or the host's own reason for the dump");
                continue;
            }
            string where = crash.Module is null ? $"{crash.Function}()" : $"{crash.Function}() of the module {crash.Module}";
            yield return new Finding(Id, $"the kernel stopped in {where}", Severity.Error, 0.7,
                $"No report of a crash is in its log; CPU {crash.Cpu} ran {crash.Command} ({crash.Pid}) and stood there when the crash " +
                    $"kernel was started.")
            {
                Subject = crash.Function,
                Evidence = [crash.Source],
                Fixes = [new Fix("See the whole stack", $"kdt vmcore bt {crash.Source.Input}")],
            };
        }
    }
}
