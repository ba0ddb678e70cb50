using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The modules in the image are for a different kernel than the one that will boot it: none of them loads.</summary>
public sealed class ImageKernelMismatch : Rule
{
    public override string Id => "image-kernel-mismatch";

    public override Entry Entry => new("image-kernel-mismatch", "the modules in the image are for a different kernel")
    {
        Area = Area.Image,
        Signature = ["lib/modules/… other than the kernel to boot"],
        Cause = "None of them loads.",
        Fixes = [new("Build the image for the kernel that will boot it")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var other in facts.Of<ModuleVermagicOther>().GroupBy(m => m.Release))
        {
            ModuleVermagicOther first = other.First();
            yield return new Finding(Id,
                $"{Counted.Of(other.Count(), "module")} of the image {(other.Count() == 1 ? "is" : "are")} not for kernel {other.Key}",
                Severity.Error, 0.95,
                "A module with another vermagic is refused: \"disagrees about version of symbol\" or \"version magic … should be …\".")
            {
                Subject = first.Module,
                Evidence = other.Take(4).Select(m => m.Source).ToArray(),
                Fixes = [new Fix($"Rebuild the image for {other.Key}", $"dracut --force --kver {other.Key}")],
            };
        }
        if (facts.Of<MachineKernel>() is not [var machine, ..] || facts.Of<ImageSummary>() is not [var image, ..] ||
            image.Releases.Count == 0)
            yield break;
        // Settings may name another kernel for the crash kernel.
        if (image.Releases.Contains(machine.Release) || facts.Of<KdumpSetting>().Any(s => s.Name is "KDUMP_KERNELVER" or "KDUMP_KERNEL" &&
            image.Releases.Any(r => s.Value == r || s.Value.EndsWith("-" + r, StringComparison.Ordinal))))
            yield break;
        string releases = string.Join(", ", image.Releases);
        bool named = image.Releases.Any(r => image.Image.Contains(r, StringComparison.Ordinal));
        yield return new Finding(Id, $"the image has modules for {releases}, but the machine runs {machine.Release}", named
            ? Severity.Warning : Severity.Error, named ? 0.6 : 0.9,
            named ? "The image's name has the same kernel version, so it is correct for that kernel and wrong for the running one."
                : "With the running kernel as crash kernel, no module of the image loads.")
        {
            Evidence = [machine.Source, image.Source],
            Fixes = [.. DumpImage.Rebuild($"Build the image for {machine.Release}, or set the intended kernel").Select(f => f with
            {
                Text = f.Text + (f.For == KdumpTools.Debian ? " (KDUMP_KERNEL and KDUMP_INITRD in /etc/default/kdump-tools)"
                    : " (KDUMP_KERNELVER in /etc/sysconfig/kdump)"),
            })],
        };
    }
}
