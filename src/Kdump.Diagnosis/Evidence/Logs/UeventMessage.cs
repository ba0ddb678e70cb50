using System.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// A message the kernel sends when a device comes, goes or gets a driver (lib/kobject_uevent.c): <c>add@/devices/…</c> and its properties.
/// </summary>
/// <param name="Action">add, remove, change, bind, unbind …</param>
/// <param name="Path">Under /sys.</param>
public sealed record Uevent(Source Source, string Action, string Path, string Subsystem, string DeviceName, string Driver) : Fact(Source)
{
    /// <summary>
    /// Reads a datagram of NUL-terminated words; null for what is no kernel message (udev sends its own on the same socket).
    /// </summary>
    public static Uevent? Parse(string input, ReadOnlySpan<byte> datagram)
    {
        int end = datagram.IndexOf((byte)0);
        if (end <= 0)
            return null;
        string head = Encoding.UTF8.GetString(datagram[..end]);
        int at = head.IndexOf('@');
        if (at <= 0 || at + 1 >= head.Length || head[at + 1] != '/')
            return null;
        string subsystem = "", name = "", driver = "";
        ReadOnlySpan<byte> rest = datagram[(end + 1)..];
        while (!rest.IsEmpty)
        {
            int next = rest.IndexOf((byte)0);
            string word = Encoding.UTF8.GetString(next < 0 ? rest : rest[..next]);
            rest = next < 0 ? default : rest[(next + 1)..];
            if (word.StartsWith("SUBSYSTEM=", StringComparison.Ordinal))
                subsystem = word["SUBSYSTEM=".Length..];
            else if (word.StartsWith("DEVNAME=", StringComparison.Ordinal))
                name = word["DEVNAME=".Length..];
            else if (word.StartsWith("DRIVER=", StringComparison.Ordinal))
                driver = word["DRIVER=".Length..];
        }
        return new(Source.Of(input, head), head[..at], head[(at + 1)..], subsystem, name, driver);
    }
}
