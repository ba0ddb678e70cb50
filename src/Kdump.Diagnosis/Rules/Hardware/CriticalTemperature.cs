using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A sensor passed its critical point, and the kernel switched the machine off.</summary>
public sealed class CriticalTemperature : Rule
{
    public override string Id => "critical-temperature";

    public override Entry Entry => new("critical-temperature", "the kernel switched the machine off because of heat")
    {
        Area = Area.Hardware,
        Signature = ["thermal thermal_zone…: critical temperature reached (… C), shutting down",
            "reboot: HARDWARE PROTECTION shutdown (Temperature too high)"],
        Cause = "A sensor passed the trip point at which the kernel shuts down at once. It is no crash: no dump is made.",
        Fixes = [new("Look at fans, dust, heat sinks and paste", "sensors")],
        Origin = "drivers/thermal/thermal_core.c, drivers/acpi/thermal.c, kernel/reboot.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var same in facts.Of<CriticalHeat>().GroupBy(h => h.Source.Input))
        {
            CriticalHeat hot = same.FirstOrDefault(h => h.Zone.Length > 0) ?? same.First();
            yield return new Finding(Id,
                $"{(hot.Zone.Length > 0 ? hot.Zone : "a sensor")} reached its critical temperature" +
                $"{(hot.Degrees.Length > 0 ? $" ({hot.Degrees})" : "")}: the kernel switched the machine off", Severity.Critical, 0.95,
                "A sensor passed the trip point at which the kernel shuts down at once, so that nothing burns. It is no crash, and no " +
                "dump " +
                "is made." + (hot.Degrees.Length > 0 ? $" The trip point is the firmware's; {hot.Degrees} is what the sensor read." : ""))
            {
                Subject = hot.Zone.Length > 0 ? hot.Zone : null,
                Fixes =
                [
                    new("Look at fans, dust, heat sinks and paste, and at what loaded the machine",
                        "grep . /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/trip_point_*_temp"),
                    new("If the trip point is lower than the part can bear, ask the maker for a firmware update: firmware sets it"),
                ],
                Evidence = [.. same.Select(h => h.Source).Take(4)],
                CausedBy = ["processor-too-hot"],
            };
        }
    }
}
