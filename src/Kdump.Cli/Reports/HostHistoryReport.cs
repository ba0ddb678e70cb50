using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Hosts;
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
        output.WriteLine($"machine  {Printable.Escape(root.Name)}, kernel " +
            $"{(facts.Of<MachineKernel>() is [var k, ..] ? Printable.Escape(k.Release) : "unknown")}");
        output.WriteLine($"tested   {Printable.Escape(Tested(facts))}");
        foreach (PastDump d in dumps.Take(Shown))
            output.WriteLine(Printable.Escape($"dump     {HostHistory.Date(d.Time)}  {(d.Complete ? "whole     " : "incomplete")}  " +
                $"{d.Bytes / 1e6,9:0.0} MB  {(d.Release.Length > 0 ? d.Release : "kernel unknown")}  {d.Path}"));
        foreach (PastBoot b in facts.Of<PastBoot>().Reverse().Take(Shown))
            output.WriteLine(Printable.Escape($"run      {HostHistory.Date(b.Started)}  {b.Release}: {End(b, dumps)}"));
        foreach (PastRecord r in facts.Of<PastRecord>().Take(Shown))
            output.WriteLine(Printable.Escape($"record   {HostHistory.Date(r.Time)}  {r.Kind}: {r.Source.Place}"));
        foreach (ChangedSinceDump c in facts.Of<ChangedSinceDump>())
            output.WriteLine(Printable.Escape($"changed  {c.What}: {c.Before} -> {c.Now}"));
        output.WriteLine();
        new ScreenText(output, terminal.Width, terminal.Colour).Write(verdict);
    }

    /// <summary>One sentence; heads of other reports use it too.</summary>
    public static string Tested(Facts facts)
    {
        if (!facts.Any<HistorySeen>())
            return "not known";
        if (facts.Of<PastDump>().Where(d => d.Complete).MaxBy(d => d.Time) is not { } last)
            return facts.Of<DumpTest>().FirstOrDefault() is { } test ? $"kdumpctl recorded '{test.Status}' on {HostHistory.Date(test.Time)}"
                : "never, according to the files here";
        string[] changed = [.. facts.Of<ChangedSinceDump>().Select(c => c.What).Distinct()];
        return $"a dump of {HostHistory.Date(last.Time)}" + (changed.Length == 0 ? "; none of the checked items changed since"
            : $"; changed since: {string.Join(", ", changed)}");
    }

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
            json.WriteStartArray("runs");
            foreach (PastBoot b in facts.Of<PastBoot>())
            {
                json.WriteStartObject();
                json.WriteNumber("started", b.Started);
                json.WriteString("kernel", b.Release);
                json.WriteString("end", b.Next == 0 ? "running" : b.Ended > 0 ? "shutdown" : "unclean");
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

    private static string End(PastBoot boot, PastDump[] dumps) =>
        boot.Next == 0 ? "running"
        : boot.Ended > 0 ? $"shut down at {HostHistory.Date(boot.Ended)}"
        : dumps.FirstOrDefault(d => d.Time > boot.Started && d.Time <= boot.Next + 3600) is { } dump
            ? $"ended in a crash, {(dump.Complete ? "dumped" : "the dump is incomplete")}"
        : $"ended without a shutdown before {HostHistory.Date(boot.Next)}: panic, reset or power";
}
