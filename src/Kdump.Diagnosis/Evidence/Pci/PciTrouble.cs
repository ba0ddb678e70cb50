using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>A driver said of its PCI device that it hangs, timed out, was reset or is gone: what an error leads to.</summary>
public sealed record PciTrouble(Source Source, string Driver, PciAddress Device, string Words, double? Time) : Fact(Source);

/// <summary>Trouble in a person's words, in a report rather than a log: evidence of what happened, not of why.</summary>
public sealed record ReportedTrouble(Source Source, string Words) : Fact(Source);

/// <summary>Reads drivers' complaints about PCI devices.</summary>
public sealed class PciTroubles : LineParser
{
    private static readonly string[] Complaints =
    [
        "hang", "timeout", "timed out", "No done completion", "Reset adapter", "Resetting", "is dead", "lockup", "not responding",
            "Link is Down", "controller is down", "FAULT state", "fault_state", "Failed to allocate MSI-X", "Failed to allocate MSI",
            "Unit Hang"];

    private static readonly string[] Reports = ["Kernel panic", "kernel panic", "MCE Error", "DMAR"];

    private static readonly string[] Texts =
        [.. Complaints.SelectMany(c => new[] { c, c.ToLowerInvariant(), c.ToUpperInvariant(), char.ToUpperInvariant(c[0]) + c[1..] })
        .Concat(Reports).Distinct(StringComparer.Ordinal)];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => Texts;

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (Aer.DeviceOf(kernel.Message, out PciAddress device, out ReadOnlySpan<char> words))
        {
            foreach (string sign in Complaints)
            {
                if (!words.Contains(sign, StringComparison.OrdinalIgnoreCase))
                    continue;
                facts.Add(new PciTrouble(line.ToSource(), kernel.Message[..kernel.Message.IndexOf(' ')].ToString(), device,
                    words.ToString(), kernel.Time));
                return true;
            }
            return false;
        }
        if (!kernel.Stamped)
        {
            foreach (string report in Reports)
            {
                if (line.Text.Contains(report, StringComparison.Ordinal))
                    facts.Add(new ReportedTrouble(line.ToSource(), report));
            }
        }
        return false;
    }
}
