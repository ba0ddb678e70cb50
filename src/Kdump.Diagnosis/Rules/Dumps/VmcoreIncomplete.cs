using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>Writing the dump began and did not end well: what lies on the target is a piece.</summary>
public sealed class VmcoreIncomplete : Rule
{
    public override string Id => "vmcore-incomplete";

    public override Entry Entry => new("vmcore-incomplete", "the dump was not written to its end")
    {
        Area = Area.Writing,
        Signature =
        [
            "…/vmcore-incomplete, …/dump-incomplete",
            "\"If you see this text the crash dump is likely incomplete\"",
        ],
        Cause = "Writing began and did not end: an error, no space, a watchdog that reset the machine while it copied (its driver must " +
            "be in the image), or power.",
        Fixes = [new("What is there can often be read", "kdt vmcore verify vmcore-incomplete")],
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
            yield return new Finding(Id, dump.Lost > 0 ? $"{dump.Lost} pages of the dump are lost"
                : dump.Incomplete ? "the dump says of itself that it is incomplete"
                : $"the dump is cut or damaged: {dump.Unreadable} of {dump.Sampled} pages looked at cannot be read", Severity.Error, 0.98,
                "Its writer stopped early (no space, no memory, a reset) or the file was cut. What is there can be read; what is missing " +
                    "is said to be missing.")
            {
                Subject = dump.Source.Input,
                CausedBy = causes,
                Evidence = [dump.Source],
                Fixes = [new Fix("See what is left of it", $"kdt vmcore verify {dump.Source.Input}")],
            };
        }
        if (left is not null)
        {
            yield return new Finding(Id, "a dump was left unfinished", Severity.Error, 0.9,
                "Only a dump that was not written to its end keeps this name; a whole one is renamed.")
            {
                CausedBy = causes,
                Evidence = [left.Source],
                Fixes = [new Fix("What is in it can still be read: kdt vmcore info and kdt vmcore log of the file")],
            };
        }
        else if (begun is not null && !saved && failed is not null)
        {
            // Nothing was written where there was nothing to read, or nowhere to write.
            if (Saving.Stage(failed, facts) is ToolStage.Opening or ToolStage.Mounting)
                yield break;
            yield return new Finding(Id, "the dump was not written to its end", Severity.Error, 0.9,
                "Writing began and failed.")
            {
                CausedBy = causes,
                Evidence = [begun.Source, failed.Source],
                Fixes = [new Fix("What was written until then can often be read", "kdt vmcore verify vmcore-incomplete")],
            };
        }
        else if (begun is not null && !saved)
        {
            // The log may simply end here; only a life that follows proves that this one was over.
            KernelBanner? next = facts.Of<KernelBanner>().FirstOrDefault(b => b.Boot?.Previous == begun.Boot);
            if (next is null)
            {
                yield return new Unknown("whether the dump was finished: the log ends while it is being written",
                    "the rest of the console log, or kdt vmcore info on the file");
                yield break;
            }
            yield return new Finding(Id, "the machine started again before the dump was written", Severity.Error, 0.8,
                "Writing began, no line tells its end, and the next kernel starts: a reset, a watchdog or a power cycle came between.")
            {
                CausedBy = causes,
                Evidence = [begun.Source, next.Source],
                Fixes =
                [
                    new Fix("What was written until then can often be read", "kdt vmcore verify vmcore-incomplete"),
                    new Fix("Find what reset the machine: a hardware watchdog whose driver is not in the image, or panic= of the crash " +
                        "kernel",
                        "wdctl; ipmitool sel list | tail"),
                ],
            };
        }
    }
}
