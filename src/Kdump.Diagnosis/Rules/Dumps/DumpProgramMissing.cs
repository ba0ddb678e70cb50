using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel started, and a script that saves the dump did not find the program that it calls.</summary>
public sealed class DumpProgramMissing : Rule
{
    public override string Id => "dump-program-missing";

    public override Entry Entry => new("dump-program-missing", "the crash kernel lacks the program that writes the dump")
    {
        Area = Area.Writing,
        Signature = ["/bin/kdump.sh: line …: makedumpfile: command not found", "kdump-config: …: makedumpfile: not found"],
        Cause = "The image was built when makedumpfile (or ssh, scp, cp, dd, grep) was not installed, or lost it afterwards; the script " +
            "goes on to the end, and the machine restarts without a dump.",
        Fixes = [new("Install the program on the machine and rebuild the image; check it", "kdt image check IMAGE")],
        Origin = "bash execute_cmd.c, dash exec.c, busybox ash; kdump-utils kdump.sh, kdump-tools kdump-config",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, ToolSaid> group in facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Absent && Counts(s))
            .GroupBy(s => s.Message.Mark, StringComparer.Ordinal))
        {
            ToolSaid first = group.First();
            bool saved = group.All(s => DumpSaved.In(s.Boot, facts));
            yield return new Finding(Id, $"the crash kernel has no {group.Key}, and a script that saves the dump calls it",
                saved ? Severity.Warning : Severity.Critical, saved ? 0.8 : 0.95,
                first.Means + (saved ? " The dump was saved without it." : ""))
            {
                Subject = group.Key,
                CausedBy = ["configured-program-missing", "image-cannot-dump", "initramfs-unpack-failed"],
                Explains = ["dump-not-saved", "vmcore-incomplete", "makedumpfile-failed", "dump-target-mount-failed",
                    "dump-target-not-mounted"],
                Evidence = [.. group.Select(s => s.Source).Take(3)],
                Fixes = [.. DumpImage.Rebuild($"Install {group.Key} on the machine and rebuild the image"),
                    new Fix("See what else the image lacks", "kdt image check IMAGE")],
            };
        }
    }

    /// <summary>In a crash kernel, or by a script whose name says that it saves dumps: other scripts lack programs, too.</summary>
    private static bool Counts(ToolSaid said) =>
        (said.Boot?.Capture == true && !AbsentPrograms.Helpers.Contains(said.Message.Mark)) ||
        (said.MayBeCapture && (said.Source.Text.Contains("kdump", StringComparison.Ordinal) ||
        said.Source.Text.Contains("save_dump", StringComparison.Ordinal)));
}
