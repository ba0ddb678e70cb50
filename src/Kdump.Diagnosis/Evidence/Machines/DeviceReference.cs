using System.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>How a device is named in a configuration.</summary>
public enum ReferenceKind
{
    /// <summary>/dev/vda1, /dev/disk/by-path/…: the node itself.</summary>
    Node,
    Uuid,
    Label,
    PartUuid,
    PartLabel,

    /// <summary>by-id, by-path, by-diskseq …: a link that only udev can make.</summary>
    UdevLink,

    /// <summary>/dev/mapper/x or /dev/vg/lv.</summary>
    Mapped,

    /// <summary>Not a local device.</summary>
    None,
}

/// <summary>
/// A block device as fstab, kdump.conf, root= and udev name it, brought to one form, so that <c>UUID=X</c>, <c>/dev/disk/by-uuid/X</c>
/// and <c>block:/dev/disk/by-uuid/X</c> are the same device.
/// </summary>
/// <param name="Kind">How it is named.</param>
/// <param name="Value">The UUID, the label, or the path of the node.</param>
public readonly record struct DeviceReference(ReferenceKind Kind, string Value)
{
    /// <summary>The path that appears when the device does; null for what is no device.</summary>
    public string? Path => Kind switch
    {
        ReferenceKind.Uuid => "/dev/disk/by-uuid/" + Value,
        ReferenceKind.Label => "/dev/disk/by-label/" + Escape(Value),
        ReferenceKind.PartUuid => "/dev/disk/by-partuuid/" + Value,
        ReferenceKind.PartLabel => "/dev/disk/by-partlabel/" + Escape(Value),
        ReferenceKind.None => null,
        _ => Value,
    };

    public static DeviceReference Parse(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> spec = text.Trim();
        if (spec.StartsWith("block:", StringComparison.Ordinal))
            spec = spec["block:".Length..];
        int equals = spec.IndexOf('=');
        if (equals > 0)
        {
            ReadOnlySpan<char> value = spec[(equals + 1)..].Trim('"');
            ReferenceKind kind = spec[..equals] switch
            {
                "UUID" => ReferenceKind.Uuid,
                "LABEL" => ReferenceKind.Label,
                "PARTUUID" => ReferenceKind.PartUuid,
                "PARTLABEL" => ReferenceKind.PartLabel,
                _ => ReferenceKind.None,
            };
            return kind == ReferenceKind.None ? default(DeviceReference) with { Kind = kind, Value = spec.ToString() }
                : new(kind, value.ToString());
        }
        if (!spec.StartsWith("/dev/", StringComparison.Ordinal))
            return new(ReferenceKind.None, spec.ToString());
        string path = spec.ToString();
        if (Under(path, "/dev/disk/by-uuid/") is string uuid)
            return new(ReferenceKind.Uuid, uuid);
        if (Under(path, "/dev/disk/by-label/") is string label)
            return new(ReferenceKind.Label, Unescape(label));
        if (Under(path, "/dev/disk/by-partuuid/") is string part)
            return new(ReferenceKind.PartUuid, part);
        if (Under(path, "/dev/disk/by-partlabel/") is string partLabel)
            return new(ReferenceKind.PartLabel, Unescape(partLabel));
        if (path.StartsWith("/dev/disk/", StringComparison.Ordinal))
            return new(ReferenceKind.UdevLink, path);
        bool mapped = path.StartsWith("/dev/mapper/", StringComparison.Ordinal) || path.AsSpan(5).Contains('/');
        return new(mapped ? ReferenceKind.Mapped : ReferenceKind.Node, path);
    }

    /// <summary>\xNN becomes its byte (UTF-8), as udev, systemd and dracut write it.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains("\\x", StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>(text.Length);
        byte[] raw = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length && raw[i + 1] == 'x' && Nibble(raw[i + 2]) is int high &&
                Nibble(raw[i + 3]) is int low)
            {
                bytes.Add((byte)((high << 4) | low));
                i += 3;
            }
            else
                bytes.Add(raw[i]);
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>udev keeps letters, digits, <c>#+-.:=@_/</c> and UTF-8, and writes anything else as \xNN.</summary>
    public static string Escape(string text)
    {
        var path = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c >= 0x80 || "#+-.:=@_".Contains(c))
                path.Append(c);
            else
                path.Append("\\x").Append(((int)c).ToString("x2"));
        }
        return path.ToString();
    }

    private static int? Nibble(byte b) =>
        b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => null,
        };

    private static string? Under(string path, string directory) =>
        path.StartsWith(directory, StringComparison.Ordinal) && path.Length > directory.Length ? path[directory.Length..] : null;
}
