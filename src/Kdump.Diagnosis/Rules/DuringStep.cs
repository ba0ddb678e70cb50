using System.Globalization;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Tells of a finding about hardware what the machine was doing just then: a disk that does not answer after a sleep, or a machine
/// check at power-off, is not what the same lines are at work. One place for all rules.
/// </summary>
internal static class DuringStep
{
    /// <summary>Seconds after a wake-up in which devices may still come back.</summary>
    private const double AfterWaking = 60;

    /// <summary>Seconds after which a sleep or a shutdown is no more what an error has to do with.</summary>
    private const double Long = 300;

    /// <summary>Lines, where there are no times.</summary>
    private const int Near = 60;

    private static readonly HashSet<string> Concerned =
    [
        .. DeviceFamilies.All.Select(f => f.Id), .. FamilyBook.All.Where(f => f.OnBlockDevice).Select(f => f.Id), "devices-lost-together",
        "mce-fatal", "mce-uncorrected", "mce-corrected", "aer-uncorrectable", "aer-corrected", "iommu-fault", "driver-probe-failed",
    ];

    public static Finding Of(Finding finding, Facts facts)
    {
        if (finding.Evidence.Count == 0 || !Concerned.Contains(finding.Id) || !facts.Any<MachineStepped>())
            return finding;
        Source first = finding.Evidence.Where(e => e.Line > 0).MinBy(e => e.Order) ?? finding.Evidence[0];
        MachineStepped? step = facts.Of<MachineStepped>().Where(s => s.Source.Input == first.Input && s.Source.Order <= first.Order)
            .MaxBy(s => s.Source.Order);
        if (step is null || !IsSoon(step, first))
            return finding;
        string after = first.Time is { } now && step.Source.Time is { } then ? string.Create(CultureInfo.InvariantCulture,
            $"{now - then:0.#} s after that") : "right after that";
        string what = step.Step switch
        {
            MachineStep.Sleeping => $"The machine was going to sleep ({Quoted(step)}), and this came {after}: the device or its driver " +
                "did not take that step; at work it may be without fault.",
            MachineStep.Woken => $"The machine had just woken up from sleep ({Quoted(step)}), and this came {after}: " +
                "the device did not come back as it should; at work it may be without fault.",
            _ => $"The machine was being shut down ({Quoted(step)}), and this came {after}: " +
                "it may belong to that step only; see whether it also comes at work.",
        };
        string title = step.Step switch
        {
            MachineStep.Sleeping => ", while the machine went to sleep",
            MachineStep.Woken => ", after the machine woke up from sleep",
            _ => ", while the machine was shut down",
        };
        return finding with
        {
            Title = finding.Title + title,
            Why = $"{finding.Why} {what}",
            Evidence = [step.Source, .. finding.Evidence],
        };
    }

    private static bool IsSoon(MachineStepped step, Source first)
    {
        if (step.Source.Line == first.Line)
            return false;
        if (step.Source.Time is not { } then || first.Time is not { } now)
            return first.Order - step.Source.Order <= Near;
        return now >= then && now - then <= (step.Step == MachineStep.Woken ? AfterWaking : Long);
    }

    private static string Quoted(MachineStepped step)
    {
        string text = step.Source.Plain.Trim();
        int at = text.LastIndexOf("] ", Math.Min(text.Length - 1, 60), StringComparison.Ordinal);
        text = at > 0 ? text[(at + 2)..] : text;
        return $"\"{Printable.Quoted(text, 60)}\"";
    }
}
