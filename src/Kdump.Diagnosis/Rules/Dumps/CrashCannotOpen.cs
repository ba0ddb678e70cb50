using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The program crash(8) could not open a dump, and says why in its own words.</summary>
public sealed class CrashCannotOpen : Rule
{
    public override string Id => "crash-cannot-open-dump";

    public override Entry Entry => new("crash-cannot-open-dump", "crash could not open the dump")
    {
        Area = Area.Writing,
        Signature =
        [
            "crash: page excluded: kernel virtual address: …  type: \"…\"",
            "crash: seek error: kernel virtual address: …  type: \"…\"",
            "crash: vmlinux and vmcore do not match!",
        ],
        Cause = "vmlinux and dump are of different builds, the dump is incomplete or lacks a page, or crash is older than the kernel.",
        Fixes = [new("See whether the dump is whole, and whose it is", "kdt vmcore verify vmcore; kdt vmcore info vmcore")],
        Origin = "crash memory.c readmem(), kernel.c verify_version(), main.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] said = facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Opened).ToArray();
        if (said.Length == 0)
            yield break;
        yield return new Finding(Id, "crash could not open the dump", Severity.Error, 0.9, said[0].Means)
        {
            CausedBy = ["vmcore-incomplete"],
            Evidence = [.. said.Select(s => s.Source).Take(3)],
            Fixes = [.. DumpServices.Fitting(said[0], DumpService.Unknown)],
        };
    }
}
