using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Firmware-assisted dumps of POWER (arch/powerpc/kernel/fadump.c): no crash kernel is loaded, the firmware keeps memory and boots again.
/// Files of /sys/kernel/fadump (since 5.11; before, fadump_enabled and fadump_registered in /sys/kernel).
/// </summary>
internal static class Fadump
{
    private static readonly string[] Enabled = ["/sys/kernel/fadump/enabled", "/sys/kernel/fadump_enabled"],
        Registered = ["/sys/kernel/fadump/registered", "/sys/kernel/fadump_registered"],
        Reserved = ["/sys/kernel/fadump/mem_reserved", "/sys/kernel/fadump_mem_reserved"];

    /// <summary>The kernel was started with fadump=on, and the firmware supports it.</summary>
    public static bool IsOn(MachineTree root) => Array.Exists(Enabled, f => root.Text(f) == "1");

    /// <summary>Whether a crash would be dumped; null without fadump.</summary>
    public static KexecLoaded? State(MachineTree root) =>
        IsOn(root) && Array.Find(Registered, f => root.Text(f) is "0" or "1") is { } file && root.Text(file) is { } text
            ? new KexecLoaded(Source.Of(root.Shown(file), text, 1), text == "1") : null;

    /// <summary>The memory that it keeps, in bytes.</summary>
    public static CrashReservation? Memory(MachineTree root) =>
        Array.Find(Reserved, f => root.Text(f) is { Length: > 0 }) is { } file && root.Text(file) is { } text &&
            long.TryParse(text, out long bytes) && bytes is >= 0 and < 1L << 52
            ? new CrashReservation(Source.Of(root.Shown(file), text, 1), bytes) : null;
}
