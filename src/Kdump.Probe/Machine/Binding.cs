using Kdump.Diagnosis.Text;

namespace Kdump.Probe.Machine;

/// <summary>Unbinds a PCI function from its driver through sysfs, and binds it again.</summary>
internal sealed class Binding(string bdf, KernelListener listener)
{
    private const string Devices = "/sys/bus/pci/devices/", Drivers = "/sys/bus/pci/drivers/";

    /// <summary>
    /// In milliseconds: a bind is considered complete if no event arrives for this long. Slow disks take one or two seconds.
    /// </summary>
    private const int QuietMs = 1500;

    internal static readonly Root Live = new("/");

    /// <summary>The driver that was bound when this object was created; empty if there was none.</summary>
    public string Driver { get; } = Live.LinkName(Devices + bdf + "/driver") ?? "";

    public string DriverNow() => Live.LinkName(Devices + bdf + "/driver") ?? "";

    /// <summary>
    /// Why the function must not be unbound; null if it can be unbound. Mounts are compared by device number, because a root is often
    /// listed as /dev/root. If the state is not known, the device counts as in use.
    /// </summary>
    internal static string? Obstacle(Root root, string bdf)
    {
        if (!root.Exists(Devices + bdf))
            return $"{bdf}: there is no such PCI function";
        string? mounts = root.Text("/proc/self/mountinfo", Root.LargeFile);
        string swaps = root.Text("/proc/swaps", Root.SmallFile) ?? "";
        foreach (string name in root.List("/sys/class/block"))
        {
            if (!(root.Link("/sys/class/block/" + name) ?? "").Contains($"/{bdf}/", StringComparison.Ordinal))
                continue;
            string? number = root.Text($"/sys/class/block/{name}/dev", 32);
            if (mounts is null || number is null)
                return $"{bdf}: cannot determine whether {name} is in use (/proc/self/mountinfo, its device number)";
            if (IsMounted(mounts, number) || IsSwap(swaps, name))
                return $"{bdf}: {name} is in use (/proc/self/mountinfo, /proc/swaps); unbinding would remove a device that the system uses";
            if (root.List($"/sys/class/block/{name}/holders").Length > 0)
                return $"{bdf}: {name} is used by a mapped device; remove that first";
        }
        return null;
    }

    /// <summary>Returns 0, or the errno of the failed write.</summary>
    public int Unbind()
    {
        int error = KernelFile.Act(Drivers + Driver + "/unbind", bdf, listener.Poll);
        listener.Settle(QuietMs);
        return error;
    }

    /// <summary>
    /// Binds the driver that was bound before, or lets the kernel choose one. Returns 0, or the errno of the failed write.
    /// </summary>
    public int Bind()
    {
        int error = Driver.Length > 0 ? KernelFile.Act(Drivers + Driver + "/bind", bdf, listener.Poll)
            : KernelFile.Act("/sys/bus/pci/drivers_probe", bdf, listener.Poll);
        listener.Settle(QuietMs);
        return error;
    }

    /// <summary>True if a line of mountinfo has this device number, <c>major:minor</c>, as its third word (proc(5)).</summary>
    private static bool IsMounted(string mounts, string number)
    {
        foreach (ReadOnlySpan<char> line in mounts.AsSpan().EnumerateLines())
        {
            var c = new TextCursor(line);
            c.Word();
            c.Word();
            if (c.Word().SequenceEqual(number))
                return true;
        }
        return false;
    }

    private static bool IsSwap(string swaps, string name)
    {
        foreach (ReadOnlySpan<char> line in swaps.AsSpan().EnumerateLines())
        {
            var c = new TextCursor(line);
            if (c.Word().SequenceEqual("/dev/" + name))
                return true;
        }
        return false;
    }
}
