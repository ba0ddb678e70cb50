using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A driver failed because a firmware file is not in the initramfs. Many drivers request optional files: it is a finding only if
/// the device then failed.
/// </summary>
public sealed class FirmwareMissingInImage : Rule
{
    private const int Enoent = 2;

    public override string Id => "firmware-missing-in-image";

    public override Entry Entry => new("firmware-missing-in-image", "a driver failed because its firmware is not in the image")
    {
        Area = Area.Starting,
        Signature = ["… …: Direct firmware load for … failed with error -2"],
        Cause = "The image builder copies the firmware files that a module names, but only if they are installed at that time.",
        Fixes = [new("Install the firmware package and rebuild the image", "kdumpctl rebuild && kdumpctl restart")],
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
            yield return new Finding(Id, $"firmware {first.File} is {(capture ? "not in kdump.img" : "missing")}",
                capture || Matters(first.Driver) ? Severity.Error : Severity.Warning, capture ? 0.9 : 0.7,
                $"{first.Driver} requested it, did not get it, and could not start {first.Device}.")
            {
                Subject = first.File,
                Evidence = [first.Source, failed],
                Fixes = capture ? InImage(first.File) : OnMachine(first.File),
            };
        }
    }

    /// <summary>Sound, cameras and the like: nothing that a machine needs to start, or to save a dump.</summary>
    private static bool Matters(string driver) => SpeakerKinds.Find(driver)?.Least != Gravity.Grave;

    private static Fix[] InImage(string file) =>
    [
        new("Add the file to the image",
            $"kdumpctl rebuild   # after: dracut_args --install {ShellWord.Of($"/lib/firmware/{file}")} in /etc/kdump.conf"),
        new($"Debian, Ubuntu: check that the package with /lib/firmware/{file} is installed and rebuild the image",
            "rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
    ];

    private static Fix[] OnMachine(string file) =>
    [
        new("Install the package that brings the file (linux-firmware, sof-firmware, firmware-… of Debian), and build the initramfs " +
            "again", $"dnf provides {ShellWord.Of($"/lib/firmware/{file}")} || apt-file search {ShellWord.Of(file)}"),
        new("If this is a crash kernel: rebuild its image after it", "kdumpctl rebuild || kdump-config load"),
    ];
}
