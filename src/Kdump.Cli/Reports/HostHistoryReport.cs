using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary>What <c>kdt host history</c> prints.</summary>
internal static class HostHistoryReport
{
    /// <summary>Number of runs and dumps to show, newest first.</summary>
    private const int Shown = 8;

    public static void Text(TextWriter output, MachineTree root, Facts facts, Verdict verdict, Terminal terminal)
    {
        PastDump[] dumps = [.. facts.Of<PastDump>().OrderByDescending(d => d.Time)];
        Words words = terminal.Words;
        Line($"machine  {root.Name}, kernel {(facts.Of<MachineKernel>() is [var k, ..] ? k.Release : words.Of("unknown"))}");
        Line($"tested   {words.Of(Tested(facts))}");
        foreach (PastDump d in dumps.Take(Shown))
            Line($"dump     {UtcTime.Minute(d.Time)}  {words.Of(StateOf(d))}  {d.Bytes / 1e6,9:0.0} MB  " +
                $"{(d.Release.Length > 0 ? d.Release : words.Of("kernel unknown"))}  {d.Path}");
        foreach (PastRehearsal r in facts.Of<PastRehearsal>().OrderByDescending(r => r.Time).Take(Shown))
            Line($"rehearsal {UtcTime.Minute(r.Time)}  {(r.Release.Length > 0 ? r.Release : words.Of("kernel unknown"))}, " +
                $"image {Short(r.ImageHash)}: {words.Of(Ended(r) + Present(facts, r))}");
        foreach (PastBoot b in facts.Of<PastBoot>().Reverse().Take(Shown))
            Line($"run      {UtcTime.Minute(b.Started)}  {b.Release}: {words.Of(End(b, dumps))}");
        foreach (PastRecord r in facts.Of<PastRecord>().Take(Shown))
            Line($"record   {UtcTime.Minute(r.Time)}  {words.Of(r.Kind)}: {r.Source.Place}");
        foreach (ChangedSinceDump c in facts.Of<ChangedSinceDump>())
            Line($"changed  {words.Of(c.What)}: {c.Before} -> {c.Now}");
        output.WriteLine();
        new ScreenText(output, terminal).Write(verdict);

        void Line(string text) => output.WriteLine(Printable.Escape(words.Of(text)));
    }

    /// <summary>One sentence; heads of other reports use it too.</summary>
    public static string Tested(Facts facts)
    {
        if (!facts.Any<HistorySeen>())
            return "not known";
        if (facts.Of<PastDump>().Where(d => d.Complete).MaxBy(d => d.Time) is not { } last)
            return Untested(facts);
        string[] changed = [.. facts.Of<ChangedSinceDump>().Select(c => c.What).Distinct()];
        return $"a dump of {UtcTime.Minute(last.Time)}" + (changed.Length == 0 ? "; none of the checked items changed since"
            : $"; changed since: {string.Join(", ", changed)}") + Lost(facts, last) +
            (Rehearsed(facts) is { } rehearsal ? "; " + rehearsal : "");
    }

    /// <summary>A crash after the last whole dump that left none.</summary>
    private static string Lost(Facts facts, PastDump last) =>
        facts.Of<PastDump>().MaxBy(d => (d.Time, d.Complete)) is { Complete: false } crash && crash.Time > last.Time
            ? $"; a later crash of {UtcTime.Minute(crash.Time)} left no complete dump" : "";

    private static string Untested(Facts facts)
    {
        if (facts.Of<PastDump>().MaxBy(d => d.Time) is { } crash)
            return $"a crash of {UtcTime.Minute(crash.Time)} left no complete dump" + (Rehearsed(facts) is { } since ? "; " + since : "");
        if (facts.Of<DumpTest>().FirstOrDefault() is { } test)
            return $"kdumpctl notes '{test.Status}' of {UtcTime.Minute(test.Time)}";
        return Rehearsed(facts) is { } one ? "no dump of a real crash was found here; " + one : "never, according to the files here";
    }

