using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A dump whose log does not show why the kernel stopped (unreadable, overwritten, no message): memory still shows where it
/// stopped.
/// </summary>
public sealed class CrashWithoutReport : Rule
{
    public override string Id => "crash-without-report";

    public override Entry Entry => new("crash-without-report", "the kernel stopped and its log does not show why")
    {
        Area = Area.Crashing,
        Signature = ["a vmcore whose log contains no report of a crash"],
        Cause = "The log was overwritten or is in missing pages, or the dump was taken from outside (a hypervisor, an NMI). " +
            "Registers and stack of the CPU still show where it was.",
        Fixes = [new("See the whole stack", "kdt vmcore bt vmcore")],
        Origin = "kernel/crash_core.c, kernel/panic.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (DumpCrash crash in facts.Of<DumpCrash>().Where(d => !facts.Of<Crash>().Any(c => c.Boot == d.Boot)))
        {
            if (crash.Function is null)
            {
                yield return new Unknown($"why the kernel stopped on CPU {crash.Cpu}: " +
                    "its log reports no crash and the dump has no stack of that CPU",
                    "the console log, or the reason that the host gives for the dump");
                continue;
            }
            string where = crash.Module is null ? $"{crash.Function}()" : $"{crash.Function}() of the module {crash.Module}";
            yield return new Finding(Id, $"the kernel stopped in {where}", Severity.Error, 0.7,
                "Its log contains no report of a crash; " +
                    $"CPU {crash.Cpu} was running {crash.Command} ({crash.Pid}) there when the crash kernel was started.")
            {
                Subject = crash.Function,
                Evidence = [crash.Source],
                Fixes = [new Fix("See the whole stack", $"kdt vmcore bt {ShellWord.Path(crash.Source.Input)}")],
            };
        }
    }
}
