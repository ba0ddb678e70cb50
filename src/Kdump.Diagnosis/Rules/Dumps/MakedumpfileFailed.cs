using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The crash kernel started and found its target, but makedumpfile itself failed: it does not know the structures of the crashed
/// kernel. Failures around it (mount, open, read, write, a signal) have their own rules.
/// </summary>
public sealed class MakedumpfileFailed : Rule
{
    public override string Id => "makedumpfile-failed";

    public override Entry Entry => new("makedumpfile-failed", "makedumpfile failed")
    {
        Area = Area.Writing,
        Signature =
        [
            "makedumpfile Failed.",
            "readpage_elf: Attempt to read non-existent page at 0x…",
            "calculate_plat_config: PAGE SIZE 0x… and VA Bits … not supported",
            "create_2nd_bitmap: Can't exclude unnecessary pages.",
            "makedumpfile failed, falling back to 'cp'",
        ],
        Cause = "makedumpfile does not know this kernel's structures (\"The kernel version is not supported\" alone is only a warning). " +
            "Some versions instead exclude too much without any message, on kernels 6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1: only " +
                "reading the dump " +
            "shows it. A page that cannot be read (\"Bad address\") does not depend on its version: see vmcore-unreadable.",
        Fixes =
        [
            new("Install a newer makedumpfile and rebuild the image", "makedumpfile -v"),
            new("Until then core_collector makedumpfile -l -d 0", Risk: "the dump is as large as memory"),
            new("Check whether a dump has holes", "kdt vmcore verify vmcore"),
        ],
        Origin = "makedumpfile.c; its commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6, 65bf4c9 and 67d0e1d; Fedora CoreOS " +
            "tracker issues 1698, 1588, 1523 and 1320",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (Saving.Failure(facts) is not { } failure)
            yield break;
        List<Fact> before = Saving.Before(failure, facts);
        List<ToolSaid> said = [.. before.OfType<ToolSaid>()];
        bool structures = before.FirstOrDefault() is ToolSaid { Message.Stage: ToolStage.Structures };
        // Something else failed first, so makedumpfile is not the cause.
        if (before.Count > 0 && !structures)
            yield break;
        Source[] words = structures ? [.. said.Where(s => s.Message.Stage == ToolStage.Structures).Select(s => s.Source).Take(4)]
            : facts.Of<GaveUp>().Where(g => g.What == Undone.Save && g.Boot == failure.Boot).Take(1).SelectMany(g => g.Before).ToArray();
        bool own = Saving.Failures(facts)
            .Any(f => f.Boot == failure.Boot && f.Source.Text.Contains("makedumpfile", StringComparison.Ordinal));
        if (!structures && !own)
            yield break;
        DumpService service = DumpServices.Of(facts);
        yield return new Finding(Id, structures ? "makedumpfile does not know this kernel" : "makedumpfile failed", Severity.Critical,
            structures ? 0.95 : 0.85,
            structures
                ? ("makedumpfile could not interpret the crashed kernel's memory: usually it is older than that kernel and does not " +
                    "know its structures. " +
                    said.Find(s => s.Message.Stage == ToolStage.Structures && s.Message.Mark.Length == 0)?.Means).TrimEnd()
                : words.Length > 0 ? "See its last messages below; kdt does not know their meaning."
                : "The input contains no message of it.")
        {
            CausedBy = ["no-space-on-target", "capture-kernel-oom"],
            Evidence = [.. words, failure.Source],
            Fixes = structures
                ?
                [
                    new Fix("Install a makedumpfile that supports this kernel, and rebuild the image",
                        $"{Upgrade(service)} && {DumpServices.Rebuild(service)}"),
                    new Fix($"Until then copy without filtering: makedumpfile -l -d 0, or cp, as {DumpServices.CopySetting(service)}",
                        Risk: "the dump is as large as memory"),
                ]
                : [new Fix("Get more messages: add --message-level 31 to makedumpfile in " + DumpServices.CopySetting(service),
                    DumpServices.Rebuild(service))],
        };
    }

    private static string Upgrade(DumpService service) => service switch
    {
        DumpService.KdumpTools => "apt-get install --only-upgrade makedumpfile kexec-tools",
        DumpService.Suse => "zypper update makedumpfile kdump",
        DumpService.Kdumpctl => "dnf upgrade makedumpfile kexec-tools",
        _ => "makedumpfile -v; uname -r",
    };
}
