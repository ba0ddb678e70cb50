using System.Text.Json;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt mce --json</c>. Registers are hexadecimal strings; values that the log does not contain are null.</summary>
internal static class MceJson
{
    public static void Write(TextWriter output, IReadOnlyList<MceGroup> groups, Verdict verdict) =>
        JsonText.Write(output, "kdt.mce/1", json =>
    {
        json.WriteStartArray("events");
        for (int i = 0; i < groups.Count; i++)
        {
            foreach (MceEvent e in groups[i].Events)
                Write(json, e, i);
        }
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
    });

    private static void Write(Utf8JsonWriter json, MceEvent e, int group)
    {
        MachineCheck r = e.Record;
        json.WriteStartObject();
        Number(json, "cpu", r.Cpu);
        Number(json, "bank", r.Bank);
        Hex(json, "status", r.Status);
        Hex(json, "addr", r.Addr);
        Hex(json, "misc", r.Misc);
        Hex(json, "mcgstatus", r.McgStatus);
        Hex(json, "mcgcap", r.McgCap);
        Hex(json, "cpuid", r.Id?.Value);
        Number(json, "vendor", r.Vendor);
        Number(json, "socket", r.Socket);
        Hex(json, "apic", r.Apic);
        if (r.Time is { } time)
            json.WriteNumber("time", time);
        else
            json.WriteNull("time");
        Hex(json, "tsc", r.Tsc);
        Hex(json, "ppin", r.Ppin);
        Hex(json, "synd", r.Synd);
        Hex(json, "ipid", r.Ipid);
        Hex(json, "microcode", r.Microcode);
        Hex(json, "rip", r.Ip);
        if (r.Symbol is not null)
            json.WriteString("symbol", r.Symbol);
        json.WriteString("severity", e.Severity);
        json.WriteString("kernelSeverity", e.Verdict.Level);
        json.WriteString("kernelRule", e.Verdict.Rule);
        json.WriteString("kind", NameOf(e.Kind));
        json.WriteString("mca", e.Words);
        json.WriteString("unit", e.Unit);
        if (e.CorrectedCount is { } count)
            json.WriteNumber("correctedCount", count);
        if (r.RootPort is { } port)
            json.WriteString("rootPort", port.ToString());
        json.WriteNumber("event", group);
        Strings(json, "lines", e.Lines);
        Strings(json, "notes", e.Notes);
        Strings(json, "source", r.Sources.Select(s => $"{s.Place}: {s.Text}"));
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } v)
            json.WriteNumber(name, v);
        else
            json.WriteNull(name);
    }

    private static void Hex(Utf8JsonWriter json, string name, ulong? value)
    {
        if (value is { } v)
            json.WriteString(name, $"0x{v:x}");
        else
            json.WriteNull(name);
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string NameOf(MceKind kind) => kind switch
    {
        MceKind.Memory => "memory", MceKind.Cache => "cache", MceKind.Tlb => "tlb", MceKind.Bus => "bus", MceKind.InputOutput =>
            "io", MceKind.Timer => "timer",
        MceKind.Internal => "internal", MceKind.PowerUnit => "power-unit", MceKind.Link => "link", MceKind.Thermal => "thermal", _ =>
            "unknown",
    };
}
