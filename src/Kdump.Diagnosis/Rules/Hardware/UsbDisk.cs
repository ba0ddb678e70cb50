using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A volume whose name tells that it is on a USB disk (by-id/usb-…, by-path/…-usb-…), and the device that left.</summary>
internal static class UsbDisk
{
    public static bool Is(string volume) => volume.Contains("/usb-", StringComparison.Ordinal) ||
        volume.Contains("-usb-", StringComparison.Ordinal);

    /// <summary>The one USB device that left before and was not seen again, whenever that was.</summary>
    public static DeviceSaid? LeftBefore(FamilySeen trouble, Facts facts)
    {
        DeviceSaid[] left = [.. facts.Of<DeviceSaid>().Where(d => d.Family == Disks.UsbLeft && !d.Overcome && d.Boot == trouble.Boot &&
            d.Source.Input == trouble.Source.Input && d.Source.Order < trouble.Source.Order)];
        return left.DistinctBy(d => d.Device).Count() == 1 ? left[0] : null;
    }

    /// <summary>True if a volume on it was in use: its errors came after it had left.</summary>
    public static bool IsMissed(DeviceSaid left, Facts facts) => facts.Of<FamilySeen>().Any(s => s.Family.OnBlockDevice && Is(s.Object) &&
        LeftBefore(s, facts)?.Device == left.Device);
}
