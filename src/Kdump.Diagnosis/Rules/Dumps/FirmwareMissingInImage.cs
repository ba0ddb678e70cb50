using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A driver gave up because a firmware file is not in the initramfs. Many drivers ask for files they can do without: only a device that
/// then failed makes it a finding.
/// </summary>
public sealed class FirmwareMissingInImage : Rule
{
    private const int Enoent = 2;

    public override string Id => "firmware-missing-in-image";

    public override Entry Entry => new("firmware-missing-in-image", "a driver gave up because its firmware is not in the image")
    {
        Area = Area.Starting,
        Signature = ["… …: Direct firmware load for … failed with error -2"],
        Cause = "Firmware files are data; what builds the image copies those that the module names, if they are installed at that moment.",
        Fixes = [new("Install the firmware package and build the image anew", "kdumpctl rebuild")],
        Origin = "drivers/base/firmware_loader/main.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var file in facts.Of<FirmwareMissing>().Where(f => f.MayBeCapture && f.Errno == Enoent)
            .GroupBy(f => f.File, StringComparer.Ordinal).Take(64))
        {
            FirmwareMissing first = file.First();
            Source? failed = facts.Of<ProbeFailed>().FirstOrDefault(p => p.Boot == first.Boot && p.Device == first.Device)?.Source
                ?? facts.Of<DriverError>().FirstOrDefault(e => e.Boot == first.Boot && e.Device == first.Device)?.Source;
            if (failed is null)
                continue;
            bool capture = first.Boot?.Capture == true;
            yield return new Finding(Id, $"firmware {first.File} is {(capture ? "not in kdump.img" : "missing")}", Severity.Error, capture
                ? 0.9 : 0.7,
                $"{first.Driver} asked for it, got nothing, and gave up on {first.Device}.")
            {
                Subject = first.File,
                Evidence = [first.Source, failed],
                Fixes =
                [
                    new Fix("Put the file into the image",
                        $"kdumpctl rebuild   # after: dracut_args --install /lib/firmware/{first.File} in /etc/kdump.conf"),
                    new Fix($"Debian, Ubuntu: check that the package with /lib/firmware/{first.File} is installed and build the image anew",
                        "rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
                ],
            };
        }
    }
}
