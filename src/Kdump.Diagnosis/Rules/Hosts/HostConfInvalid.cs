using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The machine's configuration of its dump tools contains something that they refuse, ignore or fail on.</summary>
public sealed class HostConfInvalid : Rule
{
    public override string Id => "kdump-conf-invalid";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KdumpTools tools = facts.Of<KdumpSetup>() is [var setup, ..] ? setup.Tools : KdumpTools.None;
        bool loaded = facts.Of<KexecLoaded>().Any(l => l.Loaded);
        foreach (KdumpConfProblem p in facts.Of<KdumpConfProblem>().Where(p => p.OfMachine))
        {
            // kdump-service-off reports that it is switched off.
            if (p.Problem.StartsWith("USE_KDUMP", StringComparison.Ordinal) && p.Effect == ConfEffect.Refused)
                continue;
            yield return new Finding(Id, p.Problem, p.Effect is ConfEffect.Refused or ConfEffect.Fails ? Severity.Error : Severity.Warning,
                p.Effect == ConfEffect.Doubtful ? 0.75 : 0.95, Why(p.Effect, tools, loaded))
            {
                Subject = p.Source.Place,
                Evidence = [p.Source],
                Fixes = [Mend(p, tools)],
            };
        }
    }

    private static Fix Mend(KdumpConfProblem p, KdumpTools tools) => p.Command.Length > 0
        ? new Fix(p.Correction, $"{p.Command} && {Start(tools)}")
        {
            Undo = p.Command.Contains(" install ", StringComparison.Ordinal)
                ? p.Command.Replace(" install ", " remove ", StringComparison.Ordinal) : null,
        }
        : new Fix(p.Correction.Length > 0 ? $"{p.Correction} (line {p.Source.Line})" : "Correct the line or remove it",
            $"${{EDITOR:-vi}} +{p.Source.Line} {Printable.Escape(p.File.Length > 0 ? p.File : p.Source.Input)} && {Start(tools)}");

    private static string Why(ConfEffect effect, KdumpTools tools, bool loaded) => effect switch
    {
        ConfEffect.Refused => $"{Service(tools)} reads this and stops: it loads no crash kernel." +
            (loaded ? " One is loaded now, from before this change; after the next start there will be none." : ""),
        ConfEffect.Fails => "The service accepts it, but the crash kernel fails on it, which is noticed only after a crash.",
        ConfEffect.Doubtful => "It works only under some conditions, and it is not known whether they are met in the crash kernel.",
        _ => "The line has no effect, so the tools do not do what it says.",
    };

    private static string Service(KdumpTools tools) =>
        tools switch { KdumpTools.Debian => "kdump-config", KdumpTools.Suse => "kdump's load.sh", _ => "kdumpctl" };

    private static string Start(KdumpTools tools) => tools switch
    {
        KdumpTools.Debian => "kdump-config unload; kdump-config load",
        KdumpTools.Suse => "systemctl restart kdump",
        _ => "kdumpctl restart",
    };
}
