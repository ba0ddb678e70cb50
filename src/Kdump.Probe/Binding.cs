using Kdump.Diagnosis;

namespace Kdump.Probe;

/// <summary>A PCI function and its driver, to be parted and joined through sysfs.</summary>
internal sealed class Binding(string bdf, KernelListener listener)
{
    private const string Devices = "/sys/bus/pci/devices/", Drivers = "/sys/bus/pci/drivers/";

    /// <summary>Quiet for this long means that nothing more comes of a bind; slow disks take a second or two.</summary>
    private const int QuietMs = 1500;

    private static readonly Root Live = new("/");

    /// <summary>The driver it had at first; empty for none.</summary>
    public string Driver { get; } = Live.LinkName(Devices + bdf + "/driver") ?? "";

    public string DriverNow() => Live.LinkName(Devices + bdf + "/driver") ?? "";

    /// <summary>Why it must not be touched; null when it may.</summary>
    public static string? Obstacle(string bdf)
    {
        if (!Live.Exists(Devices + bdf))
            return $"{bdf}: there is no such PCI function";
        string mounts = Live.Text("/proc/mounts", Root.LargeFile) ?? "", swaps = Live.Text("/proc/swaps", Root.SmallFile) ?? "";
        foreach (string name in Live.List("/sys/class/block"))
        {
            if (!(Live.Link("/sys/class/block/" + name) ?? "").Contains($"/{bdf}/", StringComparison.Ordinal))
                continue;
            if (Holds(mounts, name) || Holds(swaps, name))
                return $"{bdf}: {name} is in use (/proc/mounts, /proc/swaps); unbinding would take it away from under the system";
            if (Live.List($"/sys/class/block/{name}/holders").Length > 0)
                return $"{bdf}: {name} carries a mapped device; take that down first";
        }
        return null;
    }

    /// <summary>0 or an error number.</summary>
    public int Unbind()
    {
        int error = KernelFile.Act(Drivers + Driver + "/unbind", bdf, listener.Poll);
        listener.Settle(QuietMs);
        return error;
    }

    /// <summary>Binds the driver it had, or lets the kernel find one.</summary>
    public int Bind()
    {
        int error = Driver.Length > 0 ? KernelFile.Act(Drivers + Driver + "/bind", bdf, listener.Poll) : KernelFile.Act("/sys/bus/pci/drivers_probe", bdf, listener.Poll);
        listener.Settle(QuietMs);
        return error;
    }

    private static bool Holds(string table, string name)
    {
        foreach (ReadOnlySpan<char> line in table.AsSpan().EnumerateLines())
        {
            if (line.StartsWith($"/dev/{name} ", StringComparison.Ordinal) || line.StartsWith($"/dev/{name}\t", StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
