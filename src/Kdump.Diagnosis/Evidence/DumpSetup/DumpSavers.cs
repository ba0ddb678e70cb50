namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>What in an image saves /proc/vmcore: looked for in an image's file and by the probe in the image that runs.</summary>
public static class DumpSavers
{
    /// <summary>
    /// kdump-utils 99kdumpbase, openSUSE/kdump dracut/module-setup.sh and its older kdumptool. With fadump the firmware boots the
    /// machine's own image again, whose first program finds the dump's image inside.
    /// </summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "/usr/bin/kdump.sh", "/bin/kdump.sh", "/usr/lib/kdump/kdump-save", "/kdump/kdump-save", "/sbin/kdumptool", "/usr/sbin/kdumptool",
        "/usr/lib/systemd/system/kdump-capture.service", "/fadumproot",
    ];

    /// <summary>A script, hook or unit of this text reads the dump. Binary programs are not searched.</summary>
    public static bool IsSaver(string text) => text.Contains("/proc/vmcore", StringComparison.Ordinal) ||
        (text.Contains("ExecStart=", StringComparison.Ordinal) && text.Contains("makedumpfile", StringComparison.Ordinal));
}
