using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>What the whole machine began to do.</summary>
public enum MachineStep
{
    /// <summary>Suspend or hibernation.</summary>
    Sleeping,

    /// <summary>Back from it.</summary>
    Woken,

    /// <summary>Shutdown, power-off, restart.</summary>
    Stopping,
}

/// <summary>The machine began to sleep, woke up, or was being shut down.</summary>
public sealed record MachineStepped(Source Source, MachineStep Step) : Fact(Source);

/// <summary>
/// Lines of kernel/power, kernel/reboot.c and systemd: errors of devices right after them have another meaning than at work.
/// Of lines that follow each other about one step the first is kept.
/// </summary>
public sealed class MachineSteps : BookParser
{
    private const int MaxKept = 256;

    private static readonly (string Wording, MachineStep Step)[] Wordings =
    [
        ("^PM: suspend entry (", MachineStep.Sleeping),
        ("^PM: Syncing filesystems", MachineStep.Sleeping),
        ("^PM: Entering mem sleep", MachineStep.Sleeping),
        ("^PM: Preparing system for", MachineStep.Sleeping),
        ("^PM: hibernation: hibernation entry", MachineStep.Sleeping),
        ("Suspending console(s)", MachineStep.Sleeping),
        ("^Freezing user space processes", MachineStep.Sleeping),
        ("^ACPI: Preparing to enter system sleep state", MachineStep.Sleeping),
        ("^ACPI: PM: Preparing to enter system sleep state", MachineStep.Sleeping),
        ("ystemd-sleep[*]: Entering sleep state", MachineStep.Sleeping),
        ("ystemd-sleep[*]: Suspending system", MachineStep.Sleeping),
        ("ACPI: PM: Waking up from system sleep state", MachineStep.Woken),
        ("ACPI: Waking up from system sleep state", MachineStep.Woken),
        ("^PM: suspend exit", MachineStep.Woken),
        ("^PM: hibernation: hibernation exit", MachineStep.Woken),
        ("^PM: Finishing wakeup", MachineStep.Woken),
        ("^PM: resume of devices complete", MachineStep.Woken),
        ("^PM: resume devices took", MachineStep.Woken),
        ("^PM: early resume of devices", MachineStep.Woken),
        ("^PM: noirq resume of devices", MachineStep.Woken),
        ("^ACPI: Low-level resume complete", MachineStep.Woken),
        ("^ACPI: PM: Low-level resume complete", MachineStep.Woken),
        ("ystemd-sleep[*]: System resumed", MachineStep.Woken),
        ("^reboot: Power down", MachineStep.Stopping),
        ("^reboot: Restarting system", MachineStep.Stopping),
        ("^reboot: System halted", MachineStep.Stopping),
        ("^Restarting system.", MachineStep.Stopping),
        ("^Power down.", MachineStep.Stopping),
        ("^Starting new kernel", MachineStep.Stopping),
        ("The system is going down", MachineStep.Stopping),
        ("Sent SIGKILL to all processes", MachineStep.Stopping),
        ("Sending all processes the KILL signal", MachineStep.Stopping),
        ("ystemd-shutdown[1]: Syncing filesystems", MachineStep.Stopping),
        ("ystemd-shutdown[1]: Sending SIGTERM", MachineStep.Stopping),
        ("ystemd[1]: Reached target Shutdown", MachineStep.Stopping),
        ("ystemd[1]: Reached target *Power-Off", MachineStep.Stopping),
        ("ystemd[1]: Reached target *Reboot", MachineStep.Stopping),
        ("ystemd[1]: Shutting down", MachineStep.Stopping),
        ("ystemd-logind[*]: System is powering down", MachineStep.Stopping),
        ("ystemd-logind[*]: System is rebooting", MachineStep.Stopping),
    ];

    private static readonly (int Place, string Text)[] Book =
        [.. Wordings.Select((w, i) => (i, Shape.LongestLiteral(w.Wording.TrimStart('^'))))];

    private readonly List<string> taken = [];
    private MachineStepped? last;
    private int kept;

    /// <summary>The step that a line, or a message cut out of one, tells of; null for any other text.</summary>
    public static MachineStep? Of(string text)
    {
        var taken = new List<string>();
        foreach ((string wording, MachineStep step) in Wordings)
        {
            if (Shape.Find(text, wording.TrimStart('^'), taken) >= 0)
                return step;
        }
        return null;
    }

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        foreach (int place in Concerned)
        {
            (string wording, MachineStep step) = Wordings[place];
            bool fits = wording[0] == '^' ? !line.Kernel.Foreign && Shape.Find(line.Kernel.Message, wording[1..], taken) == 0
                : Shape.Find(line.Text, wording, taken) >= 0;
            if (!fits)
                continue;
            if (kept < MaxKept && (last is null || last.Step != step || last.Boot != facts.Boot))
            {
                last = new MachineStepped(line.ToSource(), step) { Boot = facts.Boot };
                facts.Add(last);
                kept++;
            }
            return false;
        }
        return false;
    }

    public override void End(Facts facts)
    {
        last = null;
        kept = 0;
    }
}
