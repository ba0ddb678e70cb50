using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// Firmware that a driver of the dump target names, that the machine has, and that the image lacks. Drivers name files for every device
/// they know, and most are for other hardware: if the machine lacks the file too, nothing is reported.
/// </summary>
public sealed class ImageFirmwareMissing : Rule
{
    public override string Id => "firmware-missing-in-image";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<FirmwareNeedUnmet>().Where(f => f.Wanted && f.InRoot == true).GroupBy(f => f.Module))
        {
            string[] files = group.Select(f => f.Firmware).Distinct().Order(StringComparer.Ordinal).ToArray();
            yield return new Finding(Id,
                $"firmware for {group.Key} is on the machine but not in the image: {ImageModuleDependency.Few(files)}", Severity.Error, 0.8,
                $"{group.Key} is a driver on the path to the dump target and names {(files.Length == 1 ? "this file" : "these files")}; " +
                    "without the one for this device its probe fails with -2 (ENOENT).")
            {
                Subject = group.Key,
                Evidence = group.Select(f => f.Source).Take(4).ToArray(),
                Fixes = [
                    .. DumpImage.Rebuild(
                        "Add the files to the image (dracut_args --install …), or build the image on the machine itself in hostonly mode")],
            };
        }
    }
}
