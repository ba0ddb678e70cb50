using System.Text.Json;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Reports that <c>kdt host rehearse --record</c> kept on a machine.</summary>
public static class PastRehearsals
{
    public const string Folder = "/var/lib/kdt/rehearsals";

    private const int Most = 256, MaxReport = 8 << 20;

    public static void Collect(MachineTree root, Facts facts)
    {
        foreach (string name in root.List(Folder).Where(n => n.EndsWith(".json", StringComparison.Ordinal)).TakeLast(Most))
        {
            if (root.Bytes($"{Folder}/{name}", MaxReport) is { } bytes && Read(root, $"{Folder}/{name}", bytes) is { } past)
                facts.Add(past);
        }
    }

    public static string Hash(Stream file)
    {
        var hash = new Sha256();
        var buffer = new byte[1 << 20];
        while (file.Read(buffer) is > 0 and var count)
            hash.Add(buffer.AsSpan(0, count));
        return Convert.ToHexStringLower(hash.End());
    }

    private static PastRehearsal? Read(MachineTree root, string path, byte[] bytes)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            JsonElement top = json.RootElement;
            if (top.ValueKind != JsonValueKind.Object || Text(top, "schema") != "kdt.host.rehearse/1")
                return null;
            return new(new Source(root.Shown(path), path[(Folder.Length + 1)..]), root.Modified(path), Text(top, "kernel"),
                Text(top, "imageSha256"), Text(top, "reached"),
                top.TryGetProperty("dump", out JsonElement dump) && dump.ValueKind == JsonValueKind.Object &&
                dump.TryGetProperty("opens", out JsonElement opens) && opens.ValueKind == JsonValueKind.True);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement top, string name) =>
        top.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
