using System.Globalization;
using System.Text.RegularExpressions;

namespace Kdump.Tests.Builders;

/// <summary>A kernel log as what carries logs about prints it: consoles, collectors, mails, tables, shells.</summary>
internal static partial class Carriers
{
    /// <summary>One message and when it was said; the line before gives differences.</summary>
    public readonly record struct Said(int Number, double Seconds, double Before, string Message)
    {
        public DateTime Day => new DateTime(2024, 9, 3, 5, 57, 48, DateTimeKind.Utc).AddSeconds(Seconds);

        public string Stamped => Invariant($"[{Seconds,12:f6}] {Message}");

        public bool Loud => Message.StartsWith("BUG", StringComparison.Ordinal);

        /// <summary>The time of day in a form of .NET.</summary>
        public string At(string form) => Day.ToString(form, CultureInfo.InvariantCulture);

        public string Escaped => Message.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\t", "\\t");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Each line by itself.</summary>
    public static readonly Dictionary<string, Func<Said, string>> OfLines = new()
    {
        ["nothing"] = s => s.Message,
        ["xcp-ng dom0.log"] = s => Invariant($"[{s.Seconds,14:f6}]  {(s.Loud ? "ALERT" : " WARN")}: {s.Message}"),
        ["talos"] = s => $"kern: {(s.Loud ? "  alert" : "warning")}: [{s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}Z]: {s.Message}",
        ["talosctl dmesg"] = s => $"10.1.10.21: kern: {(s.Loud ? "alert" : "info")}: [{s.At("yyyy-MM-ddTHH:mm:ss.fff")}Z]: {s.Message}",
        ["docker desktop"] = s => $"[{s.At("HH:mm:ss.fff")}][Moby           ][Info   ] {s.Message}",
        ["moby syslog"] = s => $"{s.At("yyyy-MM-dd HH:mm:ss")} +0000 UTC kern.{(s.Loud ? "alert" : "warn")} kernel: {s.Message}",
        ["dmesg -H"] = s => (Minute(s) ? $"[{s.At("MMMdd HH:mm")}] " : Invariant($"[  +{s.Seconds - s.Before:f6}] ")) + s.Message,
        ["dmesg -H, nl"] = s => (Minute(s) ? $"[sep{s.At("dd HH:mm")}] "
            : Invariant($"[  +{s.Seconds - s.Before:f6}] ").Replace('.', ',')) + s.Message,
        ["dmesg -H, ja"] = s => (Minute(s) ? $"[ 9月03 {s.At("HH:mm")}] " : Invariant($"[  +{s.Seconds - s.Before:f6}] ")) + s.Message,
        ["dmesg -d"] = s => Invariant($"[{s.Seconds,12:f6} <{s.Seconds - s.Before,12:f6}>] {s.Message}"),
        ["dmesg -T"] = s => $"[{s.At("ddd MMM")}  {s.At("%d HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, zh"] = s => $"[二 9月  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, ko"] = s => $"[화  9월  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, de"] = s => $"[Di Sep  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, fr"] = s => $"[mar. sept.  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, ru"] = s => $"[Вт сен  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -T, pl"] = s => $"[wto wrz  3 {s.At("HH:mm:ss yyyy")}] {s.Message}",
        ["dmesg -x"] = s => $"kern  :{(s.Loud ? "alert" : "warn "),-6}: {s.Stamped}",
        ["journalctl -o short-monotonic"] = s => Invariant($"[{s.Seconds,12:f6}] host kernel: {s.Message}"),
        ["journalctl -o short-full"] = s => $"{s.At("ddd yyyy-MM-dd HH:mm:ss")} UTC host kernel: {s.Message}",
        ["journalctl -o short-iso-precise"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}+0000 host kernel: {s.Message}",
        ["journalctl -o short, de"] = s => $"{s.At("MMM dd HH:mm:ss")} host kernel: {s.Message}",
        ["journalctl, month in small letters"] = s => $"feb {s.At("dd HH:mm:ss")} x kernel: {s.Message}",
        ["journalctl, month with a point"] = s => $"sept. {s.At("dd HH:mm:ss")} host kernel: {s.Message}",
        ["journalctl -o json"] = s =>
            "{\"_HOSTNAME\":\"h\",\"PRIORITY\":\"4\",\"MESSAGE\":\"" + s.Escaped + "\",\"_TRANSPORT\":\"kernel\"}",
        ["openwrt logread"] = s => $"{s.At("ddd MMM")}  {s.At("%d HH:mm:ss yyyy")} kern.warn kernel: {s.Stamped}",
        ["caller"] = s => Invariant($"[{s.Seconds,12:f6}][  T463] {s.Message}"),
        ["wall"] = s => $"Message from syslogd@host at {s.At("MMM dd HH:mm:ss")} ...\n kernel:{s.Stamped}\n",
        ["rfc 5424"] = s => $"<4>1 {s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}Z host kernel - - - {s.Stamped}",
        ["rfc 5424, suse"] = s => $"<0.4> {s.At("yyyy-MM-dd HH:mm:ss")} HOST kernel - - - {s.Stamped}",
        ["level"] = s => $"<4>{s.Stamped}",
        ["html"] = s => s.Stamped.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;"),
        ["html list"] = s => $"<li>{s.Stamped.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")}</li>",
        ["mail"] = s => $"> {s.Stamped}",
        ["mail, twice, no time"] = s => $"> > {s.Message}",
        ["mail, blank between"] = s => $">  > {s.Message}",
        ["grep -n"] = s => $"{s.Number}:{s.Stamped}",
        ["grep -Hn, no time"] = s => $"console.log:{s.Number}:{s.Message}",
        ["cat -n"] = s => $"{s.Number,6}\t{s.Stamped}",
        ["cat -n, no time"] = s => $"{s.Number,6}\t{s.Message}",
        ["docker compose"] = s => $"vm-1  | {s.Stamped}",
        ["docker compose, no time"] = s => $"vm-1  | {s.Message}",
        ["docker json-file"] = s => "{\"log\":\"" + Invariant($"[{s.Seconds,12:f6}] ") + s.Escaped +
            "\\n\",\"stream\":\"stdout\",\"time\":\"" + s.At("yyyy-MM-ddTHH:mm:ss.ffffff") + "Z\"}",
        ["docker json-file, no time"] = s => "{\"log\":\"" + s.Escaped + "\\r\\n\",\"stream\":\"stdout\",\"time\":\"" +
            s.At("yyyy-MM-ddTHH:mm:ss.ffffff") + "Z\"}",
        ["cri"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}123Z stdout F {s.Message}",
        ["gelf"] = s => "{\"version\":\"1.1\",\"host\":\"n17\",\"short_message\":\"" + s.Escaped +
            Invariant($"\",\"timestamp\":{1725343068 + s.Seconds:f3},\"level\":4}}"),
        ["virt-launcher"] = s => "{\"component\":\"guest-console-log\",\"level\":\"info\",\"msg\":\"" + s.Escaped +
            "\",\"timestamp\":\"" + s.At("yyyy-MM-ddTHH:mm:ss.ffffff") + "Z\"}",
        ["lava yaml"] = s => "- {\"dt\": \"" + s.At("yyyy-MM-ddTHH:mm:ss.ffffff") + "\", \"lvl\": \"target\", \"msg\": \"" +
            Invariant($"[{s.Seconds,12:f6}] ") + s.Escaped + "\"}",
        ["logfmt"] = s => $"time=\"{s.At("yyyy-MM-ddTHH:mm:ss")}Z\" level={(s.Loud ? "error" : "warning")} msg=\"{s.Message}\"",
        ["kibana csv"] = s => $"\"Sep 3, 2024 @ {s.At("HH:mm:ss.fff")}\",\"node17\",\"{s.Message}\"",
        ["table"] = s => $"| {s.At("HH:mm:ss")} | node17 | {s.Message} |",
        ["splunk"] = s => $"{s.At("MM/dd/yyyy HH:mm:ss.fff")} AM - node17 - {s.Message}",
        ["glog"] = s => $"W0903 {s.At("HH:mm:ss.ffffff")}    7385 vm_console.go:46] {s.Message}",
        ["glog in a ci log"] = s =>
            $"{s.At("HH:mm:ss")} I0903 {s.At("HH:mm:ss.ffffff")}    7385 vm_console.go:46] SB[vm-aJ] [CNL] {s.Message}",
        ["logcat threadtime"] = s => $"{s.At("MM-dd HH:mm:ss.fff")}     0     0 W kernel  : {s.Message}",
        ["logcat brief"] = s => $"W/kernel  (    0): {s.Message}",
        ["conserver, no blank"] = s => $"[{s.At("ddd MMM")}  {s.At("%d HH:mm:ss yyyy")}]{s.Message}",
        ["console server"] = s => $"{s.At("yyyy/MM/dd HH:mm:ss")} [node17-sol] {s.Message}",
        ["obmc-console-server"] = s => $"{s.At("MMM dd HH:mm:ss")} bmc obmc-console-server[321]: {s.Message}",
        ["clush"] = s => $"node17: {s.Message}",
        ["clush, stamped"] = s => $"node17: {s.Stamped}",
        ["ansible list"] = s => $"        \"{s.Stamped.Replace("\\", "\\\\").Replace("\"", "\\\"")}\",",
        ["yaml list"] = s => $"    - '{s.Stamped.Replace("'", "''")}'",
        ["ttylog"] = s => $"{s.At("HH:mm:ss.fff")}> {s.Message}",
        ["ts -s"] = s => $"00:00:{s.At("ss")} {s.Message}",
        ["ts -i"] = s => Invariant($"{s.Seconds - s.Before:f6} {s.Message}"),
        ["grabserial"] = s => Invariant($"[{s.Seconds:f6} {s.Seconds - s.Before:f6}] {s.Message}"),
        ["annotate-output"] = s => $"{s.At("HH:mm:ss")} O: {s.Message}",
        ["kubectl logs --prefix"] = s => $"[pod/vm-0/serial] {s.Message}",
        ["cloudwatch"] = s => Invariant($"{1725343068123 + (long)(s.Seconds * 1000)} {s.Message}"),
        ["github actions"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.fffffff")}Z {s.Message}",
        ["gitlab ci"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}Z 01O {s.Message}",
        ["lava"] = s => $"{s.At("yyyy-MM-dd HH:mm:ss.ffffff")}+00:00  {s.Message}",
        ["xen guest console"] = s => $"[{s.At("yyyy-MM-dd HH:mm:ss")}] {s.Stamped}",
        ["xen hypervisor"] = s => $"(XEN) [{s.At("yyyy-MM-dd HH:mm:ss.fff")}] (d9) {s.Stamped}",
        ["xl dmesg, no time"] = s => $"(d9) {s.Message}",
        ["chrome os"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.ffffff")}Z WARNING kernel: {s.Stamped}",
        ["nx-os"] = s => $"2024 Sep  3 {s.At("HH:mm:ss")} n9k %KERN-3-SYSTEM_MSG: {s.Stamped} - kernel",
        ["junos"] = s => $"Sep  3 {s.At("HH:mm:ss")}  re0 /kernel: {s.Message}",
        ["netconsole by address"] = s => $"10.0.0.5:6666 {s.Message}",
        ["netconsole, extended"] = s => Invariant($"4,{s.Number},{(long)(s.Seconds * 1e6)},-;{s.Message}"),
        ["diff"] = s => $"+{s.Stamped}",
        ["markdown code"] = s => $"    {s.Stamped}",
        ["tab"] = s => $"\t{s.Stamped}",
        ["no-break blank"] = s => Invariant($"[{s.Seconds,12:f6}]\u00a0{s.Message}"),
        ["ideographic blank"] = s => Invariant($"[{s.Seconds,12:f6}]\u3000{s.Message}"),
        ["byte order marks"] = s => $"\ufeff{s.Stamped}",
        ["date in german"] = s => $"{s.At("dd.MM.yyyy HH:mm:ss")} srv17 kernel: {s.Message}",
        ["priority words"] = s => $"{(s.Loud ? "ALERT" : "WARN")}: {s.Message}",
        ["kern.warn"] = s => $"kern.{(s.Loud ? "alert" : "warn")} kernel: {s.Stamped}",
        ["colours without their escape"] = s => Invariant($"[32m[{s.Seconds,12:f6}] [0m[33m{s.Message}[0m"),
        ["graylog csv"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.fff")}Z,host,\"{s.Message}\"",
        ["fluent bit"] = s => Invariant($"[0] kube.var.log: [[{1725343068 + s.Seconds:f9}, {{}}], {{\"log\"=>\"{s.Stamped}\"}}]"),
        ["xml"] = s => $"<log-entry>{s.Message}</log-entry>",
        ["bytes of python"] = s => $"b'{s.Stamped}\\r\\n',",
        ["robot framework"] = s => $"{s.At("yyyyMMdd HH:mm:ss.fff")} - INFO - {s.Message}",
        ["zuul"] = s => $"{s.At("yyyy-MM-dd HH:mm:ss.ffffff")} | node | {s.Message}",
        ["testing farm"] = s => $":: [ {s.At("HH:mm:ss")} ] :: [  LOG  ] :: {s.Message}",
        ["crash, log -T"] = s => $"[{s.At("ddd MMM dd HH:mm:ss")} UTC 2024] {s.Message}",
        ["twelve hours"] = s => $"{s.At("MM/dd/yyyy hh:mm:ss")} AM {s.Message}",
        ["milliseconds"] = s => Invariant($"{(long)(s.Seconds * 1000),8} ms: {s.Message}"),
        ["vmware guest"] = s => $"{s.At("yyyy-MM-ddTHH:mm:ss.fff")}Z| vcpu-0| I005: Guest: {s.Message}",
        ["zgrep"] = s => $"syslog.1.gz-{s.At("MMM dd HH:mm:ss")} host kernel: {s.Message}",
        ["wide quotation mark"] = s => $"＞ {s.Message}",
        ["initials of an author"] = s => $"JD> {s.Message}",
        ["container id"] = s => $"3fa9c1d27b5e {s.At("yyyy-MM-ddTHH:mm:ss")}Z {s.Message}",
    };

    /// <summary>The log as a whole.</summary>
    public static readonly Dictionary<string, Func<List<Said>, IEnumerable<string>>> OfLogs = new()
    {
        ["newest first"] = all => Enumerable.Reverse(all).Select(s => s.Stamped),
        ["journalctl -r"] = all => Enumerable.Reverse(all).Select(s => $"{s.At("MMM dd HH:mm:ss")} host kernel: {s.Message}")
            .Prepend("-- Reboot --"),
        ["each line twice"] = all => all.SelectMany(s => new[] { s.Stamped, s.Stamped }),
        ["each line twice, behind a console server"] = all =>
            all.SelectMany(s => Enumerable.Repeat($"{s.At("yyyy/MM/dd HH:mm:ss")} [n17] {s.Message}", 2)),
        ["journalctl -o export"] = all => all.SelectMany(s => new[]
        {
            Invariant($"__REALTIME_TIMESTAMP={1725343068000000 + (long)(s.Seconds * 1e6)}"),
            Invariant($"__MONOTONIC_TIMESTAMP={(long)(s.Seconds * 1e6)}"), "_TRANSPORT=kernel", "PRIORITY=4", $"MESSAGE={s.Message}", "",
        }),
        ["journalctl -o verbose"] = all => all.SelectMany(s => new[]
        {
            $"{s.At("ddd yyyy-MM-dd HH:mm:ss.ffffff")} UTC [s=31e1;i=2;b=6f;m=1a;t=62]", "    _TRANSPORT=kernel",
            "    SYSLOG_IDENTIFIER=kernel",
            $"    MESSAGE={s.Message}", "    _HOSTNAME=host",
        }),
        ["journalctl -o json-pretty"] = all => all.SelectMany(s => new[]
        {
            "{", "\t\"_TRANSPORT\" : \"kernel\",", "\t\"MESSAGE\" : \"" + s.Escaped + "\",", "\t\"PRIORITY\" : \"4\"", "}",
        }),
        ["folded by a mailer"] = all => all.SelectMany(s => Folded($"{s.At("MMM dd HH:mm:ss")} host kernel: {s.Stamped}", 76)),
        ["folded and quoted"] = all => all.SelectMany(s => Folded(s.Stamped, 72).Select(l => "> " + l)),
        ["a shell before it"] = all => all.Select(s => $"kern: info: [{s.At("yyyy-MM-ddTHH:mm:ss.fff")}Z]: {s.Message}")
            .Prepend("Here is what talosctl dmesg says:").Prepend("Hello,").Append("Any ideas?"),
    };

    public static IEnumerable<string> Names => OfLines.Keys.Concat(OfLogs.Keys);

    public static string Carry(string name, IEnumerable<string> log)
    {
        List<Said> said = Messages(log);
        IEnumerable<string> lines = OfLines.TryGetValue(name, out Func<Said, string>? line) ? said.Select(line) : OfLogs[name](said);
        return string.Join('\n', lines) + "\n";
    }

    public static string Bare(IEnumerable<string> log) => string.Join('\n', Messages(log).Select(s => s.Stamped)) + "\n";

    /// <summary><c>dmesg -H</c> writes the time of day when the minute is another.</summary>
    private static bool Minute(Said s) => s.Number == 1 || (int)(s.Seconds / 60) != (int)(s.Before / 60);

    /// <summary>At blanks, as mailers do; a blank at the fold is lost.</summary>
    private static IEnumerable<string> Folded(string line, int width)
    {
        while (line.Length > width && line.LastIndexOf(' ', width) is > 20 and var blank)
        {
            yield return line[..blank];
            line = line[(blank + 1)..];
        }
        yield return line;
    }

    private static List<Said> Messages(IEnumerable<string> log)
    {
        var all = new List<Said>();
        foreach (string line in log)
        {
            if (Own().Match(line) is { Success: true } m)
            {
                double seconds = double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture);
                all.Add(new(all.Count + 1, seconds, all.Count == 0 ? seconds : all[^1].Seconds, m.Groups[2].Value));
            }
        }
        return all;
    }

    [GeneratedRegex(@"^\[ *(\d+\.\d+)\](?:\[ *[TC]\d+\])? ?(.*)$")]
    private static partial Regex Own();
}
