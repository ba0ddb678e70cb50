using System.Text;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>Offsets in printk_info of the data that dev_printk adds: struct dev_printk_info, two strings with a fixed size.</summary>
internal sealed record PrintkDevice(int SubsystemAt, int SubsystemLength, int DeviceAt, int DeviceLength)
{
    /// <summary>Null if VMCOREINFO does not contain the offsets.</summary>
    public static PrintkDevice? Of(Keys keys) =>
        keys.Offset("printk_info.dev_info") is { } info && keys.Offset("dev_printk_info.subsystem") is { } subsystem &&
            keys.Offset("dev_printk_info.device") is { } device
            ? new(info + subsystem, keys.Length("printk_info_subsystem") ?? 0, info + device, keys.Length("printk_info_device") ?? 0)
                : null;

    /// <summary>The text <c>subsystem device</c>; null if the record has none.</summary>
    public string? Read(ReadOnlySpan<byte> info)
    {
        if (info.Length < SubsystemAt + SubsystemLength || info.Length < DeviceAt + DeviceLength)
            return null;
        ReadOnlySpan<byte> subsystem = Text(info.Slice(SubsystemAt, SubsystemLength)), device = Text(info.Slice(DeviceAt, DeviceLength));
        return subsystem.Length == 0 ? null : $"{Encoding.UTF8.GetString(subsystem)} {Encoding.UTF8.GetString(device)}";
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
