using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The newest crash whose traces lie where this machine keeps its dumps left no whole dump.</summary>
public sealed class HostLastDumpLost : Rule
{
    public override string Id => "last-dump-lost";

    public override Entry Entry => new("last-dump-lost", "the last crash here left no complete dump")
    {
        Area = Area.Preparing,
        Signature = ["a folder of a crash with vmcore-incomplete or dump-incomplete, " +
            "or with logs and no dump, newer than every whole dump"],
        Cause = "The crash kernel started and reached the target, and did not finish writing: " +
            "the target was full, the crash kernel ran out of memory or time, or makedumpfile failed. " +
            "If nothing has changed since, the next dump will fail in the same way.",
        Fixes = [new("Let kdt explain that crash", "kdt explain /var/crash/FOLDER")],
        Origin = "kdump-utils kdump.sh, kdump-tools kdump-config, openSUSE kdump-save: names of dumps while they are written",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<PastDump>().MaxBy(d => (d.Time, d.Complete)) is not { Complete: false } last)
            yield break;
        bool torn = last.State == PastDumpState.Torn, proven = torn || last.Failed is not null;
        string folder = last.Path[..last.Path.LastIndexOf('/')];
        yield return new Finding(Id, $"the last crash here, of {UtcTime.Minute(last.Time)}, left " + (torn ? "only an incomplete dump"
            : "its log and no dump"), proven ? Severity.Warning : Severity.Info, proven ? 0.9 : 0.6,
            last.Failed switch
            {
                not null => "The crash kernel's own log says that saving failed.",
                _ when torn => "The dump still has the name that it has while it is written.",
                _ => "It was not written, or it was removed later.",
            } +
            (proven ? " If nothing has changed since, the next dump will fail in the same way." : ""))
        {
            Evidence = new[] { last.Source, last.Failed }.OfType<Source>().ToArray(),
            Fixes = [new Fix("Let kdt explain that crash", $"kdt explain {ShellWord.Quoted(folder)}")],
        };
    }
}
