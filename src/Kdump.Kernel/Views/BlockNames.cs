using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Names of block devices: the names of their devices in sysfs.</summary>
internal static class BlockNames
{
    /// <summary>
    /// Name of a struct block_device, which contains its device since Linux commit 0d02129e76ed ("block: merge struct block_device and
    /// struct hd_struct") (v5.11).
    /// </summary>
    public static string? Of(StructReader bdev)
    {
        if (bdev.Has("bd_device"))
            return bdev.Inner("bd_device").Inner("kobj").TextAt("name");
        return bdev.Follow("bd_part") is { } part ? part.Inner("__dev").Inner("kobj").TextAt("name") : null;
    }

    public static string Number(uint device) => $"{device >> 20}:{device & 0xF_FFFF}";
}
