using System.Globalization;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// Limits that systemd sets to the service which writes the dump (systemd.service(5), systemd.unit(5), systemd.time(7)). A oneshot
/// service has none unless its unit or a drop-in says so. kdump-utils' and SUSE's runs in the image, kdump-tools' in the machine's root.
/// </summary>
internal static class DumpDeadlines
{
    private static readonly string[] Folders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system"];

    private static readonly string[] Settings = ["TimeoutStartSec", "TimeoutSec", "RuntimeMaxSec", "JobTimeoutSec", "JobRunningTimeoutSec"];

    public static void OfImage(ImageView view, Facts facts)
    {
        foreach (string unit in new[] { "kdump-capture.service", "kdump-save.service" })
            Read(unit, true, view.Text, f => (view.Find(f)?.Children ?? []).Select(c => c.Name), view.Shown, facts);
    }

    public static void OfMachine(MachineTree root, KdumpTools tools, Facts facts)
    {
        if (tools == KdumpTools.Debian)
            Read("kdump-tools-dump.service", false, root.Text, root.List, root.Shown, facts);
    }

    private static void Read(string unit, bool image, Func<string, string?> text, Func<string, IEnumerable<string>> list,
        Func<string, string> shown, Facts facts)
    {
        // The first folder's unit hides the others'; drop-ins of all are read in the order of their names, later ones win.
        IEnumerable<string> files = Folders.Select(f => $"{f}/{unit}").Where(p => text(p) is not null).Take(1).Concat(
            Folders.SelectMany(f => list($"{f}/{unit}.d").Where(n => n.EndsWith(".conf", StringComparison.Ordinal))
                .Select(n => (Name: n, Path: $"{f}/{unit}.d/{n}"))).OrderBy(d => d.Name, StringComparer.Ordinal).Select(d => d.Path));
        var last = new Dictionary<string, DumpDeadline?>(StringComparer.Ordinal);
        foreach (string path in files)
        {
            int number = 0;
            foreach (string line in (text(path) ?? "").Split('\n').Take(1000))
            {
                number++;
                int equals = line.IndexOf('=');
                if (equals <= 0 || !Settings.Contains(line[..equals].Trim()))
                    continue;
                string name = line[..equals].Trim();
                last[name] = Span(line[(equals + 1)..].Trim()) is { } seconds
                    ? new(Kdump.Diagnosis.Model.Source.Of(shown(path), line, number), $"{name}= of {unit}", path, seconds, image) : null;
            }
        }
        facts.AddRange(last.Values.OfType<DumpDeadline>());
    }

    /// <summary>Seconds of <c>90</c>, <c>5min</c>, <c>1h 30min</c>; null for none (<c>infinity</c>, <c>0</c>) and what is no
    /// time.</summary>
    internal static int? Span(string text)
    {
        double sum = 0;
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            if (at == start || !double.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out double value))
                return null;
            int word = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            double? unit = text[word..at] switch
            {
                "" or "s" or "sec" or "second" or "seconds" => 1, "ms" or "msec" => 0.001, "us" or "usec" => 1e-6,
                "m" or "min" or "minute" or "minutes" => 60, "h" or "hr" or "hour" or "hours" => 3600, "d" or "day" or "days" => 86400,
                _ => null,
            };
            if (unit is null)
                return null;
            sum += value * unit.Value;
            while (at < text.Length && text[at] == ' ')
                at++;
        }
        return sum is >= 1 and < 1e9 ? (int)sum : null;
    }
}
