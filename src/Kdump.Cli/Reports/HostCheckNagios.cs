using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Reports;

/// <summary>
/// <c>kdt host check --nagios</c>: the form of monitoring plug-ins (Nagios, Icinga, Checkmk): one line, performance data after a |,
/// and exit codes 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
/// </summary>
internal static class HostCheckNagios
{
    public static int Write(TextWriter output, Facts facts, Verdict verdict)
    {
        Finding[] bad = [.. verdict.Findings.Where(f => f.Severity >= Severity.Error)];
        Finding[] warnings = [.. verdict.Findings.Where(f => f.Severity == Severity.Warning)];
        int exit;
        string word;
        if (bad.Length > 0)
            (exit, word) = (2, "CRITICAL");
        else if (warnings.Length > 0)
            (exit, word) = (1, "WARNING");
        else
            (exit, word) = verdict.Unknowns.Count > 0 ? (3, "UNKNOWN") : (0, "OK");
        string text;
        if (bad.Length + warnings.Length > 0)
            text = string.Join("; ", bad.Concat(warnings).Take(3).Select(f => f.Title)) +
                (bad.Length + warnings.Length > 3 ? $" and {bad.Length + warnings.Length - 3} more" : "");
        else if (verdict.Unknowns.Count > 0)
            text = "not known: " + verdict.Unknowns[0].Question;
        else
            text = "no problem found: a panic should leave a dump";
        // A | begins the performance data.
        output.WriteLine($"KDUMP {word} - {Printable.Escape(text).Replace('|', '/')} | {Data(facts, bad.Length, warnings.Length)}");
        return exit;
    }

    /// <summary>A machine that cannot be looked at is UNKNOWN: a monitor reads any other error of a plug-in as CRITICAL.</summary>
    public static int Unknown(TextWriter output, string reason)
    {
        output.WriteLine($"KDUMP UNKNOWN - {Printable.Escape(reason).Replace('|', '/')}");
        return 3;
    }

    private static string Data(Facts facts, int errors, int warnings)
    {
        string data = $"errors={errors} warnings={warnings}";
        if (facts.Of<KexecLoaded>() is [var loaded, ..])
            data += $" loaded={(loaded.Loaded ? 1 : 0)}";
        if (facts.Of<CrashReservation>() is [var reserved, ..])
            data += $" reserved={reserved.Bytes}B";
        return data;
    }
}
