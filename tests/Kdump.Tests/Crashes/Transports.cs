using System.Text;

namespace Kdump.Tests.Crashes;

/// <summary>The same log as it looks when something else than a plain file recorded it.</summary>
internal static class Transports
{
    public static readonly (string Name, Func<byte[], byte[]> Apply)[] All =
    [
        ("crlf", log => Lines(log, l => l + "\r")),
        ("level", log => Lines(log, l => IsKernel(l) ? "<4>" + l : l)),
        ("syslog", log => Lines(log, l => "Nov 21 02:11:35 host kernel: " + l)),
        ("rfc3339", log => Lines(log, l => "2026-11-21T02:11:35.123456+00:00 host kernel: " + l)),
        ("rfc5424", log => Lines(log, l => "<4>1 2026-11-21T02:11:35.123456Z host kernel - - - " + l)),
        ("dmesg -x", log => Lines(log, l => IsKernel(l) ? "kern  :err   : " + l : l)),
        ("ansi", log => Lines(log, Colour)),
        ("monotonic", log => Lines(log, l => IsKernel(l) && l.IndexOf("] ", StringComparison.Ordinal) is var e && l.IndexOf(']') == e
            ? l[..(e + 1)] + " host kernel:" + l[(e + 1)..] : l)),
        ("short-full", log => Lines(log, l => "Sat 2026-11-21 02:11:35 UTC host kernel: " + l)),
        ("clock", log => Lines(log, l => IsKernel(l) ? "02:11:35.123 " + l : l)),
        ("grep -n", log => Lines(log, l => IsKernel(l) ? "1234:" + l : l)),
        ("systemd", Systemd),
        ("kdump", log => [.. log, .. Encoding.UTF8.GetBytes(CaptureBoot)]),
        ("pstore", Pstore),
    ];

    /// <summary>What the console of a capture kernel goes on with.</summary>
    private const string CaptureBoot = """

        [    0.000000] Linux version 6.1.0-9-amd64 (builder@host) #1 SMP PREEMPT_DYNAMIC
        [    0.000000] Command line: console=ttyS0 nr_cpus=1 reset_devices elfcorehdr=640000K
        [    1.954695] Freeing initrd memory: 3232K
        [    3.008083] Run /init as init process
        [    4.100000] kdump[502]: saving to /sysroot/var/crash/127.0.0.1-2026-11-21-02:11:35/
        [    4.200000] kdump[510]: saving vmcore
        [    9.300000] kdump[512]: saving vmcore complete
        [    9.900000] reboot: Restarting system

        """;

    private static byte[] Lines(byte[] log, Func<string, string> map)
    {
        string[] lines = Encoding.Latin1.GetString(log).Split('\n');
        for (int i = 0; i < lines.Length - (lines[^1].Length == 0 ? 1 : 0); i++)
            lines[i] = map(lines[i]);
        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    /// <summary>It begins with printk's time.</summary>
    private static bool IsKernel(string line) =>
        line.StartsWith('[') && line.IndexOf(']') is > 8 and < 20 and var end && line.IndexOf('.') is > 0 and var dot && dot < end;

    /// <summary>dmesg --color: green time, coloured subsystem.</summary>
    private static string Colour(string line)
    {
        if (!IsKernel(line))
            return line;
        int end = line.IndexOf("] ", StringComparison.Ordinal);
        return end < 0 ? line : $"\x1b[32m{line[..(end + 2)]}\x1b[0m\x1b[31m{line[(end + 2)..]}\x1b[0m";
    }

    /// <summary>Other programs write to the same console.</summary>
    private static byte[] Systemd(byte[] log)
    {
        int n = 0;
        return Lines(log, l => ++n % 5 != 0 ? l : l + (n % 10 == 0
            ? "\n[  OK  ] Finished \x1b[0;1;39msystemd-udev-settle.service\x1b[0m - Wait for udev To Complete Device Initialization."
            : "\n         Starting systemd-journald.service - Journal Service..."));
    }

    /// <summary>Records of 1500 bytes, each with its heading; the newest, part 1, comes first.</summary>
    private static byte[] Pstore(byte[] log)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        foreach (string line in Encoding.Latin1.GetString(log).TrimEnd('\n').Split('\n'))
        {
            part.Append(line).Append('\n');
            if (part.Length > 1500)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
        }
        if (part.Length > 0)
            parts.Add(part.ToString());
        parts.Reverse();
        return Encoding.Latin1.GetBytes(string.Concat(parts.Select((p, i) => $"Panic#1 Part{i + 1}\n{p}")));
    }
}
