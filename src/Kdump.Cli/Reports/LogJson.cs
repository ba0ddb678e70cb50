using System.Text.Json;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt log --json</c>.</summary>
internal static class LogJson
{
    public static void Write(TextWriter output, LogReading log, Verdict verdict, IReadOnlyList<SimilarCrash> similar) =>
        JsonText.Write(output, "kdt.log/1", json =>
    {
        json.WriteString("input", log.Input);
        json.WriteNumber("lines", log.Lines);
        json.WriteStartArray("boots");
        foreach (BootSpan boot in log.Boots)
            Write(json, boot, log);
        json.WriteEndArray();
        json.WriteStartArray("crashes");
        foreach (Crash crash in log.Crashes)
            Write(json, crash, log);
        json.WriteEndArray();
        json.WriteNumber("crashesNotKept", log.Dropped);
        Write(json, "capture", log.Dumps[^1], log);
        json.WriteStartArray("captures");
        foreach (DumpStory dump in log.Dumps)
            Write(json, null, dump, log);
        json.WriteEndArray();
        json.WriteStartArray("similar");
        foreach (SimilarCrash other in similar)
            Write(json, other, log);
        json.WriteEndArray();
        json.WriteStartArray("harmless");
        foreach (HarmlessLines lines in log.Facts.Of<HarmlessLines>())
        {
            json.WriteStartObject();
            json.WriteNumber("line", lines.Source.Line);
            json.WriteString("text", lines.Source.Text);
            json.WriteNumber("count", lines.Count);
            json.WriteString("why", lines.Message.Why);
            json.WriteString("origin", lines.Message.Origin);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
    });

    private static void Write(Utf8JsonWriter json, SimilarCrash other, LogReading log)
    {
        json.WriteStartObject();
        json.WriteString("input", other.Input);
        json.WriteString("title", other.Theirs.Title);
        json.WriteNumber("firstLine", other.Theirs.FirstLine);
        json.WriteString("signature", other.Theirs.Signature.Exact);
        json.WriteNumber("crash", log.Crashes.ToList().IndexOf(other.Ours));
        json.WriteNumber("score", Math.Round(other.Similarity.Score, 3));
        json.WriteString("level", other.Similarity.Level);
        Texts(json, "why", other.Similarity.Why);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BootSpan span, LogReading log)
    {
        Boot boot = span.Boot;
        json.WriteStartObject();
        json.WriteNumber("index", log.IndexOf(boot));
        Text(json, "kernel", boot.Release);
        Text(json, "cmdline", boot.CommandLine);
        Flag(json, "capture", boot.Capture);
        json.WriteNumber("firstLine", span.FirstLine);
        json.WriteNumber("lastLine", span.LastLine);
        Place(json, "captureEvidence", boot.CaptureEvidence);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Crash crash, LogReading log)
    {
        CrashContext context = crash.Context;
        json.WriteStartObject();
        json.WriteNumber("boot", Math.Max(0, log.IndexOf(crash.Boot)));
        json.WriteString("kind", crash.Kind);
        json.WriteString("title", crash.Title);
        Texts(json, "altTitles", crash.AltTitles);
        Text(json, "function", crash.Function);
        Text(json, "module", crash.Module);
        Place(json, "message", crash.Message);
        Text(json, "place", crash.Place);
        Text(json, "file", crash.File);
        json.WriteBoolean("corrupted", crash.Corrupted);
        Text(json, "corruptedReason", crash.Torn);
        json.WriteBoolean("panicked", crash.Panicked);
        Place(json, "panic", crash.Panic);
        json.WriteBoolean("requested", crash.Requested);
        int cause = crash.ConsequenceOf is null ? -1 : log.Crashes.ToList().IndexOf(crash.ConsequenceOf);
        Number(json, "consequenceOf", cause < 0 ? null : cause);
        Number(json, "cpu", context.Cpu);
        Number(json, "pid", context.Pid);
        Text(json, "comm", context.Comm);
        Text(json, "release", context.Release ?? crash.Boot?.Release);
        Text(json, "tainted", context.Tainted);
        Texts(json, "taints", Taints.InWords(context.Tainted));
        Text(json, "hardware", context.Hardware);
        Text(json, "workqueue", context.Workqueue);
        if (crash.Time is double time)
            json.WriteNumber("time", time);
        json.WriteNumber("firstLine", crash.FirstLine);
        json.WriteNumber("lastLine", crash.LastLine);
        json.WriteStartArray("frames");
        foreach (StackFrame frame in crash.Frames)
            Write(json, frame);
        json.WriteEndArray();
        json.WriteStartObject("registers");
        foreach ((string name, string value) in crash.Registers)
            json.WriteString(name, value);
        json.WriteEndObject();
        if (crash.Access is { } access)
        {
            json.WriteStartObject("access");
            json.WriteString("address", $"0x{access.Address:x}");
            Text(json, "kind", access.Kind);
            Text(json, "meaning", access.Meaning);
            Text(json, "says", access.Says);
            Place(json, "source", access.Source);
            json.WriteEndObject();
        }
        else
            json.WriteNull("access");
        json.WriteNumber("confidence", Math.Round(crash.Confidence, 2));
        Texts(json, "doubts", crash.Doubts);
        json.WriteStartObject("signature");
        json.WriteString("exact", crash.Signature.Exact);
        json.WriteString("class", crash.Signature.Class);
        Texts(json, "frames", crash.Signature.Frames);
        json.WriteEndObject();
        json.WriteNumber("repeats", crash.Repeats);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StackFrame frame)
    {
        json.WriteStartObject();
        json.WriteString("name", frame.Name);
        if (frame.Offset >= 0)
            json.WriteNumber("offset", frame.Offset);
        else
            json.WriteNull("offset");
        if (frame.Size >= 0)
            json.WriteNumber("size", frame.Size);
        else
            json.WriteNull("size");
        Text(json, "module", frame.Module);
        json.WriteBoolean("reliable", frame.Reliable);
        if (frame.Function.Contains("::", StringComparison.Ordinal))
            json.WriteString("demangled", frame.Function);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string? name, DumpStory dump, LogReading log)
    {
        if (name is null)
            json.WriteStartObject();
        else
            json.WriteStartObject(name);
        Flag(json, "armed", dump.Armed);
        json.WriteBoolean("attempted", dump.Attempted);
        Flag(json, "saved", dump.Saved);
        Text(json, "path", dump.Path);
        json.WriteString("stage", DumpMark.NameOf(dump.Stage));
        Text(json, "reason", dump.Reason);
        Number(json, "boot", dump.Capture is null ? null : log.IndexOf(dump.Capture));
        json.WriteStartArray("steps");
        foreach (DumpMark step in dump.Steps)
        {
            json.WriteStartObject();
            json.WriteString("stage", DumpMark.NameOf(step.Stage));
            json.WriteNumber("line", step.Source.Line);
            json.WriteString("text", step.Source.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("evidence");
        foreach (Source source in dump.Evidence)
            Place(json, null, source);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Place(Utf8JsonWriter json, string? name, Source? source)
    {
        if (source is null)
        {
            if (name is not null)
                json.WriteNull(name);
            return;
        }
        if (name is null)
            json.WriteStartObject();
        else
            json.WriteStartObject(name);
        json.WriteNumber("line", source.Line);
        json.WriteString("text", source.Text);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
            json.WriteNull(name);
        else
            json.WriteString(name, value);
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is int number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void Flag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is bool flag)
            json.WriteBoolean(name, flag);
        else
            json.WriteNull(name);
    }
}
