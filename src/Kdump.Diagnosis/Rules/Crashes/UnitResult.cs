namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>systemd's words for how a unit failed (src/core/service.c service_result_table).</summary>
internal static class UnitResult
{
    /// <summary>A sentence for those that mean the same in a listing and in a log; null for the others.</summary>
    public static string? Meaning(string result) => result switch
    {
        "signal" => "Its program was killed by a signal.",
        "oom-kill" => "It was killed for lack of memory.",
        "resources" => "systemd could not start it for lack of something that it needs.",
        "start-limit-hit" => "It ended right after each start, and systemd tries no more.",
        _ => null,
    };
}
