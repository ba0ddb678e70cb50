using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// A script's shell, or a program's dynamic linker, is not in the image: starting it says "not found" although the file is there.
/// </summary>
public sealed class ImageInterpreterMissing : Rule
{
    public override string Id => "interpreter-missing-in-image";

    public override Entry Entry => new("interpreter-missing-in-image", "a script's shell or a program's linker is not in the image")
    {
        Area = Area.Image,
        Signature = ["#! or PT_INTERP without a file"],
        Cause = "Starting it says \"not found\" although the file is there.",
        Fixes = [new("Install it into the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<InterpreterNeedUnmet>().GroupBy(n => n.Interpreter))
        {
            bool vital = group.Any(n => n.Vital);
            string[] programs = group.OrderByDescending(n => n.Vital).ThenBy(n => n.Program, StringComparer.Ordinal).Select(n => n.Program)
                .ToArray();
            yield return new Finding(Id,
                $"{group.Key} is not in the image, and {ImageModuleDependency.Few(programs)} " +
                $"{(programs.Length == 1 ? "needs" : "need")} it to run", vital ? Severity.Error : Severity.Info, 0.95,
                vital ? "The kernel returns ENOENT, and the shell prints \"not found\" although the file exists."
                    : "No step before the dump starts it.")
            {
                Subject = group.Key,
                Evidence = group.OrderByDescending(n => n.Vital).Select(n => n.Source).Take(4).ToArray(),
                Fixes = vital ? [.. DumpImage.Rebuild($"Put {group.Key} into the image, or write the script for /bin/sh")] : [],
            };
        }
    }
}
