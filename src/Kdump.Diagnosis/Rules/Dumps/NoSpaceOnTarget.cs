using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The file system of the dump target was full.</summary>
public sealed class NoSpaceOnTarget : Rule
{
    public override string Id => "no-space-on-target";

    public override Entry Entry => new("no-space-on-target", "the dump target was full")
    {
        Area = Area.Writing,
        Signature = ["write_cache: Can't write the dump file(…). No space left on device"],
        Cause = "No blocks, or no inodes, were left; a fallback to cp writes all of memory.",
        Fixes = [new("Free space, and exclude more pages: -d 31", "df -h /var/crash; df -i /var/crash")],
        Origin = "makedumpfile.c write_buffer(); Debian kdump-config",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress[] full = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.NoSpace && p.MayBeCapture).ToArray();
        if (full.Length == 0)
            yield break;
        yield return new Finding(Id, "the dump target was full", Severity.Error, 0.95,
            "Writing the dump ended with ENOSPC: no blocks, or no inodes, were left on the target file system.")
        {
            Impact = "The dump is incomplete: its target was full before the end.",
            Evidence = full.Select(p => p.Source).Take(3).ToArray(),
            Fixes =
            [
                new Fix("Remove old dumps or choose another target", "df -h /var/crash; df -i /var/crash; ls -lt /var/crash"),
                new Fix("Exclude more pages from the dump: core_collector makedumpfile -l -d 31 in /etc/kdump.conf " +
                    "(MAKEDUMP_ARGS in /etc/default/kdump-tools, KDUMP_DUMPLEVEL=31 on SUSE)"),
            ],
        };
    }
}
