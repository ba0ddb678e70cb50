using System.Globalization;
using System.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Names of devices as systemd prints them: unit names with their escapes (systemd.unit(5)), and both kinds shortened in the middle to
/// fit the console (<c>dev-disk...403b7c.device</c>, since v231 with a real ellipsis on UTF-8 consoles).
/// </summary>
public static class DeviceUnit
{
    /// <summary>True if the unit is a device and not another job ("dracut initqueue hook").</summary>
    public static bool Is(ReadOnlySpan<char> unit)
    {
        unit = unit.Trim();
        return unit.StartsWith("/dev/", StringComparison.Ordinal) || unit.StartsWith("dev-", StringComparison.Ordinal) ||
            unit.StartsWith("/sys/subsystem/", StringComparison.Ordinal) || unit.StartsWith("sys-subsystem-", StringComparison.Ordinal);
    }

    public static bool IsShortened(string device) => Dots(device, out _) >= 0;

    /// <summary>The path behind a whole device unit; other text stays as it is.</summary>
    public static string PathOf(ReadOnlySpan<char> unit)
    {
        string name = unit.Trim().ToString();
        if (name.StartsWith('/') || IsShortened(name) || !name.EndsWith(".device", StringComparison.Ordinal))
            return name;
        return "/" + Unescape(name[..^".device".Length].Replace('-', '/'));
    }

    /// <summary>\xNN becomes its byte, as systemd and dracut escape names.</summary>
    public static string Unescape(ReadOnlySpan<char> text)
    {
        var path = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' &&
                byte.TryParse(text.Slice(i + 2, 2), NumberStyles.AllowHexSpecifier, null, out byte b))
            {
                path.Append((char)b);
                i += 3;
            }
            else
                path.Append(text[i]);
        }
        return path.ToString();
    }

    /// <summary>True if they can be the same device: equal, or one is a shortened form of the other.</summary>
    public static bool Same(string a, string b)
    {
        if (a == b)
            return true;
        int dotsA = Dots(a, out int lengthA), dotsB = Dots(b, out int lengthB);
        if (dotsA < 0 && dotsB < 0)
            return false;
        // At least four characters after the dots must be there, or nothing is certain.
        string tailA = Tail(a, dotsA, lengthA), tailB = Tail(b, dotsB, lengthB);
        if (dotsA >= 0 && dotsB >= 0)
            return Ends(tailA, tailB) && Starts(a[..dotsA], b[..dotsB]);
        (string part, int dots, string tail, string whole) = dotsA >= 0 ? (a, dotsA, tailA, b) : (b, dotsB, tailB, a);
        return Fits(part[..dots], tail, whole);
    }

    /// <summary>A path is compared in the form in which systemd would have printed it: as a unit name, and as it is.</summary>
    private static bool Fits(string head, string tail, string whole)
    {
        foreach (string form in new[] { whole, UnitOf(whole) })
        {
            // The dots may cut into ".device" or into an escape: a short tail such as "ice" does not identify the device, so the head must.
            string end = form.EndsWith(".device", StringComparison.Ordinal) || !tail.EndsWith("ice", StringComparison.Ordinal) ? form
                : form + ".device";
            if (end.StartsWith(head, StringComparison.Ordinal) && end.EndsWith(tail, StringComparison.Ordinal) && head.Length +
                tail.Length >= 10)
                return true;
        }
        return false;
    }

    private static string UnitOf(string path)
    {
        if (!path.StartsWith('/'))
            return path;
        var unit = new StringBuilder(path.Length * 2);
        foreach (char c in path.AsSpan(1))
        {
            if (c == '/')
                unit.Append('-');
            else if (char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '.')
                unit.Append(c);
            else
                unit.Append("\\x").Append(((int)c).ToString("x2"));
        }
        return unit.Append(".device").ToString();
    }

    private static bool Ends(string a, string b) =>
        Math.Min(a.Length, b.Length) >= 3 && (a.EndsWith(b, StringComparison.Ordinal) || b.EndsWith(a, StringComparison.Ordinal));

    private static bool Starts(string a, string b) =>
        a.StartsWith(b, StringComparison.Ordinal) || b.StartsWith(a, StringComparison.Ordinal);

    private static string Tail(string device, int dots, int length) => dots < 0 ? device : device[(dots + length)..];

    private static int Dots(string device, out int length)
    {
        int at = device.IndexOf("...", StringComparison.Ordinal);
        length = 3;
        if (at >= 0)
            return at;
        length = 1;
        return device.IndexOf('…');
    }
}
