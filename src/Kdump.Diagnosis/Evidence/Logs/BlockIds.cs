using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>What blkid lists: a device and the id of what lies on it.</summary>
/// <param name="Type">ext4, crypto_LUKS …; empty where it is not given.</param>
public sealed record BlockId(Source Source, string Device, string Uuid, string Type) : Fact(Source);

/// <summary>The root that a pasted /proc/cmdline asks for.</summary>
/// <param name="Root">What stands behind <c>root=</c>.</param>
public sealed record RootAsked(Source Source, string Root) : Fact(Source);

/// <summary>Reads blkid's own form, <c>/dev/sda2: UUID="…" TYPE="ext4"</c>, as in rdsosreport.txt or pasted beside a log.</summary>
public sealed class BlockIds : LineParser
{
    private const string Key = " UUID=\"";

    /// <summary>The most devices kept of one input.</summary>
    private const int MaxDevices = 256;

    private int seen;

    public override string Kind => "blkid";

    public override IReadOnlyList<string> Signs { get; } = [Key, "BOOT_IMAGE="];

    public override bool Line(in TextLine line, Facts facts)
    {
        string text = line.Text.Trim(' ').ToString();
        if (text.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal))
        {
            if (text.Split(' ').LastOrDefault(w => w.StartsWith("root=", StringComparison.Ordinal)) is { Length: > 5 } root)
                facts.Add(new RootAsked(line.ToSource(), root["root=".Length..]));
            return true;
        }
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        string uuid = Value(text, Key);
        if (colon < 0 || uuid.Length == 0 || !text.StartsWith("/dev/", StringComparison.Ordinal) || seen++ >= MaxDevices)
            return false;
        facts.Add(new BlockId(line.ToSource(), text[..colon], uuid, Value(text, " TYPE=\"")));
        return true;
    }

    public override void End(Facts facts) => seen = 0;

    private static string Value(string text, string key)
    {
        int at = text.IndexOf(key, StringComparison.Ordinal);
        int end = at < 0 ? -1 : text.IndexOf('"', at + key.Length);
        return end < 0 ? "" : text[(at + key.Length)..end];
    }
}
