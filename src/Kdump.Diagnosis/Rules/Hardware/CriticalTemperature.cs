using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A sensor exceeded its critical temperature, and the kernel shut the machine down.</summary>
public sealed class CriticalTemperature : Rule
{
    public override string Id => "critical-temperature";

    public override Entry Entry => new("critical-temperature", "the kernel shut the machine down because of overheating")
    {
        Area = Area.Hardware,
        Signature = ["thermal thermal_zone…: critical temperature reached (… C), shutting down",
            "reboot: HARDWARE PROTECTION shutdown (Temperature too high)"],
        Cause = "A sensor exceeded the trip point at which the kernel shuts down immediately. This is not a crash, so no dump is written.",
        Fixes = [new("Check fans, dust, heat sinks and thermal paste", "sensors")],
        Origin = "drivers/thermal/thermal_core.c, drivers/acpi/thermal.c, kernel/reboot.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var same in facts.Of<CriticalHeat>().GroupBy(h => h.Source.Input))
        {
            CriticalHeat hot = same.FirstOrDefault(h => h.Zone.Length > 0) ?? same.First();
            yield return new Finding(Id,
                $"{(hot.Zone.Length > 0 ? hot.Zone : "a sensor")} " +
                $"reached its critical temperature{(hot.Degrees.Length > 0 ? $" ({hot.Degrees})" : "")}: " +
                "the kernel shut the machine down", Severity.Critical, 0.95,
                "A sensor exceeded the trip point at which the kernel shuts down immediately to protect the hardware. " +
                    "This is not a crash, so no dump is written." + (hot.Degrees.Length > 0
                    ? $" The trip point is the firmware's; {hot.Degrees} is what the sensor read." : ""))
            {
                Subject = hot.Zone.Length > 0 ? hot.Zone : null,
                Fixes =
                [
                    new("Check fans, dust, heat sinks and thermal paste, and what loaded the machine",
                        "grep . /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/trip_point_*_temp"),
                    new("If the trip point is lower than the part's limit, ask the vendor for a firmware update: the firmware sets it"),
                ],
                Evidence = [.. same.Select(h => h.Source).Take(4)],
                CausedBy = ["processor-too-hot"],
            };
        }
    }
}
