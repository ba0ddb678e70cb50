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
            "Some versions instead exclude too much without any message, on kernels 6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1: " +
            "only reading the dump shows this. A page that cannot be read (\"Bad address\") " +
            "has nothing to do with makedumpfile's version: see vmcore-unreadable.",
        Fixes =
        [
            new("Install a newer makedumpfile and rebuild the image", "makedumpfile -v"),
            new("Until then core_collector makedumpfile -l -d 0", Risk: "the dump is as large as memory"),
            new("Check whether a dump has holes", "kdt vmcore verify vmcore"),
        ],
        Origin = "makedumpfile.c; its commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6, 65bf4c9 and 67d0e1d; " +
            "Fedora CoreOS tracker issues 1698, 1588, 1523 and 1320",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (Saving.Failure(facts) is not { } failure)
        {
            if (Saving.Unfinished(facts) is [_, ..] left)
                yield return OlderThanKernel(left, left[^1].Source, DumpServices.Of(facts), 0.85);
            else if (Saving.ByHand(facts) is [_, ..] hand)
                yield return OlderThanKernel(hand, hand[^1].Source, DumpServices.Of(facts), 0.85) with { Severity = Severity.Error };
            yield break;
        }
        List<Fact> before = Saving.Before(failure, facts);
        List<ToolSaid> said = [.. before.OfType<ToolSaid>()];
        DumpService service = DumpServices.Of(facts);
        if (before.FirstOrDefault() is ToolSaid { Message.Stage: ToolStage.Using } use)
        {
            yield return new Finding(Id, ToolSaid.Fill(use.Message.Mark, use.Taken), Severity.Critical, 0.95, use.Means)
            {
                Evidence = [use.Source, failure.Source],
                Fixes = [.. DumpServices.Fitting(use, service)],
            };
            yield break;
        }
        bool structures = before.FirstOrDefault() is ToolSaid { Message.Stage: ToolStage.Structures };
        // Something else failed first, so makedumpfile is not the cause.
        if (before.Count > 0 && !structures)
            yield break;
        if (structures)
        {
            yield return OlderThanKernel(said, failure.Source, service, 0.95);
            yield break;
        }
        bool own = Saving.Failures(facts)
            .Any(f => f.Boot == failure.Boot && f.Source.Text.Contains("makedumpfile", StringComparison.Ordinal));
        if (!own)
            yield break;
        Source[] words = [.. facts.Of<GaveUp>().Where(g => g.What == Undone.Save && g.Boot == failure.Boot).Take(1)
            .SelectMany(g => g.Before)];
        yield return new Finding(Id, "makedumpfile failed", Severity.Critical, 0.85,
            words.Length > 0 ? "Its last messages are quoted below; kdt does not know them." : "The log does not contain its messages.")
        {
            CausedBy = Reasons,
            Evidence = [.. words, failure.Source],
            Fixes = [new Fix("Let it say more: --message-level 31 behind makedumpfile in " + DumpServices.CopySetting(service),
                DumpServices.Rebuild(service))],
        };
    }

    private static readonly FindingRef[] Reasons = ["no-space-on-target", "capture-kernel-oom"];

    /// <summary>makedumpfile met structures that it does not know.</summary>
    private Finding OlderThanKernel(List<ToolSaid> said, Source end, DumpService service, double sure) =>
        new(Id, "makedumpfile does not know this kernel", Severity.Critical, sure,
            ("makedumpfile could not interpret the crashed kernel's memory: " +
                "usually it is older than the kernel whose structures it must know. " +
                $"{said.Find(s => s.Message.Stage == ToolStage.Structures && s.Message.Mark.Length == 0)?.Means}").TrimEnd())
        {
            CausedBy = Reasons,
            Evidence = [.. said.Where(s => s.Message.Stage == ToolStage.Structures).Select(s => s.Source).Take(4).Append(end)
                .DistinctBy(s => (s.Input, s.Line))],
            Fixes =
            [
                new Fix("Install a makedumpfile that supports this kernel, and rebuild the image",
                    $"{Upgrade(service)} && {DumpServices.Rebuild(service)}"),
                new Fix($"Until then copy without filtering: makedumpfile -l -d 0, or cp, as {DumpServices.CopySetting(service)}",
                    Risk: "the dump is as large as memory"),
            ],
        };

    private static string Upgrade(DumpService service) => service switch
    {
        DumpService.KdumpTools => "apt-get install --only-upgrade makedumpfile kexec-tools",
        DumpService.Suse => "zypper update makedumpfile kdump",
        DumpService.Kdumpctl => "dnf upgrade makedumpfile kexec-tools",
        _ => "makedumpfile -v; uname -r",
    };
}
