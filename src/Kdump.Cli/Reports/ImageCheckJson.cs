using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Archives;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image check --json</c>.</summary>
internal static class ImageCheckJson
{
    public static void Write(TextWriter output, BootImage image, MachineTree? root, Facts facts, Verdict verdict) =>
        JsonText.Write(output, "kdt.image.check/1", json =>
    {
        json.WriteString("image", image.Name);
        ImageListJson.WriteSegments(json, image);
        if (facts.Of<ImageSummary>() is [var s, ..])
        {
            json.WriteString("builder", s.Builder switch { ImageBuilder.Dracut => "dracut",
                ImageBuilder.InitramfsTools => "initramfs-tools", _ => "unknown" });
            json.WriteBoolean("kdump", s.Kdump);
            json.WriteString("kernel", s.Releases.Count > 0 ? s.Releases[0] : null);
            json.WriteStartArray("kernels");
            foreach (string release in s.Releases)
                json.WriteStringValue(release);
            json.WriteEndArray();
            json.WriteNumber("bytes", s.Bytes);
            json.WriteNumber("unpackedBytes", s.Unpacked);
            json.WriteNumber("modules", s.Modules);
            json.WriteNumber("programs", s.Programs);
            json.WriteNumber("scripts", s.Scripts);
        }
        json.WriteString("root", root?.Name);
        json.WriteStartArray("targetDrivers");
        foreach (TargetDriver d in facts.Of<TargetDriver>())
        {
            json.WriteStartObject();
            json.WriteString("target", d.Target);
            json.WriteString("device", d.Device);
            json.WriteString("driver", d.Driver);
            json.WriteString("module", d.Module);
            json.WriteBoolean("inImage", d.InImage);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("probe", facts.Of<ProbeInImage>().Any(p => p.Trouble.Length == 0));
        if (facts.Of<DumpForecast>() is [var forecast, ..])
        {
            json.WriteStartObject("forecast");
            json.WriteNumber("lowBytes", forecast.LowBytes);
            json.WriteNumber("highBytes", forecast.HighBytes);
            json.WriteNumber("dumpLevel", forecast.Level);
            if (facts.Of<TargetRoom>() is [var room, ..])
                json.WriteNumber("freeBytes", room.FreeBytes);
            json.WriteEndObject();
        }
        VerdictJson.Write(json, "verdict", verdict);
    });
}
