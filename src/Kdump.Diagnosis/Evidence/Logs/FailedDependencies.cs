using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>systemd did not start something since what it needs did not come: <c>Dependency failed for …</c></summary>
/// <param name="What">A mount point, or the description of a unit.</param>
public sealed record DependencyFailed(Source Source, string What) : Fact(Source);

/// <summary>dracut asked LVM for the volumes that the command line names (rd.lvm.lv=), and for no others.</summary>
public sealed record LvmAsked(Source Source, IReadOnlyList<string> Volumes) : Fact(Source);

/// <summary>
/// Reads what a missing device was needed for (systemd src/core/job.c), and which volumes an initramfs activates (dracut
/// modules.d/90lvm/lvm_scan.sh).
/// </summary>
public sealed class FailedDependencies : LineParser
{
    private const string Failed = "ependency failed for ", Scan = "for LVM logical volumes ";

    /// <summary>The most that are kept of one input: a machine has a few dozen units that wait for devices.</summary>
    private const int MaxKept = 128;

    private int kept;

    public override string Kind => "console log";

    public override IReadOnlyList<string> Signs => [Failed, Scan];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (kept == MaxKept)
            return false;
        var c = new TextCursor(line.Text);
        if (c.SkipPast(Scan))
        {
            string[] volumes = c.Rest.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            facts.Add(new LvmAsked(line.ToSource(), [.. volumes.Take(MaxKept)]));
            kept++;
            return true;
        }
        c = new TextCursor(line.Text);
        if (!c.SkipPast(Failed) || WhatOf(c.Rest) is not { Length: > 0 } what)
            return false;
        facts.Add(new DependencyFailed(line.ToSource(), what));
        kept++;
        return true;
    }

    public override void End(Facts facts) => kept = 0;

    /// <summary><c>sysroot-home.mount - /sysroot/home.</c> names the unit and describes it: the description tells.</summary>
    private static string WhatOf(ReadOnlySpan<char> rest)
    {
        rest = rest.Trim().TrimEnd(".`'\"");
        int dash = rest.IndexOf(" - ", StringComparison.Ordinal);
        return (dash > 0 && !rest[..dash].Contains(' ') ? rest[(dash + 3)..] : rest).Trim().ToString();
    }
}
