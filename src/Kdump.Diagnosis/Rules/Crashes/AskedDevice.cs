using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The parameter of the kernel's command line that asks for a device that did not appear.</summary>
/// <param name="Parameter">As it is written there: <c>rd.lvm.lv=VG/SwapVol</c>.</param>
/// <param name="IsRoot">It is the root's.</param>
internal sealed record AskedDevice(string Parameter, bool IsRoot, Source Source)
{
    private static readonly string[] ByName = ["root", "resume", "rd.lvm.lv", "rd.luks.uuid", "rd_LVM_LV", "rd.md.uuid", "luks", "usr",
        "mount.usr"];

    /// <summary>Null where the command line is not known, or none of its parameters names the device.</summary>
    public static AskedDevice? Of(string device, Boot? boot, Facts facts)
    {
        if (facts.Of<KernelCommandLine>().FirstOrDefault(c => c.Boot == boot) is not { } line || device.Length == 0)
            return null;
        CommandLine parameters = CommandLine.Parse(line.Text);
        foreach (string name in ByName)
        {
            foreach (KernelParameter p in parameters.Parameters)
            {
                if (p.Name == name && p.Value is { Length: > 0 } value && Same(device, value))
                    return new(p.ToString(), name == "root", line.Source);
            }
        }
        return null;
    }

    /// <summary>Two names of one device, as far as the names themselves tell.</summary>
    private static bool Same(string device, string value)
    {
        if (device == value || Identity(device) is { } a && Identity(value) is { } b &&
            string.Equals(a, b, StringComparison.OrdinalIgnoreCase))
            return true;
        string? volume = AwaitedDevice.VolumeOf(device);
        return volume is not null && (volume == value || volume == AwaitedDevice.VolumeOf(value));
    }

    private static string? Identity(string name)
    {
        foreach (string start in (ReadOnlySpan<string>)["/dev/disk/by-uuid/", "UUID=", "/dev/disk/by-label/", "LABEL=",
            "/dev/disk/by-partuuid/", "PARTUUID=", "/dev/mapper/luks-", "luks-"])
        {
            if (name.StartsWith(start, StringComparison.Ordinal) && name.Length > start.Length)
                return name[start.Length..];
        }
        return null;
    }
}