    private static string StateOf(PastDump dump) => dump.State switch
    {
        PastDumpState.Whole => "whole     ",
        PastDumpState.Torn => "incomplete",
        _ => "log only  ",
    };

    /// <summary>The last rehearsal that went to its end; null for none.</summary>
    private static string? Rehearsed(Facts facts) =>
        facts.Of<PastRehearsal>().Where(r => r.Opens).MaxBy(r => r.Time) is { } last
            ? $"rehearsed on {UtcTime.Minute(last.Time)} with {(IsPresent(facts, last) ? "this image" : "another image")}" : null;

    private static bool IsPresent(Facts facts, PastRehearsal r) => facts.Of<ImageNow>() is [var now, ..] && now.Hash == r.ImageHash;

    private static string Present(Facts facts, PastRehearsal r) => IsPresent(facts, r) ? " (the image that is there now)" : "";

    private static string Short(string hash) => hash.Length switch { > 12 => hash[..12], > 0 => hash, _ => "unknown" };

    private static string Ended(PastRehearsal r) => r.Opens ? "wrote a dump that opens" : $"reached '{r.Reached}'";

    public static void Json(TextWriter output, MachineTree root, Facts facts, Verdict verdict) =>
        JsonText.Write(output, "kdt.host.history/1", json =>
        {
            json.WriteString("root", root.Name);
            json.WriteString("kernel", facts.Of<MachineKernel>() is [var k, ..] ? k.Release : null);
            json.WriteString("tested", Tested(facts));
            json.WriteStartArray("dumps");
            foreach (PastDump d in facts.Of<PastDump>())
            {
                json.WriteStartObject();
                json.WriteString("path", d.Path);
                json.WriteNumber("time", d.Time);
                json.WriteNumber("bytes", d.Bytes);
                json.WriteBoolean("complete", d.Complete);
                json.WriteString("kernel", d.Release.Length > 0 ? d.Release : null);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("rehearsals");
            foreach (PastRehearsal r in facts.Of<PastRehearsal>())
            {
                json.WriteStartObject();
                json.WriteNumber("time", r.Time);
                json.WriteString("kernel", r.Release.Length > 0 ? r.Release : null);
                json.WriteString("imageSha256", r.ImageHash.Length > 0 ? r.ImageHash : null);
                json.WriteString("reached", r.Reached);
                json.WriteBoolean("opens", r.Opens);
                json.WriteBoolean("presentImage", IsPresent(facts, r));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("runs");
            foreach (PastBoot b in facts.Of<PastBoot>())
            {
                json.WriteStartObject();
                json.WriteNumber("started", b.Started);
                json.WriteString("kernel", b.Release);
                json.WriteString("end", b.Next switch
                {
                    0 => "running",
                    _ when b.Ended > 0 => "shutdown",
                    _ => "unclean",
                });
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("changed");
            foreach (ChangedSinceDump c in facts.Of<ChangedSinceDump>())
            {
                json.WriteStartObject();
                json.WriteString("what", c.What);
                json.WriteString("before", c.Before);
                json.WriteString("now", c.Now);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            VerdictJson.Write(json, "verdict", verdict);
        });

    private static string End(PastBoot boot, PastDump[] dumps)
    {
        if (boot.Next == 0)
            return "running";
        if (boot.Ended > 0)
            return $"shut down at {UtcTime.Minute(boot.Ended)}";
        if (dumps.FirstOrDefault(d => d.Time > boot.Started && d.Time <= boot.Next + 3600) is { } dump)
        {
            string kept = dump switch
            {
                { Complete: true } => "dumped",
                { State: PastDumpState.Torn } => "the dump is incomplete",
                _ => "only a log was kept",
            };
            return $"ended in a crash, {kept}";
        }
        return $"ended without a shutdown before {UtcTime.Minute(boot.Next)}: panic, reset or power";
    }
}
