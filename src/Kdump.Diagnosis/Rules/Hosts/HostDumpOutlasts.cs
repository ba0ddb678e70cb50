using Kdump.Diagnosis.Evidence.DumpSetup;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The service that writes the dump is ended before a dump of this machine is written.</summary>
public sealed class HostDumpOutlasts : Rule
{
    public override string Id => "dump-outlasts-timeout";

    public override Entry Entry => new("dump-outlasts-timeout", "the dump takes longer than its service may run")
    {
        Area = Area.Preparing,
        Signature = ["TimeoutStartSec=, " +
            "RuntimeMaxSec= or JobTimeoutSec= of kdump-capture.service, kdump-save.service or kdump-tools-dump.service"],
        Cause = "A drop-in that was written for ordinary services, or a limit from when the machine had less memory: " +
            "systemd kills makedumpfile, and an incomplete dump is left.",
        Fixes = [new("Set the limit to infinity for the service that writes the dump")],
        Origin = "systemd.service(5): a oneshot service has no limit unless one is set",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<DumpTime>() is not [var time, ..])
            yield break;
        foreach (DumpDeadline limit in facts.Of<DumpDeadline>().Where(d => d.Seconds < time.HighSeconds))
        {
            Severity severity;
            if (limit.Seconds < time.LowSeconds)
                severity = Severity.Error;
            else
                severity = limit.Seconds < time.LikelySeconds ? Severity.Warning : Severity.Info;
            yield return new Finding(Id,
                $"{limit.What} is {Words(limit.Seconds)}, and a dump taken now needs {Words(time.LowSeconds)} to {Words(time.HighSeconds)}",
                severity, severity == Severity.Error ? 0.85 : 0.6,
                "systemd ends the service then, and the dump stays incomplete. " +
                    $"The estimate: {time.Assumed}; the rates are those of such devices, not measured here.")
            {
                Subject = limit.What,
                Reckoning = [new("seconds of the limit", limit.Seconds, Note: limit.Path),
                    new("seconds of a dump at least", time.LowSeconds), new("seconds of a dump at most", time.HighSeconds)],
                Evidence = [limit.Source, time.Source],
                Fixes = limit.InImage
                    ? [.. DumpImage.Rebuild(
                        $"Take the line out of the machine's {limit.Path} (the image has a copy), and build the image anew")]
                    : [new Fix("Take the limit away for this service",
                        "mkdir -p /etc/systemd/system/kdump-tools-dump.service.d " +
                        "&& printf '[Service]\\nTimeoutStartSec=infinity\\nRuntimeMaxSec=infinity\\n' " +
                        "> /etc/systemd/system/kdump-tools-dump.service.d/zz-no-limit.conf")
                    { For = KdumpTools.Debian, Undo = "rm /etc/systemd/system/kdump-tools-dump.service.d/zz-no-limit.conf" }],
            };
        }
    }

    /// <summary><c>40 s</c>, <c>12 min</c>, <c>3 h</c>.</summary>
    public static string Words(int seconds) =>
        seconds switch
        {
            < 120 => $"{seconds} s",
            < 7200 => $"{(seconds + 30) / 60} min",
            _ => $"{(seconds + 1800) / 3600} h",
        };
}
