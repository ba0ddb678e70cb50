using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>Writing the dump started but was not completed: the file on the target is incomplete.</summary>
public sealed class VmcoreIncomplete : Rule
{
    public override string Id => "vmcore-incomplete";

    public override Entry Entry => new("vmcore-incomplete", "the dump was not written completely")
    {
        Area = Area.Writing,
        Signature =
        [
            "…/vmcore-incomplete, …/dump-incomplete",
            "\"If you see this text the crash dump is likely incomplete\"",
        ],
        Cause = "Writing started but was not completed: " +
            "an error, no space, a watchdog that reset the machine while it copied (its driver must be in the image), or power.",
        Fixes = [new("Read what was written; this often works", "kdt vmcore verify vmcore-incomplete")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, Debian kdump-config, openSUSE kdump-save; kdump-utils commit d551516",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress[] steps = facts.Of<DumpProgress>().Where(p => p.MayBeCapture).ToArray();
        DumpProgress? begun = steps.LastOrDefault(p => p.Step == DumpStep.Saving);
        DumpProgress? left = steps.LastOrDefault(p => p.Step == DumpStep.LeftUnfinished);
        DumpProgress? failed = Saving.Failures(facts).Concat(steps.Where(p => p.Step == DumpStep.NoSpace))
            .LastOrDefault(p => p.Boot == begun?.Boot);
        bool saved = begun is not null && DumpSaved.In(begun.Boot, facts);
        FindingRef[] causes = ["makedumpfile-failed", "no-space-on-target", "capture-kernel-oom", "watchdog-reset",
            "vmcore-unreadable", "dump-write-failed"];
        foreach (DumpFile dump in facts.Of<DumpFile>().Where(d => d.Incomplete || d.Lost > 0 || d.Unreadable > 0))
        {
            yield return new Finding(Id, dump.Lost switch
            {
                > 0 => $"the dump has lost {Counted.Of(dump.Lost, "page")}",
                _ when dump.Incomplete => "the dump is marked as incomplete in its header",
                _ => $"the dump is truncated or damaged: {dump.Unreadable} of {Counted.Of(dump.Sampled, "sampled page")} cannot be read",
            },
                    Severity.Error,
                    0.98,
                "Its writer stopped early (no space, no memory, a reset) or the file was truncated. The existing pages can be read; " +
                    "kdt reports the missing ones as missing.")
            {
                Subject = dump.Source.Input,
                CausedBy = causes,
                Evidence = [dump.Source],
                Fixes = [new Fix("Check what is left of it", $"kdt vmcore verify {ShellWord.Path(dump.Source.Input)}")],
            };
        }
        if (left is not null)
        {
            yield return new Finding(Id, "a dump was left unfinished", Severity.Error, 0.9,
                "Only an incomplete dump keeps this name; a complete one is renamed.")
            {
                CausedBy = causes,
                Evidence = [left.Source],
                Fixes = [new Fix("Read its content with kdt vmcore info and kdt vmcore log")],
            };
        }
        else if (begun is not null && !saved && failed is not null)
        {
            // If opening or mounting failed, nothing was written.
            if (Saving.Stage(failed, facts) is ToolStage.Opening or ToolStage.Mounting)
                yield break;
            yield return new Finding(Id, "the dump was not written completely", Severity.Error, 0.9,
                "Writing started and then failed.")
            {
                CausedBy = causes,
                Evidence = [begun.Source, failed.Source],
                Fixes = [new Fix("Read what was written before that; this often works", "kdt vmcore verify vmcore-incomplete")],
            };
        }
        else if (begun is not null && !saved)
        {
            // The log may simply end here; only a following boot proves that this one was over.
            KernelBanner? next = facts.Of<KernelBanner>().FirstOrDefault(b => b.Boot?.Previous == begun.Boot);
            if (next is null)
            {
                yield return new Unknown("whether the dump was completed: the log ends while it is being written",
                    "the rest of the console log, or kdt vmcore info on the file");
                yield break;
            }
            yield return new Finding(Id, "the machine rebooted before the dump was complete", Severity.Error, 0.8,
                "Writing started, no line shows its end, and the next kernel boots: " +
                    "there was a reset, a watchdog timeout or a power cycle in between.")
            {
                CausedBy = causes,
                Evidence = [begun.Source, next.Source],
                Fixes =
                [
                    new Fix("Read what was written before that; this often works", "kdt vmcore verify vmcore-incomplete"),
                    new Fix("Find what reset the machine: " +
                        "a hardware watchdog whose driver is not in the image, or panic= of the crash kernel",
                        "wdctl; ipmitool sel list | tail"),
                ],
            };
        }
    }
}
