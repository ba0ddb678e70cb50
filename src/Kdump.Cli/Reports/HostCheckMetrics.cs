using System.Globalization;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary>
/// <c>kdt host check --prometheus</c>: metrics in Prometheus' text format for node_exporter's textfile collector. A metric whose value is
/// not known is left out.
/// </summary>
internal static class HostCheckMetrics
{
    public static void Write(TextWriter output, Facts facts, Verdict verdict)
    {
        MetricsText.Head(output, "kdump_check_findings", "Findings of kdt host check by severity.");
        foreach (Severity severity in new[] { Severity.Info, Severity.Warning, Severity.Error, Severity.Critical })
            output.WriteLine($"kdump_check_findings{{severity=\"{VerdictJson.NameOf(severity)}\"}} " +
                verdict.Findings.Count(f => f.Severity == severity).ToString(CultureInfo.InvariantCulture));
        MetricsText.Head(output, "kdump_check_unknowns", "Questions that kdt host check could not answer.");
        output.WriteLine($"kdump_check_unknowns {verdict.Unknowns.Count}");
        Finding[] told = [.. verdict.Findings.Where(f => f.Severity >= Severity.Warning)];
        if (told.Length > 0)
            MetricsText.Head(output, "kdump_check_finding", "A finding of severity warning or worse.");
        foreach (Finding f in told)
            output.WriteLine($"kdump_check_finding{{id=\"{f.Id}\",severity=\"{VerdictJson.NameOf(f.Severity)}\"," +
                $"subject=\"{Escape(f.Subject ?? "")}\"}} 1");
        if (facts.Of<KexecLoaded>() is [var loaded, ..])
            MetricsText.Gauge(output, "kdump_crash_kernel_loaded", "A panic would start a crash kernel.", loaded.Loaded ? 1 : 0);
        if (facts.Of<CrashReservation>() is [var reserved, ..])
            MetricsText.Gauge(output, "kdump_reserved_bytes", "Memory reserved for the crash kernel.", reserved.Bytes);
        if (facts.Of<ImageSummary>() is [{ Built: > 0 } image, ..])
            MetricsText.Gauge(output, "kdump_image_built_seconds", "When the crash kernel's image was written, seconds since 1970.",
                image.Built);
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
