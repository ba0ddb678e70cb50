using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host check --json</c>. A field is null if the tree does not contain the information.</summary>
internal static class HostCheckJson
{
    public static void Write(TextWriter output, MachineTree root, Facts facts, Verdict verdict) =>
        JsonText.Write(output, "kdt.host.check/1", json =>
    {
        json.WriteString("root", root.Name);
        json.WriteString("kernel", facts.Of<MachineKernel>() is [var k, ..] ? k.Release : null);
        json.WriteString("tools", facts.Of<KdumpSetup>() is [var setup, ..]
            ? setup.Tools switch { KdumpTools.RedHat => "kdump-utils", KdumpTools.Debian => "kdump-tools", KdumpTools.Suse => "suse-kdump",
            _ => "none" } : "none");
        if (facts.Of<CrashReservation>() is [var r, ..])
            json.WriteNumber("reservedBytes", r.Bytes);
        else
            json.WriteNull("reservedBytes");
        if (facts.Of<KexecLoaded>() is [var l, ..])
            json.WriteBoolean("loaded", l.Loaded);
        else
            json.WriteNull("loaded");
        json.WriteString("image", facts.Of<ImageSummary>() is [var s, ..] ? s.Source.Input : null);
        if (facts.Of<DumpTime>() is [var time, ..])
        {
            json.WriteStartObject("dumpSeconds");
            json.WriteNumber("low", time.LowSeconds);
            json.WriteNumber("high", time.HighSeconds);
            json.WriteString("assumed", time.Assumed);
            json.WriteEndObject();
        }
        else
            json.WriteNull("dumpSeconds");
        json.WriteStartObject("sysctl");
        foreach (Sysctl setting in facts.Of<Sysctl>())
            json.WriteString(setting.Name, setting.Value);
        json.WriteEndObject();
        json.WriteStartArray("watchdogs");
        foreach (WatchdogState w in facts.Of<WatchdogState>())
        {
            json.WriteStartObject();
            json.WriteString("name", w.Name);
            json.WriteString("identity", w.Identity);
            json.WriteBoolean("active", w.Active);
            json.WriteNumber("timeoutSeconds", w.TimeoutSeconds);
            json.WriteString("module", w.Module);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
    });
}
