using System.Globalization;

namespace Kdump.Cli.Reports;

/// <summary>Gauges in Prometheus' text format, for node_exporter's textfile collector.</summary>
internal static class MetricsText
{
    public static void Gauge(TextWriter output, string name, string help, long value)
    {
        Head(output, name, help);
        output.WriteLine($"{name} {value.ToString(CultureInfo.InvariantCulture)}");
    }

    public static void Head(TextWriter output, string name, string help)
    {
        output.WriteLine($"# HELP {name} {help}");
        output.WriteLine($"# TYPE {name} gauge");
    }
}
