using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// kdump's service or its scripts in the image rejected a setting, the target or the path to it, with a clear message.
/// </summary>
public sealed class KdumpCheckFailed : Rule
{
    public override string Id => "kdump-check-failed";

    public override Entry Entry => new("kdump-check-failed", "kdump rejected a setting or its dump target")
    {
        Area = Area.Preparing,
        Signature =
        [
            "no kernel for version … found",
            "Dump target … is not mounted",
            "Could not create …, you should check the privilege on server side",
            "Failed to get IP of …",
        ],
        Cause = "The line names the setting or the device. " +
            "Most are checked before the crash kernel is loaded: until this is corrected, none is.",
        Fixes = [new("Correct what the line names, then start it again", "kdumpctl restart")],
        Origin = "kdump-utils kdumpctl, kdump-lib.sh, mkdumprd and dracut/99kdumpbase; " +
            "Debian kdump-config; openSUSE kdump; kexec-tools util_lib/elf_info.c; fs/proc/vmcore.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ToolSaid said in facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Checking).DistinctBy(s => s.Message.Wording)
            .Take(16))
        {
            bool mayBe = said.Message.Mark.Contains("may be too small", StringComparison.Ordinal);
            yield return new Finding(Id, ToolSaid.Fill(said.Message.Mark, said.Taken), mayBe ? Severity.Warning : Severity.Error, 0.9,
                said.Means)
            {
                Subject = Shape.Quoted(said.Message.Wording).Trim('…', ' '),
                Explains = ["kdump-image-not-built", "kdump-service-failed", "kexec-load-rejected", "kdump-not-ready", "dump-not-saved"],
                Evidence = [said.Source],
                Fixes = [.. DumpServices.Fitting(said, DumpServices.Of(facts))],
            };
        }
    }
}
