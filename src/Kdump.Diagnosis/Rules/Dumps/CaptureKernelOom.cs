using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel ran out of its reserved memory (mm/oom_kill.c).</summary>
public sealed class CaptureKernelOom : Rule
{
    public override string Id => "capture-kernel-oom";

    public override Entry Entry => new("capture-kernel-oom", "the crash kernel ran out of memory")
    {
        Area = Area.Starting,
        Signature =
        [
            "Out of memory: Killed process … (…)",
            "Kernel panic - not syncing: System is deadlocked on memory",
            "…: page allocation failure: order:…",
        ],
        Cause = "See crashkernel-too-small. Without panic= on its command line, the crash kernel then hangs forever.",
        Fixes = [new("See crashkernel-too-small; also add panic=10, so that the crash kernel reboots instead of hanging")],
        Origin = "mm/oom_kill.c; kdump-utils commit 224b700; truenas/middleware issue 6809; Fedora CoreOS tracker issue 1079",
    };

    /// <summary>KiB that one process holds in no crash kernel, whose whole memory is what crashkernel= reserved.</summary>
    private const long Large = 3 << 20;

    /// <summary><c>anon-rss:4469476kB</c>, of this kill or of another one of the same kernel.</summary>
    private static bool OfLargeMachine(OutOfMemory oom, Facts facts) => oom.Boot?.Capture is null &&
        facts.Of<OutOfMemory>().Where(o => o.Victim != "makedumpfile").Select(o => (Fact)o)
            .Concat(facts.Of<BareKill>().Where(k => k.Victim != "makedumpfile"))
            .Any(k => k.Boot == oom.Boot && k.Source.Input == oom.Source.Input && HeldKiB(k.Source.Text) > Large);

    private static long HeldKiB(string text)
    {
        const string Mark = "anon-rss:";
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        ReadOnlySpan<char> number = at < 0 ? default : text.AsSpan(at + Mark.Length);
        int end = number.IndexOf("kB", StringComparison.Ordinal);
        return end > 0 && long.TryParse(number[..end], out long held) ? held : 0;
    }

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        OutOfMemory[] all = facts.Of<OutOfMemory>().Where(o => o.MayBeCapture && !OfLargeMachine(o, facts)).ToArray();
        // makedumpfile rarely runs outside of a crash kernel.
        OutOfMemory[] ooms = all.Where(o => o.Boot?.Capture == true || o.Victim == "makedumpfile" ||
            o.Source.Text.Contains("makedumpfile invoked oom", StringComparison.Ordinal)).ToArray();
        if (ooms.Length == 0)
        {
            if (all.Length > 0)
            {
                yield return new Unknown(
                    "whether the kernel that ran out of memory is the crash kernel: this part of the log does not show its command line",
                    "the log from the kernel's first lines");
            }
            yield break;
        }
        bool saved = ooms.All(o => DumpSaved.In(o.Boot, facts));
        string[] victims = ooms.Where(o => o.Victim.Length > 0).Select(o => o.Victim).Distinct(StringComparer.Ordinal).Take(5).ToArray();
        bool panicked = ooms.Any(o => o.Panicked);
        yield return new Finding(Id, "the crash kernel ran out of memory", saved ? Severity.Warning : Severity.Critical, 0.97,
            (victims.Length == 0 ? "" : $"It killed {string.Join(", ", victims)}. ") +
                (panicked ? "Then it panicked. " : "") +
            "The first programs killed there are those that mount the target and write the dump.")
        {
            EndsWithKernel = true,
            CausedBy = ["crashkernel-too-small", "module-eats-crash-kernel"],
            Fixes = ooms.Any(o => o.Boot?.Capture == true) ? [] : [.. CrashKernelOption.Reservation(1024, "for the next attempt"),
                new Fix("Or leave drivers out of its image: dracut_args --omit-drivers in /etc/kdump.conf",
                    "kdumpctl rebuild && kdumpctl restart")],
            Evidence = ooms.Select(o => o.Source).Take(4).Concat(ooms.Select(o => o.Boot?.CaptureEvidence).Known().Take(1)).ToArray(),
        };
    }
}
