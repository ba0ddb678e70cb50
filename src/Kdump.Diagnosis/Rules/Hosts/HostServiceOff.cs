using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>Nothing loads the crash kernel at boot.</summary>
public sealed class HostServiceOff : Rule
{
    public override string Id => "kdump-service-off";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<KdumpSetup>() is not [var setup, ..])
            yield break;
        if (setup.Tools == KdumpTools.None)
        {
            // Of a machine whose crash kernel is known, its state says more.
            if (!facts.Any<KexecLoaded>() && !facts.Any<KexecAbsent>())
                yield return new Unknown("what loads a crash kernel at boot: no kdump tools were found here",
                    "kdt host collect on the machine, or its /usr, /etc and /lib");
            yield break;
        }
        bool loaded = facts.Of<KexecLoaded>().Any(l => l.Loaded);
        KdumpSetting? use = facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "USE_KDUMP");
        // Without USE_KDUMP kdump-config does nothing either; the file belongs to the package, so it was read.
        KdumpConfProblem? unset = facts.Of<KdumpConfProblem>().FirstOrDefault(p => p is { OfMachine: true, Effect: ConfEffect.Refused } &&
            p.Problem.StartsWith("USE_KDUMP", StringComparison.Ordinal));
        bool switchedOff = setup.Tools == KdumpTools.Debian && (use?.Value == "0" || unset is not null);
        if (setup.Enabled != false && !switchedOff)
            yield break;
        string off = use is null ? "USE_KDUMP is not set" : $"USE_KDUMP={use.Value}";
        yield return new Finding(Id, switchedOff ? $"kdump is switched off ({off})" : $"{setup.Unit} does not start at boot",
            loaded ? Severity.Warning : Severity.Error, 0.9,
            loaded ? "A crash kernel is loaded now; after the next boot there will be none."
                : "Therefore no crash kernel was loaded when this machine booted.")
        {
            Evidence = switchedOff ? [use?.Source ?? unset!.Source] : [setup.Source],
            Fixes = switchedOff
                ? [new Fix("Switch it on",
                    "sed -i '/^USE_KDUMP=/d' /etc/default/kdump-tools && echo USE_KDUMP=1 " +
                    ">> /etc/default/kdump-tools && systemctl restart kdump-tools")
                    { Undo = "sed -i 's/^USE_KDUMP=.*/USE_KDUMP=0/' /etc/default/kdump-tools && systemctl stop kdump-tools" }]
                : [new Fix("Start it now and at every boot", $"systemctl enable --now {setup.Unit}")
                    { Undo = $"systemctl disable --now {setup.Unit}" }],
        };
    }
}
