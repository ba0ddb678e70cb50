using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A volume whose name tells that it is on a USB disk (by-id/usb-…, by-path/…-usb-…), and the device that left.</summary>
internal static class UsbDisk
{
    public static bool Is(string volume) => volume.Contains("/usb-", StringComparison.Ordinal) ||
        volume.Contains("-usb-", StringComparison.Ordinal);

    /// <summary>The one USB device that left shortly before and was not seen again.</summary>
    public static DeviceSaid? LeftBefore(FamilySeen trouble, Facts facts)
    {
        DeviceSaid[] left = [.. facts.Of<DeviceSaid>().Where(d => d.Family == Disks.UsbLeft && !d.Overcome && d.Boot == trouble.Boot &&
            d.Source.Input == trouble.Source.Input && d.Source.Order < trouble.Source.Order && IsSoon(d.Source, trouble.Source))];
        return left.DistinctBy(d => d.Device).Count() == 1 ? left[0] : null;
    }

    private static bool IsSoon(Source left, Source trouble) =>
        left.Time is not { } then || trouble.Time is not { } now || now - then <= Soon;

    /// <summary>Seconds until a pool writes to all its disks.</summary>
    private const double Soon = 300;

    /// <summary>True if a volume on it was in use: its errors came after it had left.</summary>
    public static bool IsMissed(DeviceSaid left, Facts facts) => facts.Of<FamilySeen>().Any(s => s.Family.OnBlockDevice && Is(s.Object) &&
        LeftBefore(s, facts)?.Device == left.Device);
}
